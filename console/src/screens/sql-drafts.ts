// What stands in the tabs of SQL: whole in this tab of the browser, and as much of it as has room with the preferences, for the next one.

import { useEffect, useRef } from "react";

import { parse, write } from "../api/json";
import { preferences, type Preferences, TABS } from "../app/preferences";
import { beside, fitting } from "../questions/drafts";
import { session } from "../session/session";
import { useKept } from "../ui/edited";

/** Questions that are remembered, drafts that are open, and the room for either: preferences have a bound. */
const HISTORY_MAX = 20;
const DRAFTS_MAX = 6;
const BYTES_MAX = 14_000;
/** After so long without a key, what was typed is kept. */
const KEEP_MS = 800;

type Open = { all: string[]; at: number };

/** What this tab has kept lately, or had from there: so much of it may still lie there. */
const before = new Set<string>();
const BEFORE_MAX = 100;
let mine: readonly string[] = [];

function own(texts: readonly string[]): void {
  mine = texts;
  texts.forEach((text) => before.add(text));
  [...before].slice(0, -BEFORE_MAX).forEach((text) => before.delete(text));
}

/** Other tabs keep theirs in the same place. */
const keep = ({ drafts = [] }: Preferences): Preferences => ({ drafts: fitting(beside(mine, before, drafts), BYTES_MAX, DRAFTS_MAX) });

export const remember = (query: string) => preferences.alter(({ queries = [] }) => ({ queries: fitting([query, ...queries.filter((one) => one !== query)], BYTES_MAX, HISTORY_MAX) }));

/** A question that a link brings has a tab of its own. */
function begin(linked: string | undefined, first: string): Open {
  const stored = sessionStorage.getItem(TABS);
  const kept = stored ? (parse(stored) as Open) : { all: (preferences.now().drafts ?? []).slice(0, DRAFTS_MAX), at: 0 };
  own(kept.all);
  if (!linked) return kept.all.length > 0 ? kept : { all: [first], at: 0 };
  const at = kept.all.indexOf(linked);
  return at < 0 ? { all: [linked, ...kept.all].slice(0, DRAFTS_MAX), at: 0 } : { ...kept, at };
}

/** `first`: what stands there where nothing was kept. */
export function useDrafts(linked: string | undefined, first: string) {
  const [open, setOpen] = useKept("/sql", () => begin(linked, first));
  const timer = useRef(0);
  const latest = useRef(open);
  const { all, at } = open;
  const send = () => {
    if (timer.current && session.now()) preferences.alter(keep);
    clearTimeout(timer.current);
    timer.current = 0;
  };
  useEffect(() => {
    sessionStorage.setItem(TABS, write(latest.current));
    return send;
  }, []);
  const show = (fresh: Open) => {
    latest.current = fresh;
    setOpen(fresh);
    sessionStorage.setItem(TABS, write(fresh));
  };
  const change = (fresh: string[], at: number) => {
    show({ all: fresh, at });
    own(fresh);
    clearTimeout(timer.current);
    timer.current = window.setTimeout(send, KEEP_MS);
  };
  return {
    all, at, text: all[at] ?? "",
    keep: (text: string) => change(latest.current.all.map((one, index) => (index === latest.current.at ? text : one)), latest.current.at),
    open: (at: number) => show({ all: latest.current.all, at }),
    add: () => change([...latest.current.all, ""], latest.current.all.length),
    close: () => {
      const left = latest.current.all.filter((_, index) => index !== latest.current.at);
      change(left.length > 0 ? left : [""], Math.max(0, latest.current.at - 1));
    },
    isFull: all.length >= DRAFTS_MAX,
  };
}

export type Drafts = ReturnType<typeof useDrafts>;
