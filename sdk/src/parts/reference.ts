// Pages made for the reference: global `options`, `window.tracker`, `onTracardiReady`.
import type { ContextOptions, External, InitOptions, Properties, TrackOptions } from "../types.js";
import type { Lent } from "../parts.js";
import type { Setup } from "../setup.js";
import { browserName } from "./browser.js";
import { createBus } from "./bus.js";
import { createLibrary } from "./library.js";
import type { Keep } from "../names.js";
import { DEVICE } from "../page.js";
import { unquoted } from "../session.js";
import { uuid } from "../uuid.js";

export interface ReferenceOptions {
  tracker: {
    url?: { api?: string | null };
    source?: { id?: string };
    profile?: { id?: string } | null;
    context?: ContextOptions;
    settings?: Partial<InitOptions>;
    auto?: Pick<InitOptions, "events" | "triggers">;
    external?: External[];
    listeners?: Listeners;
  };
  listeners?: Listeners;
  /** From the loader. */
  context?: { gpu?: unknown };
}

interface Listeners {
  onInit?: (page: Properties) => void;
  onCookiesDisabled?: (page: Properties) => void;
}

type Ready = { bind(call: (page: Properties) => void): void; call(page: Properties): void };

export interface ReferenceLent extends Pick<Lent, "kith" | "attempt"> {
  setup: ReferenceOptions;
}

interface ReferencePage {
  tracardi?: object;
  tracker?: object;
  onTracardiReady?: Ready;
  response?: { context?: Properties };
  config?: unknown;
}

interface Context {
  device?: object;
  browser?: { local: Record<string, object> };
  screen?: { local: Properties };
}

const page = window as unknown as ReferencePage;

export default function start(lent: ReferenceLent): void {
  const { kith, setup: given, attempt } = lent;
  const config = given.tracker;
  const helpers = helpersOf(lent);
  const bus = createBus(attempt);
  const { tracker, keep, forget } = createLibrary(lent, bus, helpers);
  const told = { tracker, helpers };
  const { onInit, onCookiesDisabled } = config.listeners ?? given.listeners ?? {};
  page.config ??= config;
  // The loader may have made this, for itself.
  page.tracardi = { ...page.tracardi, default: tracker };

  if (!navigator.cookieEnabled) return void attempt(() => onCookiesDisabled?.(told));
  let answers = 0;
  const answered = (context: object) => answers++ || announce(lent, { ...told, context, config });
  kith.init({
    ...setupOf(given),
    onInit: ({ session }) => onInit?.({ session: { id: session }, ...told }),
    onAnswer: (answer) => {
      keep();
      answered(answer);
    },
    onForget: forget,
    // Pages look into it without asking whether there was an answer.
    onFailure: () => answered({ ux: [], response: {}, ...idsOf(kith) }),
  });
  bus.tell("initialize", {});
  bus.tell("ready", {});
  replay(page.tracker, tracker);
  page.tracker = tracker;
}

function idsOf(kith: Lent["kith"]): Properties {
  const { profile, session } = kith.ids();
  return { profile: { id: profile ?? null }, session: { id: session ?? null } };
}

function setupOf({ tracker, context }: ReferenceOptions): Setup {
  const setup = {
    ...tracker.settings,
    ...tracker.auto,
    auto: undefined,
    url: tracker.url?.api ?? "",
    source: tracker.source?.id,
    profile: tracker.profile?.id,
    context: tracker.context,
    external: tracker.external,
    options: () => page.response?.context,
    reference: (payload: Properties, kept: Keep) => complete(payload, kept, context?.gpu),
  };
  return setup as unknown as Setup;
}

/** What of the device only pages of the reference send; of the rest, the server knows it by itself. */
function complete(payload: Properties, kept: Keep, gpu: unknown): void {
  const id = unquoted(kept.read(DEVICE)) || uuid();
  kept.write(DEVICE, id);
  payload["device"] = { id };
  const context = payload["context"] as Context;
  context.device = { gpu };
  const { product: engine, appVersion, userAgent, onLine, cookieEnabled, platform } = navigator;
  const more = { name: browserName(userAgent), engine, javaEnabled: false, appVersion, onLine, cookieEnabled };
  const { browser, screen: size } = context;
  if (browser) browser.local = { browser: { ...browser.local["browser"]!, ...more }, device: { platform } };
  const { availWidth, availHeight, pixelDepth } = screen;
  if (size) Object.assign(size.local, { availWidth, availHeight, pixelDepth });
}

function helpersOf({ kith, attempt }: ReferenceLent) {
  const addListener = (element: EventTarget, type: string, call: EventListener) =>
    attempt(() => element.addEventListener(type, call));
  return {
    /** At once; resolves with the response, whose `data` is the answer. */
    track: (type: string, properties?: Properties, options?: TrackOptions) =>
      kith.track(type, properties, { fire: true, ...options }, true).then(
        // Beacons have none, and what was not answered has one that says so.
        (reply) => reply && Object.assign(reply.response ?? Response.error(), { data: reply.body }),
      ),
    addListener,
    onClick: (element: EventTarget, call: EventListener) => addListener(element, "click", call),
  };
}

/** Calls from before: loaders keep them in a list beside the stub's `track`, or repeat them. */
function replay(stub: object | undefined, tracker: { track(...call: never[]): unknown }): void {
  for (const list of Object.values(stub ?? {})) {
    if (!Array.isArray(list)) continue;
    for (const call of list.splice(0)) tracker.track(...(call as never[]));
  }
}

/** Once, after the first answer, or when there was none. Who asks later is told at once. */
function announce({ attempt }: ReferenceLent, told: Properties): void {
  attempt(() => page.onTracardiReady?.call(told));
  page.onTracardiReady = {
    ...page.onTracardiReady,
    bind: (call: (page: Properties) => void) => attempt(() => call(told)),
  } as Ready;
}
