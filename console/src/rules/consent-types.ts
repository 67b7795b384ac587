// Consent types: what people may agree to.

import { kinds, rules as words } from "../words/rules";
import { ENABLED, NAME, NOTE, TAGS } from "./common";
import type { Kind } from "./kind";

const own = kinds.consentTypes;

export const consentTypes: Kind = {
  name: "consent-types", path: "/rules/consent-types", ...own.said,
  addresses: { all: "/consents/type", put: "/consent/type", one: (id) => `/consent/type/${id}` },
  logged: "consent_type", tried: "consent_types",
  columns: [{ head: words.id, cell: (rule) => String(rule.id) }, { head: own.holds, cell: (rule) => String(rule.auto_revoke || own.forever) }],
  fields: [
    NAME, { at: "id", as: "text", label: words.id, hint: own.idHint, fixed: true }, NOTE, ENABLED,
    { at: "default_value", as: "select", label: own.default, options: Object.entries(own.defaults) },
    { at: "revokable", as: "check", label: own.revokable }, { at: "required", as: "check", label: own.required },
    { at: "auto_revoke", as: "text", label: own.holds, hint: own.holdsHint, placeholder: "365d" },
    TAGS,
  ],
  blank: { name: "", description: "", enabled: true, default_value: "deny", revokable: true, required: false, auto_revoke: "", tags: [] },
};
