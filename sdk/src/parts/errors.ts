// Errors of the page's scripts.
import type { Lent } from "../parts.js";

/** An error in a loop would fill the history. */
const ERRORS_MAX = 10;
const TEXT_CHARACTERS_MAX = 500;

export function measureErrors({ kith, setup }: Lent): void {
  if (!setup.auto!.errors) return;
  let count = 0;

  function tell(message: unknown, where: object): void {
    if (count++ >= ERRORS_MAX) return;
    void kith.track("page-error", { message: String(message).slice(0, TEXT_CHARACTERS_MAX), ...where });
  }

  addEventListener("error", ({ message, filename, lineno, colno }) => {
    if (message) tell(message, { file: filename, line: lineno, column: colno });
  });
  addEventListener("unhandledrejection", ({ reason }) => tell(reason, {}));
}
