// Asks other servers, once, for what the page wants to have in the context.
import type { ContextOptions, External, LocationOptions, Properties } from "../types.js";
import { possibly } from "../guard.js";
import { readCookie, writeCookie } from "../cookies.js";
import { read, remove, write } from "../store.js";
import { timed } from "../timed.js";

/** The cookie with the visitor's place. */
export const GEO = "__tr_geo";
const MS_MAX = 5000;

export function rememberedJson(name: string): unknown {
  return possibly(() => JSON.parse(read(name)!));
}

/** Resolves when all that was not known is known, or has failed. */
export async function fetchExternal(
  external: External[] = [],
  allowed: () => boolean,
): Promise<void> {
  await Promise.all(external.map((one) => fetchOne(one, allowed).catch(() => undefined)));
}

async function fetchOne(
  { url, method = "GET", body, storage }: External,
  allowed: () => boolean,
): Promise<void> {
  if (rememberedJson(storage) !== undefined) return;
  const init: RequestInit = { method };
  if (body) init.body = typeof body === "string" ? body : JSON.stringify(body);
  const answer = await timed(url, init, MS_MAX, json);
  // The visitor may have refused meanwhile.
  if (allowed()) write(storage, JSON.stringify(answer));
}

/** The visitor's place: it goes along from the next request on. */
export async function fetchLocation(
  wanted: ContextOptions["location"],
  allowed: () => boolean,
): Promise<void> {
  if (!wanted || readCookie(GEO)) return;
  const known: LocationOptions =
    wanted === true ? { url: "https://geolocation-db.com/json/", data: fromGeolocationDb } : wanted;
  const answer = await timed(known.url, {}, MS_MAX, json);
  if (allowed()) writeCookie(GEO, JSON.stringify(known.data ? known.data(answer) : answer));
}

/** What was fetched about the visitor goes with them. */
export function forgetFetched(external: External[] = []): void {
  writeCookie(GEO, "", -1);
  for (const { storage } of external) remove(storage);
}

/** In the form that Kith knows, and without the address. */
function fromGeolocationDb(answer: Properties): Properties {
  const { country_name: name, country_code: code, state: county, IPv4: _, ...place } = answer;
  return { ...place, county, country: { name, code } };
}

const json = (response: Response): Promise<Properties> => response.json();
