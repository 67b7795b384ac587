// Makes a payload of events that wait, as large as one request may be.
import type { Properties } from "./types.js";
import { inOrder, type Entry } from "./outbox.js";
import type { Setup } from "./setup.js";
import { textOf } from "./event.js";
import { attempt } from "./guard.js";
import { payloadContext } from "./context.js";
import type { Identity } from "./identity.js";
import { json } from "./json.js";
import type { Session } from "./session.js";

export interface Packed {
  entries: Entry[];
  session: string;
  body: string;
}

/** Packs those of them that are of the same visit as the first. */
export type Pack = (waiting: Entry[]) => Packed;

/**
 * Two pages that open at the same moment may both begin a session; the cookie knows which one
 * remained. What is older has the session in which it happened.
 */
const FRESH_MS = 10000;

export function createPack(
  setup: Setup,
  session: Session,
  identity: Identity,
  more: () => Properties | undefined,
): Pack {
  function sessionOf(entry: Entry): string {
    const isFresh = entry.profile === undefined && Date.now() - entry.at < FRESH_MS;
    return (isFresh && session.now()) || entry.session;
  }

  /** Everything but the events, which stand last. */
  function head({ profile: pinned, final }: Entry, visit: string, carried: Properties): string {
    const profile = setup.profile || (pinned ?? identity.profile());
    const about = !final && attempt(() => ({ ...payloadContext(setup.context ?? {}, setup.browserName), ...more() }));
    const context: Properties = { ...about, ...carried };
    if (setup.reference) context["device"] = setup.reference;
    const payload = {
      source: { id: setup.source },
      session: { id: visit },
      profile: profile ? { id: profile } : null,
      ...(setup.reference && !final && { device: { id: identity.device() } }),
      context,
      options: optionsOf(setup),
      // By which the server tells how wrong this browser's clock is.
      sentAt: new Date().toISOString(),
    };
    return json(payload)!.slice(0, -1) + ',"events":[';
  }

  return (waiting) => {
    const first = waiting[0]!;
    const visit = sessionOf(first);
    const entries = waiting.filter(
      (entry) => sessionOf(entry) === visit && entry.profile === first.profile && entry.final === first.final,
    );
    // As they happened, but consents before everything.
    entries.sort((a, b) => +!!a.rank - +!!b.rank || inOrder(a, b));
    // The page that the visit came in on tells the campaign, so the first one counts.
    const carried: Properties = Object.assign({}, ...entries.map(({ carry }) => JSON.parse(carry)).reverse());
    const events = entries.map(textOf);
    return { entries, session: visit, body: head(first, visit, carried) + events + "]}" };
  };
}

function optionsOf({ options }: Setup): Properties {
  return (typeof options === "function" ? attempt(options) : options) ?? {};
}
