// Rules as screens ask for them and store them, whatever kind they are of.

import { raw, type Reading } from "../api/client";
import { answered, write } from "../api/json";
import { basedOn, tagOf } from "../api/tags";
import type { Document } from "../questions/places";
import { useAsked } from "../ui/asked";
import { type Kind, named } from "./kind";

export const RULES = "rules";
const RULE = "rule";
/** Whatever is asked anew once a rule is gone. */
export const DEPENDS = [RULES, "versions", "uses"];
/** The same once it has changed: then it is there to be asked for. */
export const CHANGED = [RULE, ...DEPENDS];

async function all(kind: Kind, signal: AbortSignal): Promise<Document[]> {
  const { result } = (await answered(await raw(kind.addresses.all, { signal }))) as { result: Document[] };
  return result.some((rule) => "order" in rule) ? result.sort(inTurn) : result;
}

/** Those of a type are beside each other, in the order in which they are applied. */
const inTurn = (one: Document, other: Document) =>
  named(one.event_type).localeCompare(named(other.event_type)) || Number(one.order) - Number(other.order) || String(one.id).localeCompare(String(other.id));

/** All rules of a kind; again and again while one of them is not yet what it is going to be. */
export const useRules = (kind: Kind) => useAsked([RULES, kind.name], (signal) => all(kind, signal), { refetchWarming: (rules) => rules.some((one) => one.state === "warming") });

/** One rule, whole and as of one version. */
export async function one(kind: Kind, id: string, signal: AbortSignal): Promise<Reading<Document>> {
  const answer = await raw(kind.addresses.one(encodeURIComponent(id)), { signal });
  const document = (await answered(answer)) as Document;
  return { document, tag: tagOf(answer, document) };
}

/** How a rule stands at this moment. */
export const useRule = (kind: Kind, id: string) => useAsked([RULE, kind.name, id], async (signal) => (await one(kind, id, signal)).document, { refetchWarming: (rule) => rule.state === "warming" });

/** Stores a rule, unless it is another than it was when it was read; its id, and its version from now on. */
export async function store(kind: Kind, rule: Document, tag: string | undefined): Promise<{ id: string; tag: string }> {
  const answer = await raw(kind.addresses.put, { method: "POST", body: write(rule), headers: basedOn(tag) });
  const { ids } = (await answered(answer)) as { ids: string[] };
  return { id: ids[0] ?? "", tag: tagOf(answer) };
}

export const remove = (kind: Kind, id: string) => raw(kind.addresses.one(encodeURIComponent(id)), { method: "DELETE" });
