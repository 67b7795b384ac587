// What could not be kept is counted, and told: to the developer and to the server.
import type { Entry } from "./outbox.js";
import { textOf } from "./event.js";
import { possibly, warn } from "./guard.js";

export interface Losses {
  /** This event will never arrive. */
  count(entry: Entry): void;
  /** How many of each type the server does not know of; from then on they count as told. */
  tell(): Record<string, number> | undefined;
}

export const LOST = "events-lost";

export function createLosses(): Losses {
  let untold: Record<string, number> | undefined;

  return {
    count(entry) {
      const type = possibly((): string => JSON.parse(textOf(entry)).type) ?? "";
      untold ??= {};
      untold[type] = (untold[type] ?? 0) + 1;
    },
    tell() {
      const all = untold;
      untold = undefined;
      if (all) warn("lost", all);
      return all;
    },
  };
}
