// What could not be kept is counted, and told: to the developer and to the server.
import type { Entry } from "./outbox.js";
import { textOf } from "./event.js";
import { possibly, warn } from "./guard.js";
import type { Keep } from "./names.js";

export interface Losses {
  /** This event will never arrive. */
  count(entry: Entry): void;
  /** How many of each type the server does not know of; from then on they count as told. */
  tell(): Record<string, number> | undefined;
  /** For a later page to tell. */
  keep(): void;
  forget(): void;
}

export const LOST = "events-lost";
const UNTOLD = "kith-lost";

export function createLosses(kept: Keep): Losses {
  let untold: Record<string, number> | undefined;

  function add(type: string, many: number): void {
    untold ??= { __proto__: null } as unknown as Record<string, number>;
    untold[type] = (untold[type] ?? 0) + many;
  }

  /** What pages before this one could not tell. */
  function recall(): void {
    const before = possibly((): Record<string, number> => JSON.parse(kept.read(UNTOLD)!)) ?? {};
    for (const [type, many] of Object.entries(before)) add(type, many);
  }

  function forget(): void {
    untold = undefined;
    kept.erase(UNTOLD);
  }

  return {
    count: (entry) => add(possibly((): string => JSON.parse(textOf(entry)).type) ?? "", 1),
    tell() {
      recall();
      const all = untold;
      if (all) forget(), warn("lost", all);
      return all;
    },
    keep() {
      recall();
      if (untold) kept.write(UNTOLD, JSON.stringify(untold));
      untold = undefined;
    },
    forget,
  };
}
