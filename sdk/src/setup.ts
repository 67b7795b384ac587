// How the script was set up, by a page of either kind.
import type { InitOptions } from "./types.js";
import { warn } from "./guard.js";

export interface Setup extends InitOptions {
  /** The page was made for the reference: its device has an id, its loader may know the GPU. */
  reference?: { gpu: unknown } | undefined;
}

/** What can be worked with, or nothing, and a word to the developer. */
export function checked(setup: Setup): Setup | undefined {
  if (!setup?.url || !setup.source) {
    warn("no url or source");
    return undefined;
  }
  return { ...setup, url: setup.url.replace(/\/+$/, "") };
}
