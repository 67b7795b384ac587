// A question and its states: it loads, it was refused, it found nothing, or here it is.

import { keepPreviousData, type Query, type QueryKey, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { isGone } from "../api/client";
import { states as words } from "../words/en";
import { css, Empty, Loading, Problem } from "./basics";

type Answered<T> = { value: T; milliseconds: number };
type Options<T> = { enabled?: boolean; refetchInterval?: number | false; staleTime?: number; gcTime?: number; /** Whether history is still asked for what was answered: it is asked anew until then. */ refetchWarming?: (value: T) => boolean };

/** How often it is asked while history is asked for it. */
const WARMING_MS = 1500;

/** Asks Kith; the key names the question with everything it depends on. How long it took comes with the answer. */
export function useAsked<T>(key: QueryKey, ask: (signal: AbortSignal) => Promise<T>, { refetchWarming, ...options }: Options<T> = {}) {
  return useQuery<Answered<T>>({
    queryKey: key,
    queryFn: async ({ signal }) => {
      const began = performance.now();
      const value = await ask(signal);
      return { value, milliseconds: Math.round(performance.now() - began) };
    },
    placeholderData: keepPreviousData,
    ...(refetchWarming ? { refetchInterval: (query: Query<Answered<T>>) => (query.state.data && refetchWarming(query.state.data.value) ? WARMING_MS : false) } : {}),
    ...options,
  });
}

export type Asked<T> = ReturnType<typeof useAsked<T>>;

/** Shows the answer, or the state that it is in. `gone`: what stands there instead where there is no such thing. */
export function Shown<T>({ asked, gone, children }: { asked: Asked<T>; gone?: ReactNode; children: (value: T, milliseconds: number) => ReactNode }) {
  if (gone && isGone(asked.error)) return gone;
  if (asked.error) return <Problem error={asked.error} again={() => void asked.refetch()} />;
  if (!asked.data) return asked.isPaused ? <Empty title={words.away} /> : <Loading />;
  return <div className={css.shown} aria-busy={asked.isPlaceholderData || undefined}>{children(asked.data.value, asked.data.milliseconds)}</div>;
}
