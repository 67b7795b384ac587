// Fields of people that conditions may name, to be suggested: what is computed, consents that there are, and what many have.

import { api, held } from "../api/client";
import { useAsked } from "./asked";

const USUAL = ["traits.", "data.contact.email.main", "data.pii.firstname", "segments", "metadata.time.visit.count", "interests."];

export function useTraits(): string[] {
  const asked = useAsked(["computed"], async (signal) => (await held(api.GET("/api/computed-traits", { signal }))).result);
  return [...(asked.data?.value ?? []).map(({ id }) => `computed.${id}`), ...USUAL];
}
