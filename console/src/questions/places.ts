// Values of a document by their places: `config.condition`, `settings.0.action`. Free of React.

import { Exact, isSame, write } from "../api/json";

export type Json = null | boolean | number | Exact | string | readonly Json[] | { readonly [key: string]: Json };
export type Document = { readonly [key: string]: Json };

export const isNest = (value: unknown): value is Document | readonly Json[] => typeof value === "object" && value !== null && !(value instanceof Exact);

/** What stands at a place; nothing where there is no such place. */
export function get(document: Json | undefined, place: string): Json | undefined {
  return place.split(".").reduce<Json | undefined>((value, key) => (isNest(value) ? (value as Document)[key] : undefined), document);
}

/** The same document with this value there. */
export function put(document: Json | undefined, place: string, value: Json): Document {
  const [key = "", ...rest] = place.split(".");
  const before = isNest(document) ? document : {};
  const inner = rest.length === 0 ? value : put((before as Document)[key], rest.join("."), value);
  if (Array.isArray(before)) return before.map((one: Json, at) => (String(at) === key ? inner : one)) as unknown as Document;
  return { ...(before as Document), [key]: inner };
}

/** Every value at the end of a way, by its place. What is empty is as if it were not there. */
export function leaves(value: Json | undefined, place = ""): [string, Json][] {
  if (value === undefined || value === null) return [];
  if (!isNest(value)) return value === "" ? [] : [[place, value]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, place ? `${place}.${key}` : key));
}

export type Difference = { place: string; before: Json; after: Json };

/** Where two documents are not the same, sorted by place. */
export function differences(before: Json | undefined, after: Json | undefined): Difference[] {
  const [was, is] = [new Map(leaves(before)), new Map(leaves(after))];
  const places = [...new Set([...was.keys(), ...is.keys()])].sort();
  return places.map((place) => ({ place, before: was.get(place) ?? null, after: is.get(place) ?? null })).filter((one) => !isSame(one.before, one.after));
}

/** A value in a cell. */
export const cell = (value: unknown): string => (typeof value === "string" ? value : write(value));
