// What of the page goes along with each event.
import type { ContextOptions, Properties } from "./types.js";
import { possibly } from "./guard.js";
import type { Keep } from "./names.js";

/** The view that this document shows, and where the visitor came from to see it. */
let view: { url: string; referrer: string } | undefined;

/** What handed somebody over who has signed out since: whoever stays on the page is not them. */
export const SPENT = "kith-spent";
/** The reference's id of a browser. */
export const DEVICE = "tracardi-device-id";

/** A page that navigates by itself has several views: one comes from the one before. */
export function eventContext(wanted: ContextOptions, kept: Keep, isView: boolean): Properties {
  view ??= { url: location.href, referrer: document.referrer };
  if (isView && view.url !== location.href) view = { url: location.href, referrer: view.url };
  return wanted.page === false ? {} : { page: page(address(kept), view.referrer) };
}

/** The browser shows this document again: who was elsewhere meanwhile does not come from where they came first. */
export function comeBack(): void {
  view = { url: location.href, referrer: location.href };
}

/** What shows who is handed over in the page's address. */
export const passOf = (): string | undefined => location.search.match(/__tr_(sig|pid)=[^&]*/g)?.pop();

/** The page's address, without who must not be handed over any more: the server reads it there, too. */
function address(kept: Keep): string {
  return kept.read(SPENT) === passOf() ? location.href.replace(/__tr_pid=[^&#]*&?/, "") : location.href;
}

/** What the page's address says to the session. Kept with the event: the page may be left. */
export function carried(wanted: ContextOptions, kept: Keep): Properties {
  const carry: Record<string, Properties> = {};
  const query = new URL(address(kept)).searchParams;
  query.forEach((value, key) => {
    if (wanted.utm !== false && value && key.startsWith("utm_")) (carry["utm"] ??= {})[key.slice(4)] = value;
  });
  const profile = query.get("__tr_pid");
  const source = query.get("__tr_src");
  const signature = query.get("__tr_sig") ?? undefined;
  if (wanted.tracardiPass !== false && profile) carry["tracardi"] = { pass: { profile, source, signature } };
  return carry;
}

function page(url: string, from: string): Properties {
  const referrer = possibly(() => new URL(from));
  return {
    url,
    path: location.pathname,
    hash: location.hash,
    title: document.title,
    referer: { host: referrer?.host, query: referrer?.search },
    history: { length: history.length },
  };
}
