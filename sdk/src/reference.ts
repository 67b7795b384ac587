// Pages made for the reference: global `options`, `window.tracker`, `onTracardiReady`.
import type { ContextOptions, External, InitOptions, Properties, TrackOptions } from "./types.js";
import { attempt } from "./guard.js";
import type { PageKith } from "./kith.js";
import type { Setup } from "./setup.js";

/** The page's; it may be a `const`, and is not in `window` then. */
declare const options: ReferenceOptions | undefined;

interface ReferenceOptions {
  tracker?: {
    url?: { api?: string };
    source?: { id?: string };
    profile?: { id?: string } | null;
    context?: ContextOptions;
    settings?: Pick<InitOptions, "trackExternalLinks" | "respectDoNotTrack" | "consent">;
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

interface ReferencePage {
  tracker?: Record<string, unknown>;
  tracardi?: unknown;
  onTracardiReady?: Ready;
  response?: { context?: Properties };
}

const page = window as unknown as ReferencePage;

export function startReference(kith: PageKith): void {
  const given = typeof options === "undefined" ? undefined : options;
  const config = given?.tracker;
  if (!given || !config || page.tracardi) return;
  const helpers = helpersOf(kith);
  const tracker = trackerOf(kith, helpers);
  const told = { tracker, helpers };
  const { onInit, onCookiesDisabled } = config.listeners ?? given.listeners ?? {};
  page.tracardi = { default: tracker };

  if (!navigator.cookieEnabled) return void attempt(() => onCookiesDisabled?.(told));
  let answers = 0;
  kith.init({
    ...setupOf(given),
    onInit: ({ session }) => onInit?.({ session: { id: session }, ...told }),
    onAnswer: (context) => answers++ || announce({ ...told, context, config }),
  });
  replay(page.tracker, tracker.track);
  page.tracker = tracker;
}

function setupOf({ tracker = {}, context }: ReferenceOptions): Setup {
  const setup = {
    ...tracker.settings,
    ...tracker.auto,
    url: tracker.url?.api,
    source: tracker.source?.id,
    profile: tracker.profile?.id,
    context: tracker.context,
    external: tracker.external,
    options: () => page.response?.context,
    reference: { gpu: context?.gpu },
  };
  return setup as Setup;
}

function trackerOf({ track, identify }: PageKith, helpers: Properties) {
  return {
    track,
    page: (properties?: Properties) => track("page-view", properties),
    identify: (id: unknown, traits?: Properties) =>
      identify(typeof id === "object" ? (id as Properties) : { ...traits, id }),
    plugins: { tracardi: helpers },
  };
}

function helpersOf({ request }: PageKith) {
  const addListener = (element: EventTarget, type: string, call: EventListener) =>
    attempt(() => element.addEventListener(type, call));
  return {
    /** At once; resolves with the response, whose `data` is the answer. */
    track: (type: string, properties?: Properties, options?: TrackOptions) =>
      request(type, properties, { fire: true, ...options }).then((reply) => reply?.response),
    addListener,
    onClick: (element: EventTarget, call: EventListener) => addListener(element, "click", call),
  };
}

/** Calls from before: loaders keep them in a list beside the stub's `track`, or repeat them. */
function replay(
  stub: Record<string, unknown> | undefined,
  track: (...call: never[]) => unknown,
): void {
  for (const list of Object.values(stub ?? {})) {
    if (Array.isArray(list)) for (const call of list.splice(0)) track(...(call as never[]));
  }
}

/** Once, after the first answer. Who asks later is told at once. */
function announce(told: Properties): void {
  attempt(() => page.onTracardiReady?.call(told));
  page.onTracardiReady = {
    ...page.onTracardiReady,
    bind: (call: (page: Properties) => void) => attempt(() => call(told)),
  } as Ready;
}
