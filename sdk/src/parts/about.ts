// What goes along only where the page asks for it: cookies, storage, place, and what was fetched.
import type { External, Properties } from "../types.js";
import type { Setup } from "../setup.js";
import { possibly } from "../guard.js";
import { readCookie } from "../cookies.js";
import { keys, read } from "../store.js";
import { GEO, rememberedJson } from "./remote.js";

type Wanted = NonNullable<Setup["context"]>;

export function aboutVisitor(wanted: Wanted, external: External[] = []): Properties {
  const context: Properties = {};
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

function storage(wanted: Wanted): Properties {
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
