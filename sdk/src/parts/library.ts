// The methods of the library that the reference's script is a plug-in of.
import type { Properties, TrackOptions } from "../types.js";
import type { Bus, Heard } from "./bus.js";
import type { ReferenceLent } from "./reference.js";

/** Where that library keeps who the visitor is. */
const USER = "__user_id";
const TRAITS = "__user_traits";
const ANONYMOUS = "__anon_id";

type Callback = (about: { payload: Properties }) => void;

export function createLibrary({ kith, attempt }: ReferenceLent, bus: Bus, helpers: { track: Function }) {
  /** Who the visitor was said to be while nothing may be stored. */
  let held = new Map<string, unknown>();

  const storage = {
    getItem(key: string): unknown {
      const text = attempt(() => localStorage.getItem(key)) ?? undefined;
      try {
        return JSON.parse(text!);
      } catch {
        return text;
      }
    },
    setItem: (key: string, value: unknown) => attempt(() => localStorage.setItem(key, JSON.stringify(value))),
    removeItem: (key: string) => attempt(() => localStorage.removeItem(key)),
  };

  /** Ids are told only where something may be stored. */
  function keep(): void {
    if (!("session" in kith.ids())) return;
    held.forEach((value, key) => storage.setItem(key, value));
    held = new Map();
  }

  function remember(key: string, value: unknown): void {
    held.set(key, value);
    keep();
  }

  const known = (key: string): unknown => held.get(key) ?? storage.getItem(key);

  const state = {
    context: { initialized: true, offline: false, debug: false },
    page: { last: {} as Properties, history: [] as Properties[] },
    track: { last: {} as Properties, history: [] as Properties[] },
    plugins: { tracardi: { enabled: true, initialized: true, loaded: true, config: {} } },
  };

  const whole = (): Properties => ({
    ...state,
    user: {
      userId: known(USER) ?? null,
      anonymousId: known(ANONYMOUS) ?? kith.ids().profile ?? null,
      traits: known(TRAITS) ?? {},
    },
  });

  const at = (from: unknown, path?: string): unknown =>
    (path ? path.split(".") : []).reduce((value, key) => (value as Properties | undefined)?.[key], from);

  /** Tells who listens before and after, and the callback, which may stand in place of options. */
  function done<Result>(name: string, payload: Properties, rest: unknown[], result: Promise<Result>): Promise<Result> {
    const callback = rest.find((one) => typeof one === "function") as Callback | undefined;
    bus.tell(name + "Start", payload);
    bus.tell(name, payload);
    void result.then(() => {
      bus.tell(name + ":tracardi", payload);
      bus.tell(name + "End", payload);
      if (callback) attempt(() => callback({ payload }));
    });
    return result;
  }

  function note(kind: "page" | "track", payload: Properties): void {
    state[kind].last = payload;
    state[kind].history = [...state[kind].history.slice(-99), payload];
  }

  function track(type: string, properties?: Properties, options?: TrackOptions, ...rest: unknown[]) {
    const given = typeof options === "object" ? options : {};
    const payload = { event: type, properties: properties ?? {}, options: given };
    note("track", payload);
    const result = given?.fire ? helpers.track(type, properties, given) : kith.track(type, properties, given);
    return done("track", payload, [options, ...rest], result);
  }

  function page(properties?: Properties, ...rest: unknown[]) {
    const data = typeof properties === "object" ? properties : {};
    note("page", { properties: data });
    return done("page", { properties: data }, [properties, ...rest], kith.track("page-view", data));
  }

  function identify(id: unknown, traits?: Properties, ...rest: unknown[]) {
    const said = typeof id === "object" ? (id as Properties) : { ...(typeof traits === "object" ? traits : {}), id };
    const { id: userId, ...others } = said;
    if (userId !== undefined) remember(USER, userId);
    remember(TRAITS, { ...(known(TRAITS) as Properties), ...others });
    return done("identify", { userId, traits: others }, [traits, ...rest], kith.identify(said));
  }

  function forget(): void {
    held = new Map();
    for (const key of [USER, TRAITS, ANONYMOUS]) storage.removeItem(key);
  }

  function reset(callback?: Callback): Promise<void> {
    kith.reset();
    forget();
    return done("reset", {}, [callback], Promise.resolve());
  }

  const tracker = {
    track,
    page,
    identify,
    reset,
    on: bus.on,
    once: bus.once,
    ready: (call: Heard) => attempt(() => call({ payload: {} })),
    user: (path?: string) => at(whole()["user"], path),
    getState: (path?: string) => at(whole(), path),
    setAnonymousId: (id: string) => remember(ANONYMOUS, id),
    storage,
    dispatch: (payload: Properties) => bus.tell(String(payload["type"]), payload),
    plugins: { enable: () => Promise.resolve(), disable: () => Promise.resolve(), tracardi: helpers },
  };
  return { tracker, keep, forget };
}
