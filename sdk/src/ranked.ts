// What waits, by what it would cost to lose it.

/** Consents, what money and people hang on, everything else, and what there is plenty of. */
export type Rank = 0 | 1 | 2 | 3;

export const CONSENT = 0;
const VITAL = /^(order|sale|purch|check|ident|sign|events-)/;
const PLENTY = /^(page-|visible-|link-)/;

export function rankOf(type: string): Rank {
  if (type === "consent-update") return CONSENT;
  return VITAL.test(type) ? 1 : PLENTY.test(type) ? 3 : 2;
}

interface Item {
  rank: Rank;
  /** In characters. */
  size: number;
  /** On its way at this moment. */
  busy?: boolean;
}

export interface Ranked<One extends Item> {
  add(item: One): void;
  /** Whether it was there. */
  remove(item: One): boolean;
  /** From the most to the least important, oldest first. */
  all(): One[];
}

/** So much of it gives way at once that a call costs the same however much there is. */
const LEFT = 0.9;

/** Bounded in characters: when it is too much, the oldest of the least important give way. */
export function createRanked<One extends Item>(most: number, giveWay: (item: One) => void): Ranked<One> {
  const items = new Set<One>();
  let weight = 0;

  function add(item: One): void {
    items.add(item);
    weight += item.size;
    if (weight <= most) return;
    for (const one of [...items].sort((a, b) => b.rank - a.rank)) {
      if (weight > most * LEFT && one.rank && !one.busy && one !== item) giveWay(one);
    }
  }

  function remove(item: One): boolean {
    const wasThere = items.delete(item);
    if (wasThere) weight -= item.size;
    return wasThere;
  }

  return { add, remove, all: () => [...items].sort((a, b) => a.rank - b.rank) };
}
