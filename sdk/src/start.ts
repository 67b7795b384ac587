// Takes over from the stub of new pages and from the loader of the reference's.
import type { Kith } from "./types.js";
import type { ReferenceLent, ReferenceOptions } from "./parts/reference.js";
import { attempt } from "./guard.js";
import { createKith } from "./kith.js";
import { loadPart } from "./load.js";

/** What a page calls before this script is there: method, arguments, and who waits. */
type Call = [method: keyof Kith, args: Iterable<unknown>, settle?: (result?: unknown) => void];

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
    for (const [method, args, settle] of stub?.q ?? []) {
      const result = attempt(() => (kith[method] as (...args: unknown[]) => unknown)(...args));
      settle?.(result);
    }
  });
}
