// A condition about people as a tree of parts, for a builder. Free of React.

import type { Condition } from "./conditions";

export type Group = { kind: "group"; not: boolean; joined: "AND" | "OR"; parts: Part[] };
/** How often somebody did something, and when. */
export type Did = { kind: "did"; not: boolean; type: string; which: Which; where: string; /** What holds of the first or the last. */ with: string; then: readonly Step[]; times: Times; many: number; when: When; within: string; from: string; to: string };
/** What followed, or did not. */
export type Step = { not: boolean; within: string; type: string; where: string };
export type Inside = { kind: "inside"; not: boolean; of: "AUDIENCE" | "LIST"; id: string };
/** A field of the profile. */
export type Held = { kind: "field"; not: boolean } & Condition;
export type Words = { kind: "text"; not: boolean; text: string };
export type Part = Group | Did | Inside | Held | Words;

export type Times = "" | "AT LEAST" | "AT MOST" | "EXACTLY";
export type Which = "" | "FIRST" | "LAST";
export type When = "ever" | "within" | "between";

export const NEW_DID: Did = { kind: "did", not: false, type: "", which: "", where: "", with: "", then: [], times: "", many: 2, when: "ever", within: "30d", from: "", to: "" };
export const NEW_STEP: Step = { not: false, within: "", type: "", where: "" };
export const NEW: { [K in Part["kind"]]: Extract<Part, { kind: K }> } = {
  did: NEW_DID,
  field: { kind: "field", not: false, field: "", is: "=", value: "" },
  inside: { kind: "inside", not: false, of: "AUDIENCE", id: "" },
  group: { kind: "group", not: false, joined: "OR", parts: [NEW_DID] },
  text: { kind: "text", not: false, text: "" },
};
