// What a person is called, and what else a line about them says.

import type { Schemas } from "../api/client";
import { shown } from "../time/zone";

type Profile = Schemas["ProfileDocument"];
type Data = { pii?: { firstname?: string; lastname?: string }; contact?: { email?: { main?: string } } };

/** A name, an address, or the id. */
export function called(profile: Profile): string {
  const { pii } = profile.data as Data;
  return [pii?.firstname, pii?.lastname].filter(Boolean).join(" ") || email(profile) || profile.id;
}

export const email = (profile: Profile): string => (profile.data as Data).contact?.email?.main ?? "";

/** How often they came, and when their last visit began: `last` is the one before that. */
export function visits(profile: Profile): { count: number; last: string | null } {
  const { count, current, last } = profile.metadata.time.visit as { count?: number; current?: string | null; last?: string | null };
  return { count: count ?? 0, last: current ?? last ?? null };
}

export function lastVisit(profile: Profile, zone: string): string {
  const { last } = visits(profile);
  return last ? shown(last, zone, "minute") : "";
}
