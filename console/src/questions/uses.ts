// Who names something: a condition that speaks of it, a rule about its events. Free of React.

import { type Json, leaves } from "./places";

/** Everything that may name something, by its kind. */
export type Known = Readonly<Record<string, readonly Json[]>>;
export type Use = { kind: string; id: string; name: string };

/** How something of a kind is named in the words of a condition; and at which places it stands by itself. */
type Named = { inWords: (id: string) => RegExp | null; at: RegExp | null };

const plain = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
/** A field of somebody, and nothing that only begins like it. */
const field = (path: string) => new RegExp(`profile@${path}(?![\\w-])`);
/** An id in quotes of either kind, behind these words. */
const inQuotes = (words: string, id: string) => new RegExp(`${words}\\s*(["'])${plain(id)}\\1`, "i");
/** What stands before the type of an event: somebody did it, or it followed. */
const HAPPENED = "\\b(?:DID|THEN)(?:\\s+(?:NOT|FIRST|LAST|WITHIN\\s+\\S+))*";

const NAMED: Readonly<Record<string, Named>> = {
  audiences: { inWords: (id) => inQuotes("IN AUDIENCE", id), at: null },
  "computed-traits": { inWords: (id) => field(`computed\\.${plain(id)}`), at: null },
  "consent-types": { inWords: (id) => field(`consents\\.${plain(id)}`), at: /^settings\.\d+\.consents\.\d+(\.id)?$/ },
  "event-types": { inWords: (id) => inQuotes(HAPPENED, id), at: /^(event_type(\.id)?|event_types\.\d+)$/ },
};

/** Whatever names this one, in the order of `known`; not itself. */
export function uses(kind: string, id: string, known: Known): Use[] {
  const named = NAMED[kind];
  if (!named) return [];
  const words = named.inWords(id);
  const names = (one: Json) => leaves(one).some(([place, value]) => typeof value === "string" && ((named.at?.test(place) && value === id) || (words?.test(value) ?? false)));
  return Object.entries(known).flatMap(([own, all]) => all.filter((one) => !(own === kind && of(one).id === id) && names(one)).map((one) => ({ kind: own, ...of(one) })));
}

function of(one: Json): { id: string; name: string } {
  const { id = "", name = "" } = one as { id?: string; name?: string };
  return { id, name: name || id };
}
