// What waits for the server's answer: kept across page loads, by one page at a time.
import { possibly } from "./guard.js";
import { createRanked, type Rank } from "./ranked.js";
import { keys, read, remove as erase, writeThrough } from "./store.js";
import type { Reply } from "./transport.js";
import { uuid } from "./uuid.js";

/** What its maker knows of an event. */
export interface Noted {
  rank: Rank;
  /** When it happened, in milliseconds. */
  at: number;
  session: string;
  /** Whose it is, where that must not change any more; empty: nobody known. */
  profile?: string | undefined;
  /** Goes out although the visitor has refused: it is the refusal. */
  final?: boolean;
  /** What the payload's context gets from this event, as JSON: campaign and passed profile. */
  carry: string;
  /** The event, as JSON. */
  text: string;
  /** Who waits hears what is known. */
  settle?: Settle;
}

/** Takes the reply, or nothing when it will not be known. */
export type Settle = (reply?: Reply) => void;

export interface Entry extends Noted {
  key: string;
  /** Until then it may be arriving by other ways. */
  claimed: number;
  /** The page that cares for it. */
  by: string;
  busy?: boolean;
  stored?: boolean;
}

export interface Outbox {
  add(noted: Noted): Entry;
  /** Those that can go now, the important ones first, so many characters of them or one. */
  next(characters: number): Entry[];
  all(): Entry[];
  remove(entry: Entry): void;
  /** Nobody sends them until then: they may be arriving. */
  claim(entries: Entry[], until: number): void;
  /** Whether this page still cares for it. If not, another has taken over, or the visitor refused. */
  isMine(entry: Entry): boolean;
  /** Takes over what other pages wait with, if it is fine; says when there may be more. */
  adopt(isFine: (entry: Entry) => boolean): number;
  /** Stores what there is room for, so many at most. */
  persist(most: number): void;
  /** What is nowhere but in this page, although there is a storage. */
  homeless(): Entry[];
  /** The visitor wants nothing kept, of no page: only refusals stay. */
  clear(): void;
  /** The visitor changes: what waits stays that of the one before. */
  pin(profile: string): void;
}

/** In memory. */
const CHARACTERS_MAX = 16e6;
/** In the storage, which belongs to the page. */
const STORED_CHARACTERS_MAX = 2e6;
/** Writing takes time, which is the page's as well. */
const STORED_AT_ONCE_MAX = 100;
/** The server knows the ids of events for 30 days: what may have arrived before could count twice. */
const CLAIMED_AGE_MAX = 28 * 86400000;

export function createOutbox(name: string, lose: (entry: Entry) => void): Outbox {
  const prefix = "kith-q:" + name + ":";
  const me = uuid();
  const entries = createRanked<Entry>(CHARACTERS_MAX, (entry) => {
    remove(entry);
    lose(entry);
  });
  const unstored = new Set<Entry>();
  let storedCharacters = 0;
  let time = 0;
  /** Small numbers of one length become texts fast. */
  let order = 1e6;
  let persisting = false;
  /** The storage took what it was given last. */
  let takes = false;

  function add(noted: Noted): Entry {
    time = Math.max(time, noted.at);
    const entry = noted as Entry;
    entry.key = prefix + time + order++ + me;
    entry.claimed = 0;
    entry.by = me;
    unstored.add(entry);
    entries.add(entry);
    // There is always room for what is rare and important.
    if (entry.rank < 2) store(entry);
    if (!persisting) queueMicrotask(() => persist(STORED_AT_ONCE_MAX));
    persisting = true;
    return entry;
  }

  function forget(entry: Entry): void {
    unstored.delete(entry);
    if (entries.remove(entry) && entry.stored) storedCharacters -= entry.text.length;
  }

  function remove(entry: Entry): void {
    forget(entry);
    if (entry.stored) erase(entry.key);
  }

  function persist(most: number): void {
    persisting = false;
    for (const entry of unstored) {
      if (storedCharacters + entry.text.length > STORED_CHARACTERS_MAX || !most-- || !store(entry)) break;
    }
  }

  function store(entry: Entry): boolean {
    if (!save(entry)) return false;
    storedCharacters += entry.text.length;
    unstored.delete(entry);
    return (entry.stored = true);
  }

  /** The event stands behind the rest, so that nobody need read it. */
  function save({ text, busy: _, stored: __, settle: ___, key, ...head }: Entry): boolean {
    return (takes = writeThrough(key, JSON.stringify(head) + "\n" + text));
  }

  function next(most: number): Entry[] {
    let size = 0;
    const now = Date.now();
    const free = entries.all().filter((entry) => !entry.busy && entry.claimed < now);
    return free.filter(({ text }) => {
      const fits = !size || size + text.length <= most;
      size += text.length;
      return fits;
    });
  }

  function change(some: Entry[], what: Partial<Entry>): void {
    for (const entry of some) {
      Object.assign(entry, what);
      if (entry.stored && isMine(entry)) save(entry);
    }
  }

  function isMine(entry: Entry): boolean {
    const isMine = !entry.stored || !!read(entry.key)?.includes(me);
    if (!isMine) forget(entry);
    return isMine;
  }

  function adopt(isFine: (entry: Entry) => boolean): number {
    let again = Infinity;
    for (const key of keys(prefix)) {
      const entry = parsed(key);
      if (!entry) erase(key);
      else if (entry.by !== me && isFine(entry)) {
        if (entry.claimed < Date.now()) take(entry);
        else again = Math.min(again, entry.claimed);
      }
    }
    // As they happened: a consent that was taken back, then given anew, is given.
    for (const entry of entries.all().sort((a, b) => (a.key < b.key ? -1 : 1))) {
      entries.remove(entry);
      entries.add(entry);
    }
    return again;
  }

  function take(entry: Entry): void {
    const isOld = entry.claimed && Date.now() - entry.claimed > CLAIMED_AGE_MAX;
    entry.by = me;
    save(entry);
    storedCharacters += entry.text.length;
    entries.add(entry);
    if (!isOld) return;
    remove(entry);
    lose(entry);
  }

  function parsed(key: string): Entry | undefined {
    return possibly(() => {
      const [head, text] = read(key)!.split("\n");
      const entry = { ...(JSON.parse(head!) as Entry), key, text: text!, stored: true };
      return text && entry.session ? entry : undefined;
    });
  }

  return {
    add,
    next,
    remove,
    isMine,
    adopt,
    persist,
    all: entries.all,
    claim: (some, until) => change(some, { claimed: until }),
    homeless: () => (takes ? [...unstored].filter(({ busy, claimed }) => !busy && !claimed) : []),
    clear() {
      for (const key of keys(prefix)) if (!parsed(key)?.final) erase(key);
    },
    pin: (profile) => change(entries.all().filter((entry) => entry.profile === undefined), { profile }),
  };
}
