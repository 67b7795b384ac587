// Mappings: what events of a type write into the profile.

import { kinds, rules as words } from "../words/rules";
import { ENABLED, NAME, NOTE, TAGS, TYPE } from "./common";
import { type Kind, named } from "./kind";

const own = kinds.mappings;

export const mappings: Kind = {
  name: "mappings", path: "/rules/mappings", ...own.said,
  addresses: { all: "/events-to-profiles", put: "/event-to-profile", one: (id) => `/event-to-profile/${id}` },
  logged: "event_to_profile", tried: "event_to_profile", typeOf: (rule) => named(rule.event_type),
  columns: [{ head: words.type, cell: (rule) => named(rule.event_type) }, { head: words.order, cell: (rule) => String(rule.order ?? 0) }],
  fields: [
    NAME, NOTE, TYPE, ENABLED,
    { at: "order", as: "number", label: words.order, hint: own.orderHint },
    { at: "config.condition", as: "text", label: words.condition, placeholder: 'event@properties.value > 10 AND profile@traits.plan = "pro"' },
    {
      at: "event_to_profile", as: "rows", label: own.changes, add: own.addChange, one: own.change, blank: { event: { value: "event@properties.", ref: true }, op: "set", profile: { value: "profile@traits." } },
      fields: [
        { at: "event", as: "said", label: own.from, isPlace: own.isPlace, hintOfValue: own.valueHint, placeholder: "event@properties.value" },
        { at: "op", as: "select", label: own.op, options: Object.entries(own.ops) },
        { at: "profile.value", as: "text", label: own.to, required: true, placeholder: "profile@traits.spent" },
      ],
    },
    TAGS,
  ],
  blank: { name: "", description: "", event_type: "", enabled: true, order: 0, config: { condition: "" }, event_to_profile: [{ event: { value: "event@properties.", ref: true }, op: "set", profile: { value: "profile@traits." } }], tags: [] },
};
