// What a form edits: read whole as it opens, as of one version, and not again while it is open.

import { type ReactNode, useEffect, useRef, useState } from "react";

import type { Reading } from "../api/client";
import { isSame, write } from "../api/json";
import { drafts } from "../session/drafts";
import { Shown, useAsked } from "./asked";

type Props<T> = { read: (signal: AbortSignal) => Promise<Reading<T>>; /** What stands there instead where there is no such thing. */ gone?: ReactNode; children: (reading: Reading<T>) => ReactNode };

let openings = 0;

/** Reads it anew for each form that opens: what a list or a form before has read may be older than what there is. */
export function Edited<T>({ read, gone, children }: Props<T>) {
  const [opening] = useState(() => ++openings);
  const asked = useAsked(["edited", opening], read, { staleTime: Infinity, gcTime: 0 });
  return <Shown asked={asked} gone={gone}>{children}</Shown>;
}

/** As `useState`, for what is typed and which window it is typed in. `at`: where it waits when the session ends by itself; nowhere without. */
export function useKept<T>(at: string | undefined, begin: () => T) {
  const [own, setOwn] = useState<T>(() => (at === undefined ? undefined : drafts.of<T>(at)) ?? begin());
  const latest = useRef(own);
  latest.current = own;
  useEffect(() => {
    if (at === undefined) return;
    drafts.forget(at);
    return () => drafts.keep(at, latest.current);
  }, [at]);
  return [own, setOwn] as const;
}

/** The same of a question that is not asked yet, over the one that the address asks: `said` tells it from others on a dashboard. */
export const useKeptHere = <T,>(said: unknown, begin: () => T) => useKept(`${location.pathname}${location.search} ${write(said)}`, begin);

/** What is typed, and the document and version that it was begun from, whatever is read by now: a change names the version, or says what is another than in `base`, so that whoever has changed it since is not overwritten. None of what is new. `at`: where a draft waits whose session has ended. */
export function useDraft<T, D>(at: string, reading: Reading<T> | undefined, begin: (document: T | undefined) => D) {
  const [own, setOwn] = useKept<{ draft: D; tag: string | undefined; base: T | undefined }>(at, () => ({ draft: begin(reading?.document), tag: reading?.tag, base: reading?.document }));
  return {
    ...own,
    setDraft: (next: D | ((before: D) => D)) => setOwn((before) => ({ ...before, draft: next instanceof Function ? next(before.draft) : next })),
    /** It is stored, and goes on from there. */
    setTag: (tag: string) => setOwn((before) => ({ ...before, tag })),
  };
}

/** What is another than it was: for what is changed part by part, so that nobody's change of another part is undone. */
export function changed<T extends object>(before: T, after: T): Partial<T> {
  return Object.fromEntries(Object.entries(after).filter(([name, value]) => !isSame(value, before[name as keyof T]))) as Partial<T>;
}
