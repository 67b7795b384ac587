// What the forms of most kinds have: what it is called, whether it is on.

import { rules as words } from "../words/rules";
import type { Field } from "./kind";

export const NAME: Field = { at: "name", as: "text", label: words.name, required: true };
export const NOTE: Field = { at: "description", as: "area", label: words.note };
export const ENABLED: Field = { at: "enabled", as: "check", label: words.enabled };
export const TAGS: Field = { at: "tags", as: "words", label: words.tags, hint: words.lineHint, isByLine: true };
export const TYPE: Field = { at: "event_type", as: "type", label: words.type, required: true };
export const ON_MISFIT: Field = { at: "on_misfit", as: "select", label: words.onMisfit, options: Object.entries(words.misfits) };
