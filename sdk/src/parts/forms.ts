// Forms that were submitted: those that are listed, with the fields that are listed.
import type { Lent } from "../parts.js";
import type { Properties } from "../types.js";

const NEVER = /^(password|hidden|file)$/;
/** What browsers are told to fill in: passwords, codes, cards. */
const SECRET = /^(cc-|.*password|one-time-code)/;
/** Whatever the field is called: this is a card's number. */
const CARD = /^\s*(\d[ -]?){13,19}\s*$/;

type Field = HTMLInputElement | HTMLSelectElement;

export function measureForms({ kith, setup, attempt }: Lent): void {
  const { forms } = setup.auto!;
  if (!forms) return;

  function submitted({ target }: Event): void {
    const form = target as HTMLFormElement;
    for (const [selector, names] of Object.entries(forms!)) {
      if (!form.matches(selector)) continue;
      const fields: Properties = {};
      for (const field of Array.from(form.elements) as Field[]) {
        if (names.includes(field.name) && isPublic(field)) fields[field.name] = field.value;
      }
      // Not `form.id` and `form.name`: fields of these names would be in their place.
      const called = { id: form.getAttribute("id"), name: form.getAttribute("name") };
      return void kith.track("form-submitted", { ...called, fields });
    }
  }

  document.addEventListener("submit", (event) => attempt(() => submitted(event)), true);
}

function isPublic(field: Field): boolean {
  const { type, value } = field;
  if (/^(radio|checkbox)$/.test(type) && !(field as HTMLInputElement).checked) return false;
  const isSecret = NEVER.test(type) || SECRET.test(field.autocomplete ?? "") || CARD.test(value);
  return !isSecret && !field.closest("[data-kith-private]");
}
