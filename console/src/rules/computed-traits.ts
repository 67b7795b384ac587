// Computed traits: what is worked out of what people did.

import { kinds, rules as words } from "../words/rules";
import { NOTE } from "./common";
import { type Kind, named } from "./kind";

const own = kinds.computedTraits;

export const computedTraits: Kind = {
  name: "computed-traits", path: "/computed-traits", ...own.said,
  addresses: { all: "/api/computed-traits", put: "/api/computed-traits", one: (id) => `/api/computed-traits/${id}` },
  logged: "computed_trait",
  columns: [
    { head: own.function, cell: (rule) => [own.functions[String(rule.function)] ?? rule.function, rule.of].filter(Boolean).join(" · ") },
    { head: words.type, cell: (rule) => named(rule.event_type) },
    { head: own.span, cell: (rule) => (rule.within ? own.lately(String(rule.within)) : rule.since ? own.from(String(rule.since).slice(0, 10)) : own.ever) },
  ],
  fields: [
    { at: "id", as: "text", label: own.id, hint: own.idHint, required: true, fixed: true }, NOTE,
    { at: "function", as: "select", label: own.function, options: Object.entries(own.functions) },
    { at: "event_type", as: "type", label: words.type, hint: own.typeHint, nullable: true },
    { at: "of", as: "text", label: own.of, hint: own.ofHint, placeholder: "properties.total", nullable: true },
    { at: "where", as: "text", label: words.condition, placeholder: "event@properties.paid = true", nullable: true },
    { at: "within", as: "text", label: own.within, hint: own.withinHint, placeholder: "30d", nullable: true },
    { at: "since", as: "text", label: own.since, hint: own.sinceHint, placeholder: "2026-01-01T00:00:00Z", nullable: true },
    { at: "half_life", as: "text", label: own.halfLife, hint: own.halfLifeHint, placeholder: "14d", nullable: true },
    { at: "marks", as: "json", label: own.marks, hint: own.marksHint, any: true, lines: 3 },
    { at: "formula", as: "text", label: own.formula, hint: own.formulaHint, placeholder: "computed.spent / max(computed.orders, 1)", nullable: true },
  ],
  blank: { id: "", description: "", function: "count", event_type: null, of: null, where: null, within: null, since: null, half_life: null, marks: null, formula: null },
};
