// A value as JSON, to be typed: what cannot be read is not taken.

import { useEffect, useRef } from "react";

import { parse } from "../api/json";
import { type Document, isNest, type Json } from "../questions/places";
import { rules as words } from "../words/rules";
import { Area, json } from "./basics";
import { useKept } from "./edited";

type Props = { /** Where it waits as it was typed when the session ends by itself. */ at?: string; label: string; hint?: string | undefined; value: Json; rows?: number | undefined } & ({ isAny?: false | undefined; onChange: (value: Document) => void } | { /** Not only a document, but any value. */ isAny: boolean | undefined; onChange: (value: Json) => void });

/** Keeps the form around it from being sent while it is no JSON. */
export function JsonArea({ at, label, hint, value, rows = 8, isAny = false, onChange }: Props) {
  const [text, setText] = useKept(at, () => json(value));
  const place = useRef<HTMLDivElement>(null);
  const wrong = read(text, isAny) === undefined ? (isAny ? words.badJson : words.badObject) : "";
  useEffect(() => place.current?.querySelector("textarea")?.setCustomValidity(wrong), [wrong]);
  const typed = (next: string) => {
    setText(next);
    const found = read(next, isAny);
    if (found !== undefined) onChange(found as Document);
  };
  return <div ref={place}><Area label={label} hint={wrong || (hint ?? "")} rows={rows} value={text} aria-invalid={wrong !== ""} onChange={(event) => typed(event.target.value)} /></div>;
}

/** What the text says; nothing where it is no JSON, or none of what is wanted. */
function read(text: string, isAny: boolean): Json | undefined {
  try {
    const value = parse(text) as Json;
    return isAny || (isNest(value) && !Array.isArray(value)) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Says so where something that stands in these is no JSON, and was not taken: what is behind it is of before. */
export function isRefused(place: ParentNode | null): boolean {
  const broken = [...(place?.querySelectorAll("textarea") ?? [])].find(({ validity }) => validity.customError);
  broken?.reportValidity();
  return broken !== undefined;
}
