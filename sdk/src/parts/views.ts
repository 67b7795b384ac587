// The views of a page, how far down the visitor came in each, and for how long it could be seen.
import type { Lent } from "../parts.js";
import type { Properties } from "../types.js";
import { eventContext } from "../page.js";

export function measureViews({ kith, setup, attempt }: Lent): void {
  const { views, scroll, time } = setup.auto!;
  if (!views && !scroll && !time) return;
  let url = location.href;
  /** The view as it was; the page may have another one by the time that it has ended. */
  let place: Properties = {};
  let depth = 0;
  let seen = 0;
  let since = 0;

  const look = () => {
    const now = performance.now();
    if (since) seen += now - since;
    since = document.visibilityState === "visible" ? now : 0;
  };

  const reach = () => {
    const { scrollHeight } = document.documentElement;
    const reached = Math.min(100, Math.round(((scrollY + innerHeight) / scrollHeight) * 100));
    depth = Math.max(depth, reached || 0);
  };

  function end(): void {
    look();
    const there = url === location.href ? {} : { context: place };
    if (scroll && depth) void kith.track("page-scrolled", { url, percent: depth }, there);
    if (time) void kith.track("visible-time", { url, seconds: Math.round(seen / 1000) }, there);
    depth = seen = 0;
  }

  function begin(): void {
    url = location.href;
    place = eventContext(setup.context ?? {}, !!views);
    look();
    reach();
  }

  function turn(): void {
    if (url === location.href) return;
    end();
    if (views) void kith.track("page-view");
    begin();
  }

  // The page gives its new view a title after it has given it an address.
  const soon = () => setTimeout(() => attempt(turn));

  for (const name of ["pushState", "replaceState"] as const) {
    const original = history[name];
    history[name] = function (this: History, ...change: Parameters<History["pushState"]>) {
      original.apply(this, change);
      soon();
    };
  }
  for (const change of ["popstate", "hashchange"]) addEventListener(change, soon);
  document.addEventListener("visibilitychange", look);
  addEventListener("scroll", () => attempt(reach), { passive: true });
  // Before the script lets everything go that waits.
  setup.onLeave = () => attempt(end);
  addEventListener("pageshow", ({ persisted }) => {
    if (!persisted) return;
    if (views) void kith.track("page-view");
    begin();
  });
  begin();
}
