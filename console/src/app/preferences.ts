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

const KEY = "kith.preferences";
/** What is changed quickly, as by typing, is sent once. */
const SEND_MS = 600;

let kept: Preferences = stored();
let changes: Preferences = {};
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

/** Other programs and tabs keep something there too: what was not changed here stays as it is there. */
async function send(): Promise<void> {
  const sent = changes;
  changes = {};
  try {
    const { data } = await api.GET("/api/preferences");
    const { response } = await api.PUT("/api/preferences", { body: { ...data, ...sent } });
    if (!response.ok) throw new Error(response.statusText);
  } catch {
    // It goes along with the next change; until then this browser has it.
    changes = { ...sent, ...changes };
  }
}

export const preferences = {
  now: () => kept,
  listen: (listener: () => void) => (listeners.add(listener), () => void listeners.delete(listener)),
  set(change: Preferences): void {
    show({ ...kept, ...change });
    changes = { ...changes, ...change };
    clearTimeout(timer);
    if (session.now()) timer = setTimeout(() => void send(), SEND_MS);
  },
  /** As the server has them, once somebody has signed in. */
  async load(): Promise<void> {
    const { data } = await api.GET("/api/preferences").catch(() => ({ data: undefined }));
    if (data) show({ ...(data as Preferences), ...changes });
  },
  /** Nobody is signed in: the next one has their own. The colours stay, the rest was somebody's. */
  forget(): void {
    clearTimeout(timer);
    changes = {};
    show(kept.theme ? { theme: kept.theme } : {});
  },
};
