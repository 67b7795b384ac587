// What waits for the server's answer: kept across page loads, by one page at a time.
import { possibly } from "./guard.js";
import { textOf } from "./event.js";
import { perMoment } from "./moment.js";
import { createRanked, type Rank } from "./ranked.js";
import { keys, read, remove as erase, writeThrough } from "./store.js";
import type { Reply } from "./transport.js";
import type { TrackOptions } from "./types.js";
import { uuid } from "./uuid.js";

/** What is stored of an event beside its text, under these names. */
interface Head {
  rank: Rank;
  /** When it happened, in milliseconds. */
  at: number;
  session: string;
  /** Whose it is, where that must not change any more; empty: nobody known. */
  profile?: string | undefined;
  /** Goes out although the visitor has refused: it is the refusal. */
  final?: boolean | undefined;
  /** What the payload's context gets from this event, as JSON: campaign and passed profile. */
  carry: string;
  /** Until then it may be arriving by other ways. */
  claimed: number;
  /** The page that cares for it. */
  by: string;
}

const HEAD = "rank at session profile final carry claimed by".split(" ");

/** An event that waits: one object from the call of a page to the server's answer. */
export interface Entry extends Head {
  /** As JSON; empty until somebody needs it. */
  text: string;
  /** Of the text, in characters. */
  size: number;
  /** In thousandths of a millisecond, and greater than that of any event before it; stored in the key. */
  order: number;
  options: TrackOptions | undefined;
  /** What the text is made of. */
  type: string;
  said: string;
  more: string;
  place: string;
  /** Under which it is stored, if it is. */
  slot: string;
  busy: boolean;
  /** Who waits hears what is known in the end: the reply, or its data. */
  hear: Hear | undefined;
  whole: boolean | undefined;
  /** What was answered last. */
  latest?: Reply;
}

/** Takes what is known, or nothing when it will not be known. */
export type Hear = (known?: unknown) => void;

export interface Outbox {
  add(entry: Entry): void;
  /** Those that can go now, the important ones first, so many characters of them or one. */
  next(characters: number): Entry[];
  all(): Entry[];
  remove(entry: Entry): void;
  /** Nobody sends them until then: they may be arriving. */
  claim(entries: Entry[], until: number): void;
  /**
   * Whether this page still cares for it. If not, another has taken over, or the visitor refused. And whose it
   * is, if another tab has said so meanwhile: the entry knows it afterwards.
   */
  isMine(entry: Entry): boolean;
  /** Takes over what other pages wait with, if it is fine; says when there may be more. */
  adopt(isFine: (entry: Entry) => boolean): number;
  /** Stores what there is room for, so many at most. */
  persist(most: number): void;
  /** From now on what is missing from the storage was taken by others. What is nowhere but in this page, although there is one. */
  homeless(): Entry[];
  /** The visitor wants nothing kept, of no page: only refusals stay. */
  clear(): void;
  /** The visitor changes: what waits, in whatever tab, stays that of the one before. */
  pin(profile: string): void;
}

/** As they happened. */
export const inOrder = (a: Entry, b: Entry): number => a.order - b.order;

const DIGITS = 16;
/** Stands in the storage as long as that is the one where events were put: pages empty theirs. */
const MARK = "kith-mark";
/** In memory. */
const CHARACTERS_MAX = 16e6;
/** In the storage, which belongs to the page. */
const STORED_CHARACTERS_MAX = 2e6;
/** Writing takes time, which is the page's as well. */
const STORED_AT_ONCE_MAX = 100;
/** Milliseconds, almost 28 days. The server knows ids of events for 30: what may have arrived before could count twice. */
const CLAIMED_AGE_MAX = 24e8;
/** Longer than anybody claims an event: what is claimed for longer was claimed before the clock was set back. */
const CLAIMED_MS_MAX = 6e4;

/** Whoever loses an entry removes it. */
export function createOutbox(name: string, lose: (entry: Entry) => void, gone: (entry: Entry) => void): Outbox {
  const prefix = "kith-q:" + name + ":";
  const me = uuid();
  const entries = createRanked<Entry>(CHARACTERS_MAX, lose);
  const unstored = new Set<Entry>();
  let storedCharacters = 0;
  let persisting = false;
  /** The storage took what it was given last. */
  let takes = false;
  /** As it was found, or left, when the first event was stored. */
  let mark = "";
  /** A source's name may go on where another's has ended. */
  const ours = () => keys(prefix).filter((key) => !key.includes(":", prefix.length));

  /** What the page has taken from the storage together with everything else is stored anew: nobody has sent it. */
  const restore = perMoment(() => {
    if (!mark || read(MARK) === mark) return;
    mark = "";
    for (const entry of entries.all()) if (entry.slot && !read(entry.slot)) save(entry);
  });

  function add(entry: Entry): void {
    entry.by = me;
    unstored.add(entry);
    entries.add(entry);
    // There is always room for what is rare and important.
    if (entry.rank < 2) store(entry);
    if (!persisting) queueMicrotask(() => persist(STORED_AT_ONCE_MAX));
    persisting = true;
  }

  function forget(entry: Entry): void {
    unstored.delete(entry);
    if (entries.remove(entry) && entry.slot) storedCharacters -= entry.size;
  }

  function remove(entry: Entry): void {
    forget(entry);
    if (entry.slot) erase(entry.slot);
  }

  function persist(most: number): void {
    persisting = false;
    restore();
    for (const entry of unstored) {
      if (storedCharacters + entry.size > STORED_CHARACTERS_MAX || !most-- || !store(entry)) break;
    }
  }

  function store(entry: Entry): boolean {
    entry.slot = prefix + entry.order + me;
    if (!save(entry)) return !!(entry.slot = "");
    storedCharacters += entry.size;
    return unstored.delete(entry);
  }

  /** The event stands behind the rest, so that nobody need read it. */
  function save(entry: Entry): boolean {
    // Nothing stands beside a refusal.
    if (!mark && !entry.final) writeThrough(MARK, (mark = read(MARK) ?? me));
    return (takes = writeThrough(entry.slot, JSON.stringify(entry, HEAD) + "\n" + textOf(entry)));
  }

  function next(most: number): Entry[] {
    let size = 0;
    const now = Date.now();
    const free = entries.all().filter((entry) => !entry.busy && entry.claimed < now);
    return free.filter((entry) => {
      const fits = !size || size + entry.size <= most;
      size += entry.size;
      return fits;
    });
  }

  function change(some: Entry[], what: Partial<Entry>): void {
    for (const entry of some) {
      Object.assign(entry, what);
      if (entry.slot && isMine(entry)) save(entry);
    }
  }

  function isMine(entry: Entry): boolean {
    restore();
    // A refusal may go twice, but not be lost.
    const stored = entry.slot ? (parsed(entry.slot) ?? (entry.final ? entry : undefined)) : entry;
    const isMine = stored?.by === me;
    entry.profile ??= stored?.profile;
    if (!isMine) {
      forget(entry);
      gone(entry);
    }
    return isMine;
  }

  function adopt(isFine: (entry: Entry) => boolean): number {
    let again = Infinity;
    for (const key of ours()) {
      const entry = parsed(key);
      if (!entry) erase(key);
      else if (entry.by !== me && isFine(entry)) {
        if (entry.claimed < Date.now()) take(entry);
        else again = Math.min(again, entry.claimed);
      }
    }
    // As they happened: a consent that was taken back, then given anew, is given.
    for (const entry of entries.all().sort(inOrder)) {
      entries.remove(entry);
      entries.add(entry);
    }
    return again;
  }

  function take(entry: Entry): void {
    const isOld = entry.claimed && Date.now() - entry.claimed > CLAIMED_AGE_MAX;
    entry.by = me;
    save(entry);
    storedCharacters += entry.size;
    entries.add(entry);
    if (isOld) lose(entry);
  }

  function parsed(key: string): Entry | undefined {
    return possibly(() => {
      const [head, text] = read(key)!.split("\n");
      const order = +key.substr(prefix.length, DIGITS);
      const entry = { ...(JSON.parse(head!) as Entry), slot: key, text: text!, size: text!.length, order };
      if (entry.claimed > Date.now() + CLAIMED_MS_MAX) entry.claimed = 0;
      return entry.session ? entry : undefined;
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
    homeless() {
      // What it does not find when it is shown again, or another tab has written, has been sent or refused meanwhile.
      mark = "";
      return takes ? [...unstored].filter(({ busy, claimed }) => !busy && !claimed) : [];
    },
    clear() {
      for (const key of ours()) if (!parsed(key)?.final) erase(key);
      erase(MARK);
    },
    pin(profile) {
      restore();
      for (const entry of entries.all()) entry.profile ??= profile;
      for (const entry of ours().map(parsed)) {
        if (entry && entry.profile === undefined) save(Object.assign(entry, { profile }));
      }
    },
  };
}
