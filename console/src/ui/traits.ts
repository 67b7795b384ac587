// Fields of people that conditions may name, to be suggested: what is computed, and what many have.

import { useRules } from "../rules/asked";
import { computedTraits } from "../rules/computed-traits";

const USUAL = ["traits.", "data.contact.email.main", "data.pii.firstname", "segments", "metadata.time.visit.count", "interests."];

export function useTraits(): string[] {
  return [...(useRules(computedTraits).data?.value ?? []).map(({ id }) => `computed.${id}`), ...USUAL];
}
