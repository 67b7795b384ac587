// A browser for tests: time, network and tabs that do as they are told.
import { afterEach, beforeEach, expect, vi } from "vitest";
import type { Answer, InitOptions, Kith, Payload } from "../src/types.js";
import type { LoadPart, PageKith, Part } from "../src/parts.js";

export const URL_ = "https://kith.example";
export const SETUP: InitOptions = { url: URL_, source: "shop" };
export const START = Date.parse("2026-01-05T10:00:00Z");

interface Scripted {
  status?: number;
  headers?: Record<string, string>;
  /** Instead of the usual answer. */
  body?: unknown;
  profile?: string | null;
  session?: string;
  more?: Partial<Answer>;
}

/** What the fake server was sent, and how it answers: scripted first, then as usual. */
export const server = {
  posts: [] as { url: string; init: RequestInit; payload: Payload }[],
  beacons: [] as { url: string; blob: Blob; payload: Promise<Payload> }[],
  script: [] as (Scripted | Error | Promise<Scripted>)[],
  profile: "P1" as string | null,
  beaconsTaken: true,
  beaconBytes: 0,
  /** Events as the server keeps them: once for each id. */
  kept: new Map<string, Record<string, unknown>>(),

  payloads: () => server.posts.map((post) => post.payload),
  types: () => server.payloads().map((payload) => payload.events.map((event) => event["type"])),
  last: () => server.posts[server.posts.length - 1]!.payload,
};

async function fakeFetch(url: string, init: RequestInit): Promise<unknown> {
  const payload = init.body ? JSON.parse(init.body as string) : undefined;
  server.posts.push({ url, init, payload });
  const scripted = await server.script.shift();
  if (scripted instanceof Error) throw scripted;
  const { status = 200, headers = {}, profile = server.profile, session, more } = scripted ?? {};
  const usual = {
    task: "T",
    ux: [],
    response: {},
    events: [],
    profile: { id: profile },
    session: { id: session ?? payload?.session?.id ?? null },
    errors: [],
    warnings: [],
    ...more,
  };
  if (status === 200) for (const event of payload?.events ?? []) server.kept.set(event.id, event);
  const body = scripted && "body" in scripted ? scripted.body : usual;
  return {
    status,
    ok: status >= 200 && status < 300,
    headers: { get: (name: string) => headers[name] ?? null },
    json: async () => (body instanceof Error ? Promise.reject(body) : body),
  };
}

function fakeBeacon(url: string, blob: Blob): boolean {
  // As browsers do: all together, 64 KiB.
  if (!server.beaconsTaken || server.beaconBytes + blob.size > 65536) return false;
  server.beaconBytes += blob.size;
  const payload = blob.text().then((text) => JSON.parse(text) as Payload);
  server.beacons.push({ url, blob, payload });
  return true;
}

export function navigatorHas(name: string, value: unknown): void {
  Object.defineProperty(navigator, name, { configurable: true, value });
}

type Listening = [target: EventTarget, type: string, call: EventListener];
let listening: Listening[] = [];

function recordListeners(target: EventTarget): void {
  const original = target.addEventListener.bind(target);
  vi.spyOn(target, "addEventListener").mockImplementation((type, call, how) => {
    listening.push([target, type, call as EventListener]);
    original(type, call, how);
  });
}

function endPages(): void {
  for (const [target, type, call] of listening) {
    target.removeEventListener(type, call, true);
    target.removeEventListener(type, call);
  }
  listening = [];
  // Clearing the timers also turns the clock back.
  const now = Date.now();
  vi.clearAllTimers();
  vi.setSystemTime(now);
}

export function clearCookies(): void {
  for (const pair of document.cookie.split("; ")) {
    document.cookie = pair.split("=")[0] + "=; Path=/; Max-Age=-1";
  }
}

/** A browser that refuses cookies. */
export function refuseCookies(): void {
  Object.defineProperty(document, "cookie", { configurable: true, get: () => "", set: () => undefined });
}

/** All cookies written from now on, as they are written. */
export function watchCookies(): string[] {
  const written: string[] = [];
  let owner: object = document;
  while (!Object.getOwnPropertyDescriptor(owner, "cookie")) owner = Object.getPrototypeOf(owner);
  const { get, set } = Object.getOwnPropertyDescriptor(owner, "cookie")!;
  Object.defineProperty(document, "cookie", {
    configurable: true,
    get: () => get!.call(document),
    set(text: string) {
      written.push(text);
      set!.call(document, text);
    },
  });
  return written;
}

export function goTo(url: string): void {
  (window as unknown as { happyDOM: { setURL(url: string): void } }).happyDOM.setURL(url);
}

beforeEach(() => {
  vi.useFakeTimers({ now: START });
  goTo("https://shop.example/shoes?size=42");
  document.title = "Shoes";
  document.body.innerHTML = "";
  localStorage.clear();
  clearCookies();
  Object.assign(server, { posts: [], beacons: [], script: [], profile: "P1", beaconsTaken: true, beaconBytes: 0 });
  server.kept.clear();
  parts.areGone = false;
  vi.stubGlobal("fetch", fakeFetch);
  navigatorHas("sendBeacon", fakeBeacon);
  navigatorHas("onLine", true);
  navigatorHas("cookieEnabled", true);
  navigatorHas("doNotTrack", null);
  navigatorHas("globalPrivacyControl", undefined);
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  vi.spyOn(console, "warn").mockImplementation((...what) => void warnings.push(what));
  recordListeners(window);
  recordListeners(document);
});

afterEach(() => {
  endPages();
  expect(warned()).toEqual([]);
  delete (document as { cookie?: string }).cookie;
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

let warnings: unknown[][] = [];

/** What the script told the console. A test in which it speaks must ask. */
export function warned(): unknown[][] {
  return warnings.splice(0);
}

/** Parts that do not come, as after an upgrade or without a connection. */
export const parts = { areGone: false };

/** A script of its own: nothing in memory is shared with another. */
export async function freshKith(): Promise<PageKith> {
  vi.resetModules();
  const { createKith } = await import("../src/kith.js");
  const there = { auto: await import("../src/parts/auto.js"), extras: await import("../src/parts/extras.js") };
  const load: LoadPart = async (name) => {
    if (parts.areGone) throw new Error("gone");
    return there[name as "auto"].default as Part;
  };
  return createKith(load);
}

/** A page of its own. */
export async function openPage(setup: Partial<InitOptions> = {}): Promise<PageKith> {
  const kith = await freshKith();
  kith.init({ ...SETUP, ...setup });
  return kith;
}

/** The visitor goes elsewhere; the page's timers, listeners and locks are gone with it. */
export function leavePage(): void {
  window.dispatchEvent(new Event("pagehide"));
  endPages();
}

/** The same without a connection, so that nothing goes out. */
export function leaveOffline(): void {
  navigatorHas("onLine", false);
  leavePage();
  navigatorHas("onLine", true);
}

/** Lets so much time pass, and everything that becomes due in it happen. */
export async function pass(milliseconds = 100): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds);
}

/** Opens a page, tracks, and lets it be sent. */
export async function visit(type = "page-view", setup: Partial<InitOptions> = {}): Promise<Kith> {
  const kith = await openPage(setup);
  void kith.track(type);
  await pass();
  return kith;
}

export const queued = (): string[] =>
  Object.keys(localStorage).filter((key) => key.startsWith("kith-q:"));

export const cookie = (name: string): string | undefined =>
  document.cookie.split("; ").find((pair) => pair.startsWith(name + "="))?.split("=")[1];

let cookies: string[];
let written: string[];

/** Sees all that is kept in a test, be it for a moment. */
export function watchStored(): void {
  cookies = watchCookies();
  written = [];
  for (const storage of [localStorage, sessionStorage]) {
    const original = storage.setItem.bind(storage);
    vi.spyOn(Object.getPrototypeOf(storage), "setItem").mockImplementation((...[key, value]: unknown[]) => {
      written.push(key as string);
      original(key as string, value as string);
    });
  }
}

export const stored = (): string[] =>
  [...Object.keys(localStorage), ...Object.keys(sessionStorage), document.cookie].filter(Boolean);

/** The strict sense: not even for a moment. */
export function expectNothingEverStored(): void {
  expect(cookies).toEqual([]);
  expect(written).toEqual([]);
  expect(stored()).toEqual([]);
}

/** Nothing was ever put into a storage, and cookies were only removed. */
export function expectNothingWritten(): void {
  expect(written).toEqual([]);
  expect(stored()).toEqual([]);
  for (const text of cookies) expect(text).toContain("Max-Age=-1");
}
