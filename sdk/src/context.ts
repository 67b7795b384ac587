// What of the browser goes along with each payload.
import type { ContextOptions, External, Properties } from "./types.js";
import { possibly } from "./guard.js";
import { readCookie } from "./cookies.js";
import { keys, read } from "./store.js";
import { GEO, rememberedJson } from "./remote.js";

export function payloadContext(wanted: ContextOptions, external: External[] = []): Properties {
  const context: Properties = { time: time() };
  if (wanted.browser !== false) context["browser"] = { local: browser() };
  if (wanted.screen !== false) context["screen"] = { local: screenSize() };
  const ga = wanted.ga && readCookie("_ga");
  if (ga) context["ids"] = { ga };
  if (wanted.cookies || wanted.storage) context["storage"] = storage(wanted);
  const place = wanted.location && possibly(() => JSON.parse(readCookie(GEO)!));
  if (place) context["location"] = place;
  for (const { key, storage: name } of external) {
    const value = rememberedJson(name);
    if (value !== undefined) context[key] = value;
  }
  return context;
}

function time(): Properties {
  const tz = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return { local: new Date().toISOString(), tz };
}

function browser(): Properties {
  const browser = {
    name: browserName(navigator.userAgent),
    engine: navigator.product,
    javaEnabled: false,
    ...pick(navigator, "appVersion userAgent language onLine cookieEnabled"),
  };
  return { browser, device: pick(navigator, "platform") };
}

/** Every browser also calls itself by the names of older ones: the rarest name comes first. */
const NAMES: [mark: string, name: string][] = [
  ["Edg", "edge"],
  ["OPR", "opera"],
  ["Firefox", "firefox"],
  ["FxiOS", "firefox"],
  ["CriOS", "chrome"],
  ["Chrom", "chrome"],
  ["Safari", "safari"],
];

function browserName(userAgent: string): string {
  return NAMES.find(([mark]) => userAgent.includes(mark))?.[1] ?? "other";
}

function screenSize(): Properties {
  return {
    ...pick(screen, "width height availWidth availHeight colorDepth pixelDepth"),
    ...pick(window, "innerWidth innerHeight"),
    orientation: screen.orientation?.type,
  };
}

function pick(from: object, names: string): Properties {
  const pairs = names.split(" ").map((name) => [name, (from as Properties)[name]]);
  return Object.fromEntries(pairs);
}

function storage(wanted: ContextOptions): Properties {
  const found: Properties = {};
  if (wanted.storage) {
    // Not our own queue, which would hold itself.
    const names = keys("").filter((name) => !name.startsWith("kith-"));
    found["local"] = Object.fromEntries(names.map((name) => [name, read(name)]));
  }
  if (wanted.cookies) {
    const text = document.cookie;
    const pairs = new URLSearchParams(text.replace(/; /g, "&"));
    found["cookies"] = { cookies1: text, cookies2: Object.fromEntries(pairs) };
  }
  return found;
}
