// Tracking plans: what may come from a source at all.

import { kinds, rules as words } from "../words/rules";
import { ENABLED, NAME, NOTE, ON_MISFIT } from "./common";
import type { Kind } from "./kind";

const own = kinds.trackingPlans;

export const trackingPlans: Kind = {
  name: "tracking-plans", path: "/rules/tracking-plans", ...own.said,
  addresses: { all: "/api/tracking-plans", put: "/api/tracking-plans", one: (id) => `/api/tracking-plans/${id}` },
  logged: "tracking_plan", tried: "tracking_plans", typeOf: (rule) => (Array.isArray(rule.event_types) ? String(rule.event_types[0] ?? "") : ""),
  columns: [{ head: words.source, cell: (rule) => String(rule.id) }, { head: own.types, cell: (rule) => (Array.isArray(rule.event_types) ? String(rule.event_types.length) : "") }, { head: words.onMisfit, cell: (rule) => words.misfits[String(rule.on_misfit)] ?? String(rule.on_misfit) }],
  fields: [
    { at: "id", as: "source", label: words.source, required: true, fixed: true }, NAME, NOTE, ENABLED,
    { at: "event_types", as: "words", label: own.types, hint: own.typesHint, isByLine: true },
    { ...ON_MISFIT, label: own.others },
  ],
  blank: { id: "", name: "", description: "", enabled: true, event_types: [], on_misfit: "flag" },
};
