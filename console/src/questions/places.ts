// Values of a document by their places: `config.condition`, `settings.0.action`. Free of React.

import { Exact, isSame, write } from "../api/json";

export type Json = null | boolean | number | Exact | string | readonly Json[] | { readonly [key: string]: Json };
export type Document = { readonly [key: string]: Json };

export const isNest = (value: unknown): value is Document | readonly Json[] => typeof value === "object" && value !== null && !(value instanceof Exact);

/** The keys of a place, also of those that are no words: `properties["a b"].c`. */
function steps(place: string): string[] {
  const found = [...place.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|[^.[\]]+/g)];
  return found.map(([plain, quoted, at]) => quoted?.replace(/\\(.)/g, "$1") ?? at ?? plain);
}

/** A place below another, as it is written: what holds a dot is one key all the same. */
function below(place: string, key: string): string {
  if (!/^[^.[\]"]+$/.test(key)) return `${place}[${write(key)}]`;
  return place ? `${place}.${key}` : key;
}

/** What stands at a place; nothing where there is no such place. */
export function get(document: Json | undefined, place: string): Json | undefined {
  return steps(place).reduce<Json | undefined>((value, key) => (isNest(value) ? (value as Document)[key] : undefined), document);
}

/** The same document with this value there. */
export function put(document: Json | undefined, place: string, value: Json): Document {
  const [key = "", ...rest] = place.split(".");
  const before = isNest(document) ? document : {};
  const inner = rest.length === 0 ? value : put((before as Document)[key], rest.join("."), value);
  if (Array.isArray(before)) return before.map((one: Json, at) => (String(at) === key ? inner : one)) as unknown as Document;
  return { ...(before as Document), [key]: inner };
}

/** Every value at the end of a way, by its place. What is empty is as if it were not there, unless all is meant. */
export function leaves(value: Json | undefined, place = "", isAll = false): [string, Json][] {
  if (value === undefined || (!isAll && (value === null || value === ""))) return [];
  if (!isNest(value) || (isAll && place && Object.keys(value).length === 0)) return [[place, value]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, below(place, key), isAll));
}

/** A value is missing where there is none. */
export type Difference = { place: string; before: Json | undefined; after: Json | undefined };

/** Where two documents are not the same, sorted by place; `isAll`: also where the one has something that is empty. */
export function differences(before: Json | undefined, after: Json | undefined, isAll = false): Difference[] {
  const [was, is] = [new Map(leaves(before, "", isAll)), new Map(leaves(after, "", isAll))];
  const places = [...new Set([...was.keys(), ...is.keys()])].sort();
  return places.map((place) => ({ place, before: was.get(place), after: is.get(place) })).filter((one) => !isSame(one.before, one.after));
}

/** A value in a cell. */
export const cell = (value: unknown): string => (typeof value === "string" ? value : write(value));
