// What of the page goes along with each event.
import type { ContextOptions, Properties } from "./types.js";
import { possibly } from "./guard.js";
import { readCookie } from "./cookies.js";

export function eventContext(wanted: ContextOptions): Properties {
  const context: Properties = {};
  if (wanted.page !== false) context["page"] = page();
  if (wanted.performance) context["performance"] = performance.getEntriesByType("navigation")[0];
  const ga = wanted.ga && readCookie("_ga");
  if (ga) context["ga"] = ga;
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
  if (wanted.tracardiPass !== false && profile) carry["tracardi"] = { pass: { profile, source } };
  return carry;
}

function page(): Properties {
  const referrer = possibly(() => new URL(document.referrer));
  return {
    url: location.href,
    path: location.pathname,
    hash: location.hash,
    title: document.title,
    referer: { host: referrer?.host, query: referrer?.search },
    history: { length: history.length },
  };
}
