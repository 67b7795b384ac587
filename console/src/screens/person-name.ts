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

export function lastVisit(profile: Profile, zone: string): string {
  const { last } = profile.metadata.time.visit as { last?: string | null };
  return last ? shown(last, zone, "minute") : "";
}
