// From the address to a screen, and from a link to the address. Each screen is fetched when it is first looked at.

import { Component, type ComponentProps, type ComponentType, createContext, lazy, type MouseEvent, type ReactNode, useContext, useSyncExternalStore } from "react";

import { useIsHere } from "./here";
import { type Address, href, match, read, type Search, type Target } from "./address";

type Load = () => Promise<{ default: ComponentType }>;

const SCREENS: readonly (readonly [string, Load])[] = [
  ["/", () => import("../screens/overview")],
  ["/welcome", () => import("../screens/welcome")],
  ["/live", () => import("../screens/live")],
  ["/events", () => import("../screens/events")],
  ["/people", () => import("../screens/people")],
  ["/people/$id", () => import("../screens/person")],
  ["/sessions", () => import("../screens/sessions")],
  ["/sql", () => import("../screens/sql")],
  ["/trends", () => import("../screens/trends")],
  ["/funnel", () => import("../screens/funnel")],
  ["/retention", () => import("../screens/retention")],
  ["/paths", () => import("../screens/paths")],
  ["/stickiness", () => import("../screens/stickiness")],
  ["/lifecycle", () => import("../screens/lifecycle")],
  ["/dashboards", () => import("../screens/dashboards")],
  ["/dashboards/$id", () => import("../screens/dashboard")],
  ["/saved", () => import("../screens/saved")],
  ["/lists", () => import("../screens/lists")],
  ["/lists/$id", () => import("../screens/list")],
  ["/audiences", () => import("../screens/audiences")],
  ["/audiences/$id", () => import("../screens/audience")],
  ["/computed-traits", () => import("../screens/rule-kind")],
  ["/computed-traits/$id", () => import("../screens/rule")],
  ["/rules", () => import("../screens/rules")],
  ["/rules/$kind", () => import("../screens/rule-kind")],
  ["/rules/$kind/$id", () => import("../screens/rule")],
  ["/held", () => import("../screens/held")],
  ["/catalogue", () => import("../screens/catalogue")],
  ["/quarantine", () => import("../screens/quarantine")],
  ["/sources", () => import("../screens/sources")],
  ["/redirects", () => import("../screens/redirects")],
  ["/keys", () => import("../screens/keys")],
  ["/users", () => import("../screens/users")],
  ["/audit", () => import("../screens/audit")],
  ["/system", () => import("../screens/system")],
  ["/account", () => import("../screens/account")],
];

const ROUTES = SCREENS.map(([pattern, load]) => ({ pattern, load, Screen: lazy(load) }));

let here: Address = read(location);
const listeners = new Set<() => void>();

function arrive(): void {
  here = read(location);
  listeners.forEach((listener) => listener());
}

addEventListener("popstate", arrive);

/** Leads to a target. `replace`: the way back leads past this one. */
export function go(target: Target, replace = false): void {
  const before = here.path;
  history[replace ? "replaceState" : "pushState"](null, "", href(target, here));
  arrive();
  if (here.path !== before) scrollTo(0, 0);
}

/** The same from a screen or a window, once something is done: whoever has left it meanwhile stays where they are. */
export function useGo(): typeof go {
  const isHere = useIsHere();
  return (target, replace) => void (isHere() && go(target, replace));
}

const listen = (listener: () => void) => (listeners.add(listener), () => void listeners.delete(listener));

export const useAddress = (): Address => useSyncExternalStore(listen, () => here);

/** A screen inside of another one: what its address would say, where changes of that go, a filter beside its own, and whether the other one says its range. */
export type Within = { search: Search; move: (change: Change, replace?: boolean) => void; where?: string | undefined; isRanged: boolean };
type Change = Record<string, string | undefined>;

export const WithinContext = createContext<Within | null>(null);
export const useWithin = () => useContext(WithinContext);

/** What the address says, beside the screen. */
export function useSearch<T extends object>(): Partial<T> {
  const { search } = useAddress();
  return (useWithin()?.search ?? search) as Partial<T>;
}

/** Goes to the same view with something else in its address; what is empty leaves it. */
const move = (change: Change, replace = false) => go({ to: ".", search: change }, replace);
export const useMove = () => useWithin()?.move ?? move;

/** The screen at a path, to stand inside of another one; none when there is none. */
export const screenAt = (path: string): ComponentType | undefined => ROUTES.find(({ pattern }) => pattern === path)?.Screen;

/** What screens fetch themselves, once it is needed. */
const PARTS: readonly (() => Promise<unknown>)[] = [
  () => import("../charts/chart"), () => import("../screens/sql-editor"), () => import("../ui/save"), () => import("../ui/filter-builder"), () => import("./palette"), () => import("./keys-help"),
];

/** Fetches everything that somebody may come to, so that it is there when the network is not. */
export async function fetchAll(): Promise<void> {
  for (const load of [...ROUTES.map((route) => route.load), ...PARTS]) await load().catch(() => undefined);
}

/** What stands for the parameters in this screen's address. */
export function useParams(): Record<string, string> {
  const { path } = useAddress();
  return ROUTES.map(({ pattern }) => match(pattern, path)).find(Boolean) ?? {};
}

/** A link inside the console. The browser's own ways to open it elsewhere stay. */
export function Link({ to, params, search, ...rest }: Target & Omit<ComponentProps<"a">, "href">) {
  const now = useAddress();
  const target = { to, ...(params ? { params } : {}), ...(search ? { search } : {}) };
  const click = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(target);
  };
  const isHere = !params && (now.path === to || (to !== "/" && now.path.startsWith(`${to}/`)));
  // Fetched while the finger is on its way.
  const fetchIt = () => void ROUTES.find(({ pattern }) => pattern === to)?.load().catch(() => undefined);
  return <a {...rest} href={href(target, now)} aria-current={isHere ? "page" : undefined} onClick={click} onPointerEnter={fetchIt} onFocus={fetchIt} />;
}

/** The screen of this address. */
export function Outlet({ otherwise }: { otherwise: ReactNode }) {
  const { path } = useAddress();
  const route = ROUTES.find(({ pattern }) => match(pattern, path));
  return route ? <route.Screen key={path} /> : otherwise;
}

/** Keeps a defect of one screen from taking the others along. */
export class Fence extends Component<{ children: ReactNode; show: (error: unknown, again: () => void) => ReactNode }, { error: unknown }> {
  override state = { error: null as unknown };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    return this.state.error ? this.props.show(this.state.error, () => this.setState({ error: null })) : this.props.children;
  }
}
