// How the script was set up, by a page of either kind.
import type { InitOptions, Properties } from "./types.js";
import { possibly, warn } from "./guard.js";
import type { Keep } from "./names.js";

export interface Setup extends InitOptions {
  /** Which of several trackers of the page it is. */
  name?: string | undefined;
  /** The page was made for the reference: puts into a payload what only such pages send. */
  reference?: (payload: Properties, kept: Keep) => void;
  /** Called before the page goes, or the visitor, for what is only known then. */
  onLeave?: () => void;
  /** Called when the visitor refuses, for what others than the script have kept of them. */
  onForget?: () => void;
  /** Called when a request has failed. */
  onFailure?: () => void;
}

/** What can be worked with, where `url` is the whole address; or nothing, and a word to the developer. */
export function checked(setup: Setup): Setup | undefined {
  // Empty is this page's own origin.
  if (setup?.url == null || !setup.source) {
    warn("no url or source");
    return undefined;
  }
  return { ...setup, url: address(setup) };
}

/** Where events go. From the page's own address: a `<base>` in it may be somebody else's. */
function address({ url, path = "/track" }: Setup): string {
  const whole = url.replace(/\/+$/, "") + path.replace(/^\/*(?=.)/, "/");
  return possibly(() => new URL(whole, location.href).href) ?? whole;
}
