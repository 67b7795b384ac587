// Validators: what events of a type must look like.

import { kinds, rules as words } from "../words/rules";
import { ENABLED, NAME, NOTE, ON_MISFIT, TAGS, TYPE } from "./common";
import { DraftSchema } from "./draft-schema";
import { type Kind, named } from "./kind";

const own = kinds.validators;

export const validators: Kind = {
  name: "validators", path: "/rules/validators", ...own.said,
  addresses: { all: "/event-validators", put: "/event-validator", one: (id) => `/event-validator/${id}` },
  logged: "validator", tried: "validators", typeOf: (rule) => named(rule.event_type), aside: DraftSchema,
  columns: [{ head: words.type, cell: (rule) => named(rule.event_type) }, { head: words.source, cell: (rule) => named(rule.event_source) || words.all }, { head: words.onMisfit, cell: (rule) => words.misfits[String(rule.on_misfit)] ?? String(rule.on_misfit) }],
  fields: [
    NAME, NOTE, TYPE, { at: "event_source", as: "source", label: words.source, nullable: true }, ENABLED, ON_MISFIT,
    { at: "validation.condition", as: "text", label: words.condition, placeholder: 'event@properties.kind = "card"' },
    { at: "validation.json_schema", as: "json", label: own.schema, hint: own.schemaHint },
    TAGS,
  ],
  begun: ({ type, source }) => ({ name: type, event_type: type, event_source: source || null }),
  blank: {
    name: "", description: "", event_type: "", event_source: null, enabled: true, on_misfit: "flag", tags: [],
    validation: { condition: "", json_schema: { "event@properties": { type: "object", required: ["id"], properties: { id: { type: "string" } } } } },
  },
};
