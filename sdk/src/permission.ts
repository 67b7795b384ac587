// May anything be stored or sent? Asked each time, since another tab may have been told.
import type { Consent } from "./types.js";
import type { Setup } from "./setup.js";
import { possibly } from "./guard.js";
import { YEAR } from "./identity.js";
import { newMoment, perMoment } from "./moment.js";
import type { Keep } from "./names.js";

/** `wait`: hold events in memory, the visitor has not been asked. */
export type Permission = "yes" | "wait" | "no";

export interface Permissions {
  state(): Permission;
  /** Whether this says yes or no to us; nothing where it is about something else. */
  verdict(consent: Consent): boolean | undefined;
  /** Takes down what is no refusal; it is remembered as soon as anything may be. */
  hear(consent: Consent, isGrant?: boolean): void;
  refuse(): void;
  /** What is remembered by name. */
  words(): Words;
}

/** What a page has said by name, whatever it is. */
export type Words = Record<string, unknown>;

/** What the visitor has said, by name. */
const CONSENT = "kith-consent";
/** Among the names: everything. */
const ALL = "";
const REFUSED = "0";
/** How often somebody has refused on any of the sites that share the visitor: a number, of nobody. */
const REFUSALS = "kith-refusals";

/** Calls `forget` when it turns out that the visitor has refused on another site that shares them. */
export function createPermissions(setup: Setup, kept: Keep, forget: (here: boolean) => void): Permissions {
  const needed = setup.consent;
  const categories = { ...setup.categories };
  const objects = setup.respectDoNotTrack && visitorObjects();
  let refused = false;
  /** While nothing may be stored. */
  let said: Words = {};

  const state = perMoment((): Permission => {
    const elsewhere = !objects && kept.shared && kept.fromCookie(REFUSALS);
    if (elsewhere && elsewhere !== kept.read(REFUSALS)) {
      // The site where it was said has forgotten what sites share; what they share now has been agreed to since.
      forget(true);
      refuse(elsewhere);
    }
    if (objects || kept.read(CONSENT) === REFUSED) return "no";
    if (!needed || isGranted(words())) return "yes";
    return refused ? "no" : "wait";
  });

  function words(): Words {
    const stored = possibly((): unknown => JSON.parse(kept.read(CONSENT)!));
    // Older scripts did not remember names.
    return { ...(stored === 1 ? { [ALL]: true } : (stored as Words)) };
  }

  function isGranted(said: Words): boolean {
    const counting = typeof needed === "string" ? [said[needed], said[ALL]] : Object.values(said);
    return counting.includes(true);
  }

  /** Only `true` grants, as for the server; what page knows another word means no. */
  function verdict(given: Consent): boolean | undefined {
    if (!isNamed(given)) return given === true;
    if (typeof needed === "string") return needed in given ? given[needed] === true : undefined;
    if (isGranted({ ...words(), ...said, [ALL]: false, ...given })) return true;
    // A category is no more than its events.
    return Object.keys(given).some((name) => needed || !(name in categories)) ? false : undefined;
  }

  function hear(given: Consent, isGrant?: boolean): void {
    // What was said elsewhere before is heard before.
    state();
    Object.assign(said, isNamed(given) ? given : { [ALL]: true });
    if (objects || !(isGrant || state() === "yes")) return;
    kept.write(CONSENT, JSON.stringify({ ...words(), ...said }));
    said = {};
    newMoment();
  }

  function refuse(elsewhere?: string): void {
    // Pages may say at each load what they have said before.
    const isNews = elsewhere || state() === "yes" || !kept.read(REFUSALS);
    // There it was said to others: here the visitor has not been asked.
    refused = !elsewhere;
    said = {};
    kept.forget(CONSENT);
    // Where consent is needed, not to have it is enough: nothing at all is stored.
    if (!needed) kept.write(CONSENT, REFUSED);
    if (kept.shared && isNews) {
      const times = elsewhere ?? String(+(kept.fromCookie(REFUSALS) ?? kept.read(REFUSALS) ?? 0) + 1);
      kept.setCookie(REFUSALS, times, YEAR);
      kept.write(REFUSALS, times);
    }
    newMoment();
  }

  return { state, verdict, hear, refuse: () => refuse(), words };
}

export const isNamed = (consent: Consent): consent is Record<string, boolean> => Object(consent) === consent;

function visitorObjects(): boolean | undefined {
  const asked = navigator as { doNotTrack?: string | null; globalPrivacyControl?: boolean };
  return asked.doNotTrack === "1" || asked.globalPrivacyControl;
}
