// Tables of currencies: what amounts are in one of them.

import { kinds } from "../words/rules";
import { ENABLED, NAME, NOTE } from "./common";
import type { Kind } from "./kind";

const own = kinds.currencies;

export const currencies: Kind = {
  name: "currencies", path: "/rules/currencies", ...own.said,
  addresses: { all: "/api/currency-tables", put: "/api/currency-tables", one: (id) => `/api/currency-tables/${id}` },
  logged: "currency_table", tried: "currency_tables", typeOf: () => "order",
  columns: [{ head: own.base, cell: (rule) => String(rule.base) }, { head: own.rates, cell: (rule) => Object.keys(rule.rates ?? {}).join(", ") }],
  fields: [
    NAME, NOTE, ENABLED,
    { at: "base", as: "text", label: own.base, hint: own.baseHint, required: true, placeholder: "EUR" },
    {
      at: "amounts", as: "rows", label: own.amounts, add: own.addAmount, one: own.amount, blank: { event_types: [], amount: "properties.total", currency: "properties.currency", into: "traits.total_base" },
      fields: [
        { at: "amount", as: "text", label: own.from, required: true, placeholder: "properties.total" },
        { at: "currency", as: "text", label: own.currency, required: true, placeholder: "properties.currency" },
        { at: "into", as: "text", label: own.into, required: true, placeholder: "traits.total_eur" },
        { at: "event_types", as: "words", label: own.types, hint: own.typesHint, isByLine: true },
      ],
    },
    { at: "rates", as: "json", label: own.rates, hint: own.ratesHint, lines: 10 },
  ],
  blank: {
    name: "", description: "", enabled: true, base: "EUR", amounts: [{ event_types: [], amount: "properties.total", currency: "properties.currency", into: "traits.total_base" }],
    rates: { USD: [{ since: "2026-01-01", rate: "0.92" }] },
  },
};
