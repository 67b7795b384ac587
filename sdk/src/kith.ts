// What pages use: `kith.init`, then `track`, `identify`, `consent`, in any order.
import type { TrackOptions } from "./types.js";
import { ANSWER_MS_MAX, createClient, type Client } from "./client.js";
import { attempt, guarded, warn } from "./guard.js";
import type { LoadPart, PageKith } from "./parts.js";
import { checked, type Setup } from "./setup.js";
import type { Hear } from "./outbox.js";

export function createKith(load: LoadPart, name?: string): PageKith {
  let setup: Setup | undefined;
  let client: Client | undefined;
  /** What was called before there was a client. */
  const early: ((client: Client) => void)[] = [];
  // Any name will do, also one that all objects have something by.
  const others = { __proto__: null } as unknown as Record<string, PageKith>;

  function whenReady(call: (client: Client) => void): void {
    if (client) call(client);
    else early.push(call);
  }

  function init(given: Setup): void {
    if (setup) return warn("use kith.tracker");
    setup = checked({ ...given, name });
    if (!setup) return;
    // A page that is shown to nobody yet, and perhaps never will be.
    if (!(document as { prerendering?: boolean }).prerendering) return start();
    document.addEventListener("prerenderingchange", guarded(start), { once: true });
  }

  function start(): void {
    const started = (client = createClient(setup!, kith, load));
    for (const call of early.splice(0)) attempt(() => call(started));
  }

  /** Whoever asks gets the answer, or the whole reply; nothing when there is none in time. */
  const track = ((type: string, properties?: unknown, options?: TrackOptions, whole?: boolean) =>
    new Promise((resolve) => {
      if (!client) setTimeout(resolve, ANSWER_MS_MAX);
      whenReady((ready) => ready.track(type, properties, options, { hear: resolve as Hear, whole }));
    })) as PageKith["track"];

  const kith: PageKith = {
    init: guarded(init),
    track,
    identify: (traits) =>
      track("identification", { ...traits, email: main(traits?.["email"]), phone: main(traits?.["phone"]) }),
    consent: (consent) => whenReady((ready) => ready.consent(consent)),
    reset: () => whenReady((ready) => ready.reset()),
    ids: () => client?.ids() ?? {},
    tracker: (other) => (others[other] ??= createKith(load, other)),
    ready: (call) => attempt(() => call(kith)),
  };
  return kith;
}

/** A visitor has several addresses; a page usually knows one. */
const main = (address: unknown): unknown => (typeof address === "string" ? { main: address } : address);
