// The views of a page, how far down the visitor came in each, and for how long it could be seen.
import type { Lent } from "../parts.js";
import type { Ids, Properties } from "../types.js";
import { comeBack, eventContext } from "../page.js";

export function measureViews({ kith, setup, attempt, kept, track, url: counted }: Lent): void {
  const { views, scroll, time } = setup.auto!;
  if (!views && !scroll && !time) return;
  let url = counted!;
  /** The view as it was; the page may have another one by the time that it has ended. */
  let place: Properties = {};
  let depth = 0;
  let seen = 0;
  let since = 0;
  /** The visit that the view is of, and the person, as they were when the visitor was last seen at it. */
  let who: Ids = {};
  /** What it had to tell is told: whoever stays is somebody else, or nobody. */
  let isOver = false;

  const look = () => {
    const now = performance.now();
    if (since) seen += now - since;
    since = document.visibilityState === "visible" ? now : 0;
  };

  const reach = () => {
    const { scrollHeight } = document.documentElement;
    const reached = Math.min(100, Math.round(((scrollY + innerHeight) / scrollHeight) * 100));
    depth = Math.max(depth, reached || 0);
    meet();
  };

  const meet = () => {
    const now = kith.ids();
    if (now.session) who = now;
  };

  /** Whose the end of the view is: it begins no visit, and is not of whoever came since. */
  function whose() {
    const now = kith.ids();
    const isSame = now.session && (!who.profile || now.profile === who.profile);
    return isSame || !who.session ? {} : { session: who.session, profile: who.profile ?? "" };
  }

  function end(): void {
    look();
    if (isOver) return;
    const tell = (type: string, about: Properties) =>
      track(type, { url, ...about }, url === location.href ? {} : { context: place }, whose());
    if (scroll && depth) tell("page-scrolled", { percent: depth });
    if (time) tell("visible-time", { seconds: Math.round(seen / 1000) });
    depth = seen = 0;
  }

  function begin(): void {
    url = location.href;
    isOver = false;
    place = eventContext(setup.context ?? {}, kept, !!views);
    look();
    reach();
  }

  function turn(): void {
    if (url === location.href) return;
    end();
    who = {};
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
  document.addEventListener("visibilitychange", () => {
    look();
    if (since) meet();
  });
  addEventListener("scroll", () => attempt(reach), { passive: true });
  // Before the script lets everything go that waits.
  setup.onLeave = () => {
    attempt(end);
    isOver = true;
  };
  addEventListener("pageshow", ({ persisted }) => {
    if (!persisted) return;
    comeBack();
    begin();
    if (views) void kith.track("page-view", {}, { context: place });
    meet();
  });
  // The page may have gone on before this was there.
  if (views && url !== location.href) void kith.track("page-view");
  begin();
}
