// Functions: JavaScript for what templates cannot say, with tests of its own beside it.

import { kinds, rules as words } from "../words/rules";
import { ENABLED, NAME, NOTE, TAGS } from "./common";
import { type Kind, named } from "./kind";

const own = kinds.functions;

export const functions: Kind = {
  name: "functions", path: "/rules/functions", ...own.said,
  addresses: { all: "/api/functions", put: "/api/functions", one: (id) => `/api/functions/${id}` },
  logged: "function", tried: "functions", typeOf: (rule) => named(rule.event_type),
  columns: [{ head: words.type, cell: (rule) => named(rule.event_type) || words.all }, { head: words.order, cell: (rule) => String(rule.order ?? 0) }, { head: own.tests, cell: (rule) => (Array.isArray(rule.tests) ? String(rule.tests.length) : "") }],
  fields: [
    NAME, NOTE, { at: "event_type", as: "type", label: words.type, hint: words.emptyAll, nullable: true }, { at: "event_source", as: "source", label: words.source, nullable: true }, ENABLED,
    { at: "order", as: "number", label: words.order, hint: own.orderHint },
    { at: "condition", as: "text", label: words.condition, placeholder: 'event@properties.kind = "card"' },
    { at: "code", as: "area", label: own.code, hint: own.codeHint, lines: 14, required: true },
    {
      at: "tests", as: "rows", label: own.tests, add: own.addTest, one: own.test, blank: { name: "", event: { properties: {} }, expected: { properties: {} } },
      fields: [
        { at: "name", as: "text", label: words.name, required: true },
        { at: "event", as: "json", label: own.event, lines: 4 },
        { at: "expected", as: "json", label: own.expected, hint: own.expectedHint, any: true, lines: 4 },
      ],
    },
    TAGS,
  ],
  blank: { name: "", description: "", event_type: null, event_source: null, enabled: true, order: 0, condition: "", code: "function transform(event) {\n  return event;\n}\n", tests: [], tags: [] },
};
