// Privacy: fields that are kept only with a consent.

import { kinds, rules as words } from "../words/rules";
import { ENABLED, NAME, NOTE, TAGS } from "./common";
import { type Kind, named } from "./kind";

const own = kinds.privacy;

export const privacy: Kind = {
  name: "privacy", path: "/rules/privacy", ...own.said,
  addresses: { all: "/consent/compliance/fields", put: "/consent/compliance/field", one: (id) => `/consent/compliance/field/${id}` },
  logged: "compliance", tried: "compliance", typeOf: (rule) => named(rule.event_type),
  columns: [{ head: words.type, cell: (rule) => named(rule.event_type) || words.all }, { head: own.fields, cell: (rule) => (Array.isArray(rule.settings) ? String(rule.settings.length) : "") }],
  fields: [
    NAME, NOTE, { at: "event_type", as: "type", label: words.type, hint: own.typeHint, nullable: true }, ENABLED,
    {
      at: "settings", as: "rows", label: own.fields, add: own.addField, one: own.field, blank: { action: "remove", field: { value: "event@properties." }, consents: [], purposes: [] },
      fields: [
        { at: "field.value", as: "text", label: own.place, required: true, placeholder: "event@properties.email" },
        { at: "action", as: "select", label: own.action, options: Object.entries(own.actions) },
        { at: "consents", as: "words", label: own.consents, hint: words.listHint },
        { at: "purposes", as: "words", label: own.purposes, hint: words.listHint },
      ],
    },
    TAGS,
  ],
  blank: { name: "", description: "", event_type: null, enabled: true, settings: [{ action: "remove", field: { value: "event@properties." }, consents: [], purposes: [] }], tags: [] },
};
