// Makes a payload of events that wait, as large as one request may be.
import type { Properties } from "./types.js";
import { inOrder, type Entry } from "./outbox.js";
import type { Setup } from "./setup.js";
import { textOf } from "./event.js";
import { attempt } from "./guard.js";
import { payloadContext } from "./context.js";
import type { Identity } from "./identity.js";
import { json } from "./json.js";
import type { Keep } from "./names.js";
import type { Session } from "./session.js";

export interface Packed {
  items: Entry[];
  session: string;
  text: string;
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
  kept: Keep,
  session: Session,
  identity: Identity,
  more: () => Properties | undefined,
): Pack {
  function sessionOf(entry: Entry): string {
    const isFresh = entry.profile === undefined && Date.now() - entry.at < FRESH_MS;
    return (isFresh && session.current()) || entry.session;
  }

  /** Everything but the events, which stand last. */
  function head({ profile: pinned, final }: Entry, visit: string, carried: Properties): string {
    const profile = setup.profile || (pinned ?? identity.profile());
    // What was found out of the visitor of now says nothing about the one before.
    const found = () => pinned === undefined && more();
    const about = !final && attempt(() => ({ ...payloadContext(setup.context ?? {}), ...found() }));
    const context: Properties = { ...about, ...carried };
    const payload: Properties = {
      source: { id: setup.source },
      session: { id: visit },
      profile: profile ? { id: profile } : null,
      context,
      options: optionsOf(setup),
      // By which the server tells how wrong this browser's clock is.
      sentAt: new Date().toISOString(),
    };
    if (!final) setup.reference?.(payload, kept);
    return json(payload)!.slice(0, -1) + ',"events":[';
  }

  return (waiting) => {
    const first = waiting[0]!;
    const visit = sessionOf(first);
    const items = waiting.filter(
      (entry) => sessionOf(entry) === visit && entry.profile === first.profile && entry.final === first.final,
    );
    // As they happened, but consents before everything.
    items.sort((a, b) => +!!a.rank - +!!b.rank || inOrder(a, b));
    // The page that the visit came in on tells the campaign, so the first one counts.
    const carried: Properties = Object.assign({}, ...items.map(({ carry }) => JSON.parse(carry)).reverse());
    const events = items.map(textOf);
    return { items, session: visit, text: head(first, visit, carried) + events + "]}" };
  };
}

function optionsOf({ options }: Setup): Properties {
  return attempt(() => (typeof options === "function" ? options() : options)) ?? {};
}
