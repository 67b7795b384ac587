// From the address to a screen, and from a link to the address. Each screen is fetched when it is first looked at.

import { Component, type ComponentProps, type ComponentType, lazy, type MouseEvent, type ReactNode, useSyncExternalStore } from "react";

import { type Address, href, match, read, type Target } from "./address";

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

const listen = (listener: () => void) => (listeners.add(listener), () => void listeners.delete(listener));

export const useAddress = (): Address => useSyncExternalStore(listen, () => here);

/** What the address says, beside the screen. */
export const useSearch = <T extends object>(): Partial<T> => useAddress().search as Partial<T>;

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
