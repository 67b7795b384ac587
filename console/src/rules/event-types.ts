// Event types: what a company says of them, over what Kith does by itself.

import { kinds, rules as words } from "../words/rules";
import { BuiltIn } from "./built-in";
import { ENABLED, NAME, NOTE, TAGS } from "./common";
import { type Kind, named } from "./kind";

const own = kinds.eventTypes;

export const eventTypes: Kind = {
  name: "event-types", path: "/rules/event-types", ...own.said,
  addresses: { all: "/event-type/search/mappings", put: "/event-type/mapping", one: (id) => `/event-type/mapping/${id}` },
  logged: "event_type", tried: "event_types", typeOf: (rule) => named(rule.event_type), aside: BuiltIn,
  columns: [{ head: words.type, cell: (rule) => named(rule.event_type) }, { head: own.journey, cell: (rule) => named(rule.journey) }],
  fields: [
    { at: "event_type", as: "type", label: words.type, required: true, fixed: true }, NAME, NOTE, ENABLED, TAGS,
    { at: "journey", as: "text", label: own.journey, hint: own.journeyHint, nullable: true },
    { at: "index_schema", as: "pairs", label: own.copied, hint: own.copiedHint, heads: [own.to, own.from] },
    { at: "built_in", as: "check", label: own.builtIn },
    { at: "retention_days", as: "number", label: own.retention, hint: own.retentionHint, min: 0 },
  ],
  blank: { event_type: "", name: "", description: "", enabled: true, tags: [], journey: null, index_schema: {}, built_in: true, retention_days: 0 },
};
