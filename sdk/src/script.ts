// The script tag: takes over from the stub of new pages and from the loader of the reference's.
import type { Kith } from "./types.js";
import { attempt } from "./guard.js";
import { createKith } from "./kith.js";
import { startReference } from "./reference.js";

/** What a page calls before this script is there: method and arguments. */
type Stub = Partial<Kith> & { q?: [method: keyof Kith, args: Iterable<unknown>][] };

const page = window as unknown as { kith?: Stub };

function start(): void {
  const stub = page.kith;
  // The script is in the page twice.
  if (stub?.init && !stub.q) return;
  const kith = createKith();
  page.kith = kith;
  attempt(() => startReference(kith));
  for (const [method, args] of stub?.q ?? []) {
    const call = kith[method] as (...args: unknown[]) => unknown;
    attempt(() => call(...args));
  }
}

attempt(start);
