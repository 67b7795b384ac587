// What somebody likes, kept by the server for each user, so that it is there wherever they sign in. Free of React.
//
// A copy lies in this browser: the first picture has the right colours, and an hour without a network costs nothing.

import { api } from "../api/client";
import { parse, write } from "../api/json";
import { session } from "../session/session";

export type Preferences = {
  zone?: string;
  theme?: "system" | "light" | "dark";
  /** Ranges that were drawn or typed last. */
  ranges?: string[];
  /** Columns of the list of events. */
  columns?: string;
  /** Questions in SQL that were run last. */
  queries?: string[];
  /** Drafts of questions in SQL. */
  drafts?: string[];
  /** The catalogue shows what nobody has sent for long. */
  stale?: boolean;
};

/** What a change makes of them as they are where it is kept. */
type Change = (now: Preferences) => Preferences;

const KEY = "kith.preferences";
/** Where the drafts of this tab lie, whole. */
export const TABS = "kith.drafts";
/** What is changed quickly, as by typing, is sent once. */
const SEND_MS = 600;

let kept: Preferences = stored();
let changes = new Set<Change>();
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

function stored(): Preferences {
  try {
    return parse(localStorage.getItem(KEY) ?? "{}") as Preferences;
  } catch {
    return {};
  }
}

function show(now: Preferences): void {
  kept = now;
  localStorage.setItem(KEY, write(kept));
  listeners.forEach((listener) => listener());
}

const changed = (now: Preferences, by: Iterable<Change>) => [...by].reduce((all, change) => ({ ...all, ...change(all) }), now);

/** Other programs and tabs keep something there too: what was not changed here stays as it is there. */
async function send(): Promise<void> {
  const sent = changes;
  changes = new Set();
  try {
    const { data } = await api.GET("/api/preferences");
    const { response } = await api.PUT("/api/preferences", { body: changed(data as Preferences, sent) });
    if (!response.ok) throw new Error(response.statusText);
  } catch {
    // It goes along with the next change; until then this browser has it.
    changes = new Set([...sent, ...changes]);
  }
}

export const preferences = {
  now: () => kept,
  listen: (listener: () => void) => (listeners.add(listener), () => void listeners.delete(listener)),
  set: (change: Preferences) => preferences.alter(() => change),
  /** Changes what others may have changed meanwhile; the same change anew is one. */
  alter(change: Change): void {
    show(changed(kept, [change]));
    changes.delete(change);
    changes.add(change);
    clearTimeout(timer);
    if (session.now()) timer = setTimeout(() => void send(), SEND_MS);
  },
  /** As the server has them, once somebody has signed in. */
  async load(): Promise<void> {
    const { data } = await api.GET("/api/preferences").catch(() => ({ data: undefined }));
    if (data) show(changed(data as Preferences, changes));
  },
  /** Nobody is signed in: the next one has their own. The colours stay, the rest was somebody's. */
  forget(): void {
    clearTimeout(timer);
    changes.clear();
    sessionStorage.removeItem(TABS);
    show(kept.theme ? { theme: kept.theme } : {});
  },
};
