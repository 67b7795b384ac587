// What of the page goes along with each event.
import type { ContextOptions, Properties } from "./types.js";
import { possibly } from "./guard.js";

/** The view that this document shows, and where the visitor came from to see it. */
let view: { url: string; referrer: string } | undefined;

/** A page that navigates by itself has several views: one comes from the one before. */
export function eventContext(wanted: ContextOptions, isView: boolean): Properties {
  view ??= { url: location.href, referrer: document.referrer };
  if (isView && view.url !== location.href) view = { url: location.href, referrer: view.url };
  const context: Properties = {};
  if (wanted.page !== false) context["page"] = page(view.referrer);
  return context;
}

/** What the page's address says to the session. Kept with the event: the page may be left. */
export function carried(wanted: ContextOptions): Properties {
  const query = new URLSearchParams(location.search);
  const carry: Properties = {};
  const utm: Properties = {};
  query.forEach((value, key) => {
    if (value && key.startsWith("utm_")) utm[key.slice(4)] = value;
  });
  if (wanted.utm !== false && Object.keys(utm).length) carry["utm"] = utm;
  const profile = query.get("__tr_pid");
  const source = query.get("__tr_src");
  const signature = query.get("__tr_sig") ?? undefined;
  if (wanted.tracardiPass !== false && profile) {
    carry["tracardi"] = { pass: { profile, source, signature } };
  }
  return carry;
}

function page(from: string): Properties {
  const referrer = possibly(() => new URL(from));
  return {
    url: location.href,
    path: location.pathname,
    hash: location.hash,
    title: document.title,
    referer: { host: referrer?.host, query: referrer?.search },
    history: { length: history.length },
  };
}
