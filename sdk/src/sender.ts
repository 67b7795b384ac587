// Sends what waits: in order, by one tab at a time, again when it failed, as a beacon when leaving.
import type { Answer, Payload } from "./types.js";
import type { Entry, Outbox } from "./outbox.js";
import type { Setup } from "./setup.js";
import { backoff } from "./backoff.js";
import { attempt, warn } from "./guard.js";
import { exclusively } from "./lock.js";
import { pack } from "./payload.js";
import { beacon, LEAVING_BYTES_MAX, post, type Reply } from "./transport.js";

export interface Sender {
  /** Sends all that waits, this much later at the latest. */
  wake(milliseconds: number): void;
  /** Sends this one alone, and at once if the server has not asked for quiet. */
  fire(entry: Entry): void;
  /** Sends this one as a beacon, which nobody answers. */
  launch(entry: Entry): void;
  /** The page goes: beacons for all that waits. */
  leave(): void;
  /** The browser is connected again. */
  online(): void;
}

/** Takes the reply, or nothing when it will not be known. */
export type Settle = (reply?: Reply) => void;

export interface SenderNeeds {
  setup: Setup;
  outbox: Outbox;
  allowed(): boolean;
  /** Resolves when the first batch may go. */
  prepared(): Promise<unknown>;
  answered(answer: Answer | undefined, payload: Payload): void;
  /** Who on this page wants to know what became of an event, by its key. */
  waiting: Map<string, Settle>;
}

/** Half of what may leave with the page, so that a second request fits beside it. */
const BATCH_BYTES_MAX = LEAVING_BYTES_MAX / 2;
/** Longer than any request takes. */
const CLAIM_MS = 30000;
const LOCK_BUSY_MS = 1000;

export function createSender(needs: SenderNeeds): Sender {
  const { setup, outbox, allowed, waiting } = needs;
  const url = setup.url + "/track";
  let timer: ReturnType<typeof setTimeout> | undefined;
  let due = Infinity;
  let failures = 0;
  /** Nothing is sent before then. */
  let rest = 0;
  /** It is not our own back-off: the server has asked for it. */
  let asked = false;
  let flushing = false;

  function wake(milliseconds: number): void {
    const now = Date.now();
    const at = Math.max(now, now + milliseconds, rest);
    if (at >= due) return;
    clearTimeout(timer);
    due = at;
    timer = setTimeout(flush, at - now);
  }

  async function flush(): Promise<void> {
    due = Infinity;
    // The running one takes everything; this is for what comes after its last look.
    if (flushing) return wake(LOCK_BUSY_MS);
    if (!allowed()) return;
    flushing = true;
    await needs.prepared();
    const done = await exclusively(setup.source, drain).catch(warn);
    flushing = false;
    if (!done) wake(LOCK_BUSY_MS * (1 + Math.random()));
  }

  const quiet = () => Date.now() < rest;

  function settle(key: string, reply?: Reply): void {
    waiting.get(key)?.(reply);
    waiting.delete(key);
  }

  async function drain(): Promise<void> {
    while (allowed() && !quiet()) {
      const free = outbox.free();
      if (!free.length || !(await deliver(free))) break;
    }
    const left = allowed() ? outbox.all() : [];
    for (const key of waiting.keys()) if (!left.some((entry) => entry.key === key)) settle(key);
    if (left.length) wake(Math.min(...left.map((entry) => entry.claimed)) - Date.now());
  }

  /** Whether it makes sense to go on. */
  async function deliver(waiting: Entry[]): Promise<boolean> {
    const { entries, payload, body } = pack(waiting, setup, BATCH_BYTES_MAX);
    outbox.claim(entries, Date.now() + CLAIM_MS);
    const reply = await post(url, body);
    if (reply.again) return failed(entries, reply);
    failures = rest = 0;
    // One bad event must not take the others with it.
    if ([413, 422].includes(reply.status) && entries.length > 1) return halves(entries);
    outbox.remove(entries);
    if (reply.ok) attempt(() => needs.answered(reply.data, payload));
    else warn("refused", reply.response);
    for (const { key } of entries) settle(key, reply);
    return true;
  }

  async function halves(entries: Entry[]): Promise<boolean> {
    const middle = entries.length >> 1;
    return (await deliver(entries.slice(0, middle))) && deliver(entries.slice(middle));
  }

  function failed(entries: Entry[], reply: Reply): boolean {
    outbox.claim(entries, 0);
    rest = Date.now() + backoff(++failures, reply.wait);
    asked = reply.wait > 0;
    wake(0);
    return false;
  }

  function fire(entry: Entry): void {
    if (quiet()) wake(0);
    else void deliver([entry]);
  }

  function launch(entry: Entry): void {
    if (navigator.onLine === false || !beacon(url, pack([entry], setup, LEAVING_BYTES_MAX).body)) {
      return wake(0);
    }
    outbox.remove([entry]);
    settle(entry.key);
  }

  /**
   * Nobody hears what becomes of a beacon. So the events stay, claimed for a while, and the next
   * page sends them again; the server knows them by their ids.
   */
  function leave(): void {
    if (!allowed() || navigator.onLine === false || (asked && quiet())) return;
    for (let free = outbox.free(); free.length; free = outbox.free()) {
      const { entries, body } = pack(free, setup, LEAVING_BYTES_MAX);
      if (!beacon(url, body)) break;
      outbox.claim(entries, Date.now() + CLAIM_MS);
    }
  }

  function online(): void {
    if (!asked) rest = 0;
    wake(0);
  }

  return { wake, fire, launch, leave, online };
}
