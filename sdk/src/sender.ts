// Sends what waits: the important first, again when it failed, as beacons when leaving.
import type { Entry, Outbox } from "./outbox.js";
import type { Pack, Packed } from "./payload.js";
import { backoff } from "./backoff.js";
import { attempt, warn } from "./guard.js";
import { CONSENT } from "./ranked.js";
import { beacon, LEAVING_BYTES_MAX, post, type Reply } from "./transport.js";

export interface Sender {
  /** Sends all that waits, this much later at the latest. */
  wake(milliseconds: number): void;
  /** Sends this one alone, and at once if nothing stands against it. */
  fire(entry: Entry): void;
  /** The page goes: beacons for all that waits. */
  leave(): void;
  /** The browser is connected again. */
  online(): void;
}

export interface SenderNeeds {
  url: string;
  outbox: Outbox;
  pack: Pack;
  /** Whether this may be sent, as things stand. */
  isFine(entry: Entry): boolean;
  /** Forgets what must not be sent any more; says whether there is anything that may. */
  mayGo(): boolean;
  /** Resolves when the first batch may go. */
  prepared(): Promise<unknown>;
  heard(reply: Reply, packed: Packed): void;
  /** What is known about an event: a failure is not the last word. */
  settle(entry: Entry, reply: Reply): void;
}

/** Half of what may leave with the page, so that a second request fits beside it. */
const BATCH_CHARACTERS_MAX = LEAVING_BYTES_MAX / 2 - 2000;
/** Longer than any request takes. */
const CLAIM_MS = 30000;
/** Requests of single events at one time. More go together. */
const FIRED_MAX = 6;
const PIECE_CHARACTERS_MIN = 1000;
/** Browsers take more than 24 days for none at all. Whoever wakes too early goes to sleep again. */
const SLEEP_MS_MAX = 1e9;

export function createSender(needs: SenderNeeds): Sender {
  const { url, outbox, pack } = needs;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let due = Infinity;
  let failures = 0;
  /** Nothing is sent before then. */
  let rest = 0;
  /** It is not our own back-off: the server has asked for it. */
  let asked = false;
  let draining = false;
  let fired = 0;
  /** When to look for what other pages have left. */
  let look = 0;

  function wake(milliseconds: number): void {
    const now = Date.now();
    const at = Math.max(now + milliseconds, rest);
    if (at >= due) return;
    clearTimeout(timer);
    due = at;
    timer = setTimeout(() => void drain().catch(warn), Math.min(at - now, SLEEP_MS_MAX));
  }

  const quiet = () => Date.now() < rest;

  /** One at a time; whoever is at it takes everything. */
  async function drain(): Promise<void> {
    due = Infinity;
    if (draining) return;
    if (quiet()) return wake(0);
    draining = true;
    try {
      await needs.prepared().catch(warn);
      if (Date.now() >= look) look = outbox.adopt(needs.isFine);
      while (needs.mayGo() && !quiet()) {
        const waiting = outbox.next(BATCH_CHARACTERS_MAX);
        if (!waiting.length || !(await deliver(waiting))) break;
      }
    } finally {
      draining = false;
      pause();
    }
  }

  /** Until there is something to do again. */
  function pause(): void {
    if (needs.mayGo() || look < Infinity) wake(CLAIM_MS);
  }

  /** Whether it makes sense to go on. */
  async function deliver(waiting: Entry[]): Promise<boolean> {
    const mine = waiting.filter(outbox.isMine);
    if (!mine.length) return true;
    const packed = pack(mine);
    const { items, text } = packed;
    outbox.claim(items, Date.now() + CLAIM_MS);
    for (const entry of items) entry.busy = true;
    const reply = await post(url, text);
    for (const entry of items) entry.busy = false;
    // Whose it was: the visitor may have changed meanwhile, in another tab.
    outbox.isMine(items[0]!);
    if (reply.again) return failed(items, reply);
    failures = rest = 0;
    // One bad event must not take the others with it.
    if ([413, 422].includes(reply.status) && items.length > 1) return halves(items);
    items.forEach(outbox.remove);
    if (reply.ok) attempt(() => needs.heard(reply, packed));
    else warn("refused", reply.status, reply.body?.message);
    for (const entry of items) needs.settle(entry, reply);
    return true;
  }

  async function halves(entries: Entry[]): Promise<boolean> {
    const middle = entries.length >> 1;
    return (await deliver(entries.slice(0, middle))) && deliver(entries.slice(middle));
  }

  function failed(entries: Entry[], reply: Reply): boolean {
    outbox.claim(entries, 0);
    outbox.persist(Infinity);
    rest = Date.now() + backoff(++failures, reply.wait);
    asked = reply.wait > 0;
    for (const entry of entries) needs.settle(entry, reply);
    wake(0);
    return false;
  }

  function fire(entry: Entry): void {
    if (quiet() || fired >= FIRED_MAX || outbox.all()[0]?.rank === CONSENT) return wake(0);
    fired++;
    void deliver([entry]).finally(() => fired--);
  }

  /**
   * Nobody hears what becomes of a beacon. So the events stay, claimed for a while, and the next
   * page sends them again; the server knows them by their ids. What the browser does not take
   * stays for the next page as it is.
   */
  function leave(): void {
    if (needs.mayGo() && navigator.onLine !== false && !(asked && quiet())) giveAway();
  }

  function giveAway(): void {
    for (let most = LEAVING_BYTES_MAX; most > PIECE_CHARACTERS_MIN; ) {
      const waiting = outbox.next(most).filter(outbox.isMine);
      if (!waiting.length) return;
      const { items, text } = pack(waiting);
      if (beacon(url, text)) outbox.claim(items, Date.now() + CLAIM_MS);
      else most /= 2;
    }
  }

  function online(): void {
    if (!asked) rest = 0;
    wake(0);
  }

  return { wake, fire, leave, online };
}
