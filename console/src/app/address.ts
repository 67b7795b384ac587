// Addresses: which screen, and everything that it shows, as texts. Free of React.

export type Search = Record<string, string>;
export type Address = { path: string; search: Search };
/** Where a link leads: `.` is here, `$id` stands for one of the params. What is empty leaves the address. */
export type Target = { to: string; params?: Record<string, string>; search?: Record<string, string | undefined> };

const BASE = "/console";
/** What goes along to every other screen. */
const RETAINED = ["range", "zone"];

/** The address that a browser shows. */
export function read({ pathname, search }: { pathname: string; search: string }): Address {
  const path = pathname.slice(BASE.length).replace(/\/+$/, "") || "/";
  return { path, search: Object.fromEntries(new URLSearchParams(search)) };
}

/** What a browser shows for a target, seen from here. */
export function href({ to, params = {}, search = {} }: Target, here: Address): string {
  const isHere = to === ".";
  const path = isHere ? here.path : to.replace(/\$(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ""));
  const kept = Object.entries(here.search).filter(([name]) => isHere || RETAINED.includes(name));
  const said = Object.entries({ ...Object.fromEntries(kept), ...search }).filter(([, value]) => value);
  const text = new URLSearchParams(said as [string, string][]).toString();
  return `${BASE}${path}${text ? `?${text}` : ""}`;
}

/** What stands for the parameters of a pattern such as `/people/$id`; none when the path is another. */
export function match(pattern: string, path: string): Record<string, string> | null {
  const [wanted, parts] = [pattern.split("/"), path.split("/")];
  if (wanted.length !== parts.length) return null;
  const params: Record<string, string> = {};
  for (const [at, part] of wanted.entries()) {
    const own = parts[at] ?? "";
    if (part.startsWith("$")) params[part.slice(1)] = decoded(own);
    else if (part !== own) return null;
  }
  return params;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
