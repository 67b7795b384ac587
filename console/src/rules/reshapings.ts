// Reshapings: events as they should have been sent, by renaming, templates and splitting.

import { kinds, rules as words } from "../words/rules";
import { ENABLED, NAME, NOTE, TAGS, TYPE } from "./common";
import { type Kind, named } from "./kind";

const own = kinds.reshapings;

export const reshapings: Kind = {
  name: "reshapings", path: "/rules/reshapings", ...own.said,
  addresses: { all: "/event-reshape-schemas", put: "/event-reshape-schema", one: (id) => `/event-reshape-schema/${id}` },
  logged: "reshaping", tried: "reshapings", typeOf: (rule) => named(rule.event_type),
  columns: [{ head: words.type, cell: (rule) => named(rule.event_type) }, { head: words.source, cell: (rule) => named(rule.event_source) || words.all }, { head: words.order, cell: (rule) => String(rule.order ?? 0) }],
  fields: [
    NAME, NOTE, TYPE, { at: "event_source", as: "source", label: words.source, nullable: true }, ENABLED,
    { at: "order", as: "number", label: words.order, hint: own.orderHint },
    { at: "reshaping", as: "json", label: own.rules, hint: own.rulesHint, lines: 16 },
    TAGS,
  ],
  blank: {
    name: "", description: "", event_type: "", event_source: null, enabled: true, order: 0, tags: [],
    reshaping: { condition: "", rename: [{ from: "event@properties.old", to: "event@properties.new" }], reshape_schema: {}, mapping: {} },
  },
};
