// Takes over from the stub of new pages and from the loader of the reference's.
import type { Kith } from "./types.js";
import type { ReferenceLent, ReferenceOptions } from "./parts/reference.js";
import { attempt } from "./guard.js";
import { createKith } from "./kith.js";
import { loadPart } from "./load.js";

/** What a page calls before this script is there: method, arguments, who waits, and which tracker is called. */
type Call = [method: keyof Kith, args: Iterable<unknown>, settle?: (result?: unknown) => void, tracker?: string];

/** What pages of the reference are set up with; it may be a `const`, and is not in `window` then. */
declare const options: ReferenceOptions | undefined;

interface Page {
  kith?: Partial<Kith> & { q?: Call[] };
  config?: ReferenceOptions;
}

const page = window as unknown as Page;

export function startScript(startReference: (lent: ReferenceLent) => void): void {
  attempt(() => {
    const stub = page.kith;
    // The script is in the page twice.
    if (stub?.init && !stub.q) return;
    const kith = (page.kith = createKith(loadPart));
    const given = typeof options === "object" && options?.tracker ? options : page.config;
    if (given?.tracker) attempt(() => startReference({ kith, setup: given, attempt }));
    const call = ([method, args, settle, tracker]: Call): void => {
      const called = tracker ? kith.tracker(tracker) : kith;
      const result = attempt(() => (called[method] as (...args: unknown[]) => unknown)(...args));
      settle?.(result);
    };
    const queue = stub?.q ?? [];
    queue.forEach(call);
    // The page may have kept the stub.
    queue.push = call as never;
  });
}
