// Makes a payload of events that wait, as large as one request may be.
import type { Payload, Properties } from "./types.js";
import type { Entry } from "./outbox.js";
import type { Setup } from "./setup.js";
import { attempt } from "./guard.js";
import { payloadContext } from "./context.js";
import { deviceId, profileId } from "./identity.js";
import { currentSession } from "./session.js";
import { byteLength } from "./transport.js";

export interface Packed {
  entries: Entry[];
  payload: Payload;
  body: string;
}

/**
 * Two pages that open at the same moment may both begin a session; the cookie knows which one
 * remained. What is older has the session in which it happened.
 */
const FRESH_MS = 10000;

/** The first of them that share a session, and fit. One alone goes out whatever its size. */
export function pack(waiting: Entry[], setup: Setup, bytesMax: number): Packed {
  const session = sessionOf(waiting[0]!);
  let entries = waiting.filter((entry) => sessionOf(entry) === session);
  for (;;) {
    const payload = payloadOf(entries, session, setup);
    const body = JSON.stringify(payload);
    if (entries.length === 1 || byteLength(body) <= bytesMax) return { entries, payload, body };
    entries = entries.slice(0, entries.length / 2);
  }
}

function sessionOf({ at, session }: Entry): string {
  return (Date.now() - at < FRESH_MS && currentSession()) || session;
}

function payloadOf(entries: Entry[], session: string, setup: Setup): Payload {
  const profile = setup.profile || profileId();
  // The page that the visit came in on tells the campaign, so the first one counts.
  const carried = entries.reduceRight<Properties>((all, { carry }) => ({ ...all, ...carry }), {});
  const about = attempt(() => payloadContext(setup.context ?? {}, setup.external));
  const context: Properties = { ...about, ...carried };
  if (setup.reference) context["device"] = setup.reference;
  return {
    source: { id: setup.source },
    session: { id: session },
    profile: profile ? { id: profile } : null,
    ...(setup.reference && { device: { id: deviceId() } }),
    context,
    options: optionsOf(setup),
    events: entries.map((entry) => entry.event),
  };
}

function optionsOf({ options }: Setup): Properties {
  return (typeof options === "function" ? attempt(options) : options) ?? {};
}
