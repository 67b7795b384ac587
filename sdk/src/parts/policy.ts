// What the page wants of each event before it goes: whether, with what, and without what.
import type { Properties } from "../types.js";
import { LOST } from "../losses.js";
import type { Lent } from "../parts.js";
import type { Permission, Words } from "../permission.js";
import { readCookie } from "../cookies.js";
import { possibly } from "../guard.js";
import { json } from "../json.js";

export interface Policy {
  /** Whether it may go, as far as its category is concerned. */
  permits(type: string, category: string | undefined): Permission;
  /** The event as it goes; empty where the page does not want it. */
  finish(event: string): string;
}

/** What the visitor had said to each category when that was remembered apart. */
export const CATEGORIES = "kith-categories";

/** The script's own types belong to no category: what was said has to arrive, and what was lost. */
const OWN = /^(consent-update|events-lost)$/;

export function createPolicy({ setup, kept, words }: Pick<Lent, "setup" | "kept" | "words">): Policy {
  const { beforeSend, categories = {}, context = {}, maskQuery = [] } = setup;
  const masks = maskQuery.map(maskOf);
  /** Read each time: a refusal takes it away. */
  const before = () => possibly((): Words => JSON.parse(kept.read(CATEGORIES)!));

  function categoryOf(type: string): string | undefined {
    const is = (mark: string) => (mark.endsWith("*") ? type.startsWith(mark.slice(0, -1)) : type === mark);
    return Object.keys(categories).find((name) => !OWN.test(type) && categories[name]!.some(is));
  }

  function permits(type: string, given: string | undefined): Permission {
    const category = given ?? categoryOf(type);
    const answer = category === undefined || { ...before(), ...words() }[category];
    return answer === undefined ? "wait" : answer === true ? "yes" : "no";
  }

  function more(event: Properties): void {
    const about = event["context"] as Properties;
    if (context.performance) about["performance"] ??= performance.getEntriesByType("navigation")[0];
    const ga = context.ga && readCookie("_ga");
    if (ga) about["ga"] ??= ga;
  }

  /** What would not have been sent is not lost: nothing of a category goes that the visitor has not agreed to. */
  function isOfNothing(event: Properties): boolean {
    const types = event["type"] === LOST && ((event["properties"] as Properties)["types"] as Properties);
    for (const type in types || {}) if (permits(type, undefined) !== "yes") delete (types as Properties)[type];
    return !!types && !Object.keys(types).length;
  }

  function finish(text: string): string {
    const event = JSON.parse(text) as Properties;
    if (isOfNothing(event)) return "";
    more(event);
    const seen = beforeSend ? beforeSend(event) : event;
    return masks.reduce((all, mask) => all.replace(mask, "$1***"), (seen && json(seen)) || "");
  }

  return { permits, finish };
}

/**
 * Finds this key of a query with its value. An address may stand in the query of another, and an address
 * within that: so each sign of the key, and those around it, may be encoded, and their percent signs again. A
 * value ends with the outermost one, which is too much rather than too little.
 */
function maskOf(key: string): RegExp {
  const signs = [...key].map((sign) => `(?:${sign.replace(/\W/, "\\$&")}|${encoded(sign)})`);
  return new RegExp(`((?:[?&#;]|${ENCODED}(?:3f|26|23|3b))${signs.join("")}(?:=|${ENCODED}3d))[^&#"\\\\\\s]*`, "gi");
}

const ENCODED = "%(?:25)*";

const encoded = (sign: string): string =>
  Array.from(new TextEncoder().encode(sign), (byte) => ENCODED + (byte + 256).toString(16).slice(1)).join("");
