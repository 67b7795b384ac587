// Parts of the script that only some pages need.
import type { Identity } from "./identity.js";
import type { Keep } from "./names.js";
import type { Words } from "./permission.js";
import type { Setup } from "./setup.js";
import type { Reply } from "./transport.js";
import type { Kith, TrackOptions } from "./types.js";

export interface PageKith extends Kith {
  init(setup: Setup): void;
  /** As `track`, with all that is known about the answer. */
  request(type: string, properties?: unknown, options?: TrackOptions): Promise<Reply | undefined>;
}

/** What the script lends to a part, so that each thing exists once. */
export interface Lent {
  kith: PageKith;
  setup: Setup;
  /** Calls, and reports what goes wrong; returns nothing then. */
  attempt<Result>(call: () => Result): Result | undefined;
  allowed(): boolean;
  identity: Identity;
  kept: Keep;
  /** What the visitor has said to which consent. */
  words(): Words;
}

export type Part = (lent: Lent) => unknown;
export type PartName = "auto" | "extras" | "reference";

/** Where parts come from: a script element, or the bundler's own ways. */
export type LoadPart = (name: PartName) => Promise<Part>;
