// What waits for the server's answer: kept across page loads and shared by all tabs.
import type { Properties } from "./types.js";
import { possibly } from "./guard.js";
import { keys, read, remove, write } from "./store.js";

/** An event with what its payload needs to know about it. */
export interface Entry {
  key: string;
  /** When it happened, in milliseconds. */
  at: number;
  session: string;
  /** What the payload's context gets from this event: campaign and passed profile. */
  carry: Properties;
  event: Properties;
  /** Until then somebody is sending it. */
  claimed: number;
}

export interface Outbox {
  add(entry: Omit<Entry, "key">): Entry;
  all(): Entry[];
  /** Those that nobody is sending. */
  free(): Entry[];
  claim(entries: Entry[], until: number): void;
  remove(entries: Entry[]): void;
}

/** The server remembers ids of events for 30 days: later, an event could count twice. */
const AGE_MAX = 14 * 86400000;
const EVENTS_MAX = 500;
const CHARACTERS_MAX = 1e6;

/**
 * Each event has a key of its own, since tabs cannot change a common list without losing what the
 * other has just added.
 */
export function createOutbox(source: string): Outbox {
  const prefix = "kith-q:" + source + ":";
  let count = 0;

  function add(entry: Omit<Entry, "key">): Entry {
    const order = Date.now() * 1000 + (count++ % 1000);
    const key = prefix + order + "-" + entry.event["id"];
    write(key, JSON.stringify(entry));
    trim();
    return { ...entry, key };
  }

  /** Makes room from the oldest on: it must not fill the page's own storage. */
  function trim(): void {
    const newestFirst = keys(prefix).reverse();
    let used = 0;
    newestFirst.forEach((key, index) => {
      used += (read(key) ?? "").length;
      if (index && (index >= EVENTS_MAX || used > CHARACTERS_MAX)) remove(key);
    });
  }

  function all(): Entry[] {
    const entries: Entry[] = [];
    for (const key of keys(prefix)) {
      const entry = possibly(() => JSON.parse(read(key)!) as Entry);
      if (entry && Date.now() - entry.at < AGE_MAX) entries.push({ ...entry, key });
      else remove(key);
    }
    return entries;
  }

  function claim(entries: Entry[], until: number): void {
    for (const { key, ...entry } of entries) {
      // Another tab may have delivered it, or the visitor refused: it stays gone then.
      if (read(key)) write(key, JSON.stringify({ ...entry, claimed: until }));
    }
  }

  return {
    add,
    all,
    free: () => all().filter((entry) => entry.claimed <= Date.now()),
    claim,
    remove: (entries) => entries.forEach(({ key }) => remove(key)),
  };
}
