// Where somebody is: range, zone and filters stand in the address, so that every view can be sent to others.

import { createContext, useContext, useEffect, useMemo, useRef } from "react";

import { useMove, useSearch, useWithin } from "./router";

import { before, interval, type Interval, range, type Range, USUAL, WORDS, written } from "../time/range";
import { isZone, LOCAL } from "../time/zone";
import { preferences } from "./preferences";
import { usePreferences } from "./using";

export { useMove };

/** What every address may say. */
export type Everywhere = { range?: string | undefined; zone?: string | undefined };

const RECENT_MAX = 5;

/** When this screen was come to: the end of every range that ends now. Asking anew moves it on. */
export const Now = createContext<{ now: Date; renew: () => void }>({ now: new Date(), renew: () => undefined });

export type When = Range & { text: string; zone: string; interval: Interval; previous: Range; params: { from: string; to: string; where?: string } };

export const params = ({ from, to }: Range) => ({ from: from.toISOString(), to: to.toISOString() });

export function useZone(): string {
  const { zone } = useSearch<Everywhere>();
  const liked = usePreferences().zone;
  return [zone, liked].find((one) => one && isZone(one)) ?? LOCAL;
}

/** The range of this page. */
export function useWhen(): When {
  const { range: said = USUAL } = useSearch<Everywhere>();
  const zone = useZone();
  const { now } = useContext(Now);
  const where = useWithin()?.where;
  return useMemo(() => {
    const found = range(said, now, zone);
    const [text, used] = found ? [said, found] : [USUAL, range(USUAL, now, zone) ?? { from: now, to: now }];
    return { ...used, text, zone, interval: interval(used), previous: before(used), params: { ...params(used), ...(where ? { where } : {}) } };
  }, [said, zone, now, where]);
}

/** What events there are for a screen that asks for no range itself: those that the dashboard around it means; all of them elsewhere. */
export function useNarrow(): { from?: string; to?: string; where?: string } {
  const { params } = useWhen();
  const within = useWithin();
  const { from, to, where } = params;
  return { ...(within?.isRanged ? { from, to } : {}), ...(where ? { where } : {}) };
}

/** Sets the range, and remembers those that were drawn or typed. */
export function useSetRange() {
  const move = useMove();
  return (chosen: Range | string) => {
    const text = typeof chosen === "string" ? chosen : written(chosen);
    if (!(WORDS as readonly string[]).includes(text)) {
      preferences.alter(({ ranges = [] }) => ({ ranges: [text, ...ranges.filter((one) => one !== text)].slice(0, RECENT_MAX) }));
    }
    move({ range: text === USUAL ? undefined : text });
  };
}

const sayings = new Set<() => void>();

/** `say` puts into the address what a screen has not said there yet: before its view is kept, which is what the address says. */
export function useSaying(say: () => void) {
  const latest = useRef(say);
  latest.current = say;
  useEffect(() => {
    const own = () => latest.current();
    sayings.add(own);
    return () => void sayings.delete(own);
  }, []);
}

export const sayAll = () => sayings.forEach((say) => say());

export const recent = (): string[] => preferences.now().ranges ?? [];

export function useSetZone() {
  const move = useMove();
  return (zone: string) => {
    preferences.set({ zone });
    move({ zone: zone === LOCAL ? undefined : zone });
  };
}
