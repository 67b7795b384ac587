// Parts of the script that only some pages need.
import type { Client } from "./client.js";
import type { Identity } from "./identity.js";
import type { Keep } from "./names.js";
import type { Words } from "./permission.js";
import type { Setup } from "./setup.js";
import type { Reply } from "./transport.js";
import type { Answer, Kith, TrackOptions } from "./types.js";

export interface PageKith extends Kith {
  init(setup: Setup): void;
  track(type: string, properties?: unknown, options?: TrackOptions): Promise<Answer | undefined>;
  /** With all that is known about the answer. */
  track(type: string, properties: unknown, options: TrackOptions, whole: true): Promise<Reply | undefined>;
  track(type: string, properties?: unknown, options?: TrackOptions, whole?: boolean): Promise<never>;
}

/** What the script lends to a part, so that each thing exists once. */
export interface Lent {
  kith: PageKith;
  setup: Setup;
  /** Calls, and reports what goes wrong; returns nothing then. */
  attempt<Result>(call: () => Result): Result | undefined;
  allowed(): boolean;
  /** As the page does; what it happened to may have ended before. */
  track: Client["track"];
  /** The address at which the first view was counted. */
  url?: string;
  /** The element of the script. */
  own: HTMLScriptElement | null | undefined;
  identity: Identity;
  kept: Keep;
  /** What the visitor has said to which consent. */
  words(): Words;
}

export type Part = (lent: Lent) => unknown;
export type PartName = "auto" | "extras" | "reference";

/** Where parts come from: a script element, or the bundler's own ways. */
export type LoadPart = (name: PartName) => Promise<Part>;
