// What was tried: events before and after beside each other. Free of React.

import { type Document, isNest, type Json } from "./places";

type Typed = { type: string };

/** Each event with the one that it has become: of the same type, in the same order. What has no other stands alone. */
export function paired<T extends Typed>(before: readonly T[], after: readonly T[]): [T | null, T | null][] {
  const left = [...after];
  const pairs = before.map((one): [T | null, T | null] => {
    const at = left.findIndex((other) => other.type === one.type);
    return [one, at < 0 ? null : (left.splice(at, 1)[0] ?? null)];
  });
  return [...pairs, ...left.map((one): [T | null, T | null] => [null, one])];
}

/** The people of a payload, each by the rules of now and with the draft: a rule leaves them as many, in their order. One of nothing where there is nobody. */
export function besides<T>(now: readonly T[], then: readonly T[]): { now: T | undefined; then: T | undefined }[] {
  return Array.from({ length: Math.max(1, now.length, then.length) }, (_, at) => ({ now: now[at], then: then[at] }));
}

/** The same document with other ids in the place of those that were drawn anew. */
export function renamed(value: Json, names: ReadonlyMap<string, string>): Json {
  if (typeof value === "string") return names.get(value) ?? value;
  if (!isNest(value)) return value;
  if (Array.isArray(value)) return value.map((one: Json) => renamed(one, names));
  return Object.fromEntries(Object.entries(value as Document).map(([key, one]) => [key, renamed(one, names)]));
}

/** What each event of then would be called had the same been drawn as now. */
export const drawnAnew = <T extends { id: string }>(pairs: readonly (readonly [T | null, T | null])[]): Map<string, string> => new Map(pairs.flatMap(([before, after]) => (before && after ? [[after.id, before.id] as const] : [])));
