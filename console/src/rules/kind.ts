// What a screen of rules must know of a kind: where it is kept, how it is shown, what its form asks. A new kind is one file beside this, and a line in `kinds.ts`.

import type { ComponentType } from "react";

import { type Document, get, isNest, type Json, put } from "../questions/places";

type Asked = {
  /** Its place in the document that is posted. */
  at: string;
  label: string;
  hint?: string;
  required?: boolean;
  placeholder?: string;
  /** Whoever opens the form fills it in first. */
  autoFocus?: boolean;
};

/** One field of a form. */
export type Field = Asked & (
  | { as: "text"; /** What is empty is null. */ nullable?: boolean; /** Stays as it was once it is stored. */ fixed?: boolean }
  | { as: "area"; nullable?: boolean; lines?: number }
  | { as: "number"; min?: number }
  | { as: "check" }
  | { as: "select"; options: readonly (readonly [string, string])[]; /** What is empty is null. */ nullable?: boolean }
  /** Of which events; those that were seen are suggested. */
  | { as: "type"; nullable?: boolean; fixed?: boolean }
  | { as: "source"; nullable?: boolean; fixed?: boolean }
  /** A list of texts. */
  | { as: "words"; /** Each may hold commas: one a line, and nothing else between. */ isByLine?: boolean }
  /** A value by a name, both texts. */
  | { as: "pairs"; heads: readonly [string, string] }
  /** A place, or a value that the rule says itself: `{"value", "ref"}`. */
  | { as: "said"; isPlace: string; hintOfValue: string }
  | { as: "json"; lines?: number; /** Not only a document, but any value. */ any?: boolean }
  /** A list of documents, each with fields of its own. */
  | { as: "rows"; add: string; one: (at: number) => string; blank: Document; fields: readonly Field[] }
);

export type Column = { head: string; cell: (rule: Document) => string };

export type Kind = {
  name: string;
  /** The screen of all of them. */
  path: string;
  title: string;
  about: string;
  add: string;
  none: string;
  noneHint: string;
  addresses: { all: string; put: string; one: (id: string) => string };
  /** What the audit log calls it. */
  logged: string;
  /** Its list among the rules that are tried on a payload; none where it is not tried. */
  tried?: string;
  /** Of which type an event is that it may be tried on. */
  typeOf?: (rule: Document) => string;
  columns: readonly Column[];
  fields: readonly Field[];
  /** What is filled in already where a new one begins. */
  blank: Document;
  /** What a new one is of, where somebody comes from what was seen. */
  begun?: (of: { type: string; source: string }) => Document;
  /** What stands beside the form of one. */
  aside?: ComponentType<{ rule: Document; /** Puts another draft into the form. */ onDraft: (rule: Document) => void }>;
};

/** What answers have and nobody posts. */
const ANSWERED = ["version", "created", "changed", "owner", "state", "progress"];

/** What is posted to store the same again. */
export function posted(fields: readonly Field[], answered: Document): Document {
  return plain(fields, Object.fromEntries(Object.entries(answered).filter(([key]) => !ANSWERED.includes(key))));
}

/** Fields that name something else say its id where answers say `{"id", "name"}`. What looks like it elsewhere is the rule's own. */
function plain(fields: readonly Field[], document: Document): Document {
  return fields.reduce((all, field) => {
    const value = get(all, field.at);
    return value === undefined ? all : put(all, field.at, bare(field, value));
  }, document);
}

function bare(field: Field, value: Json): Json {
  const id = (one: Json) => (isNest(one) ? named(one) : one);
  if (field.as === "type" || field.as === "source") return id(value);
  if (!Array.isArray(value)) return value;
  if (field.as === "words") return value.map(id);
  return field.as === "rows" ? value.map((row) => plain(field.fields, row as Document)) : value;
}

/** The id of what is named. */
export const named = (value: Json | undefined): string => (typeof value === "string" ? value : isNest(value) ? String((value as Document).id ?? "") : "");
