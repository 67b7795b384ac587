// Forms that were submitted: those that are listed, with the fields that are listed.
import type { Lent } from "../parts.js";
import type { Properties } from "../types.js";

const NEVER = /^(password|hidden|file)$/;
/** What browsers are told to fill in, as in `billing cc-number`: passwords, codes, cards. */
const SECRET = /\bcc-|password|one-time-code/i;
/** Whatever the field is called: this is a card's number. None begins with a zero, as telephone numbers do. */
const CARD = /^\s*[1-9]([\s./-]*\d){12,18}\s*$/;

/** Those that can be filled in; of several values only a choice has a list of its own. */
type Field = HTMLInputElement & { selectedOptions?: Iterable<HTMLOptionElement> };

export function measureForms({ kith, setup, attempt }: Lent): void {
  const { forms } = setup.auto!;
  if (!forms) return;

  function submitted({ target }: Event): void {
    const form = target as HTMLFormElement;
    for (const [selector, names] of Object.entries(forms!)) {
      if (!form.matches(selector)) continue;
      const fields = Object.create(null) as Properties;
      for (const field of Array.from(form.elements) as Field[]) {
        if (names.includes(field.name)) for (const value of publicValues(field)) give(fields, field.name, value);
      }
      // Not `form.id` and `form.name`: fields of these names would be in their place.
      const called = { id: form.getAttribute("id"), name: form.getAttribute("name") };
      return void kith.track("form-submitted", { ...called, fields });
    }
  }

  document.addEventListener("submit", (event) => attempt(() => submitted(event)), true);
}

/** Several values of one name become a list. */
function give(fields: Properties, name: string, value: string): void {
  fields[name] = name in fields ? [fields[name], value].flat() : value;
}

function publicValues(field: Field): string[] {
  const { type, checked, selectedOptions } = field;
  if (/^(radio|checkbox)$/.test(type) && !checked) return [];
  if (NEVER.test(type) || SECRET.test(field.autocomplete ?? "") || field.closest("[data-kith-private]")) return [];
  const values = selectedOptions ? Array.from(selectedOptions, (option) => option.value) : [field.value];
  return values.filter((value) => !CARD.test(value));
}
