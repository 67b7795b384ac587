// May anything be stored or sent? Asked each time, since another tab may have been told.
import type { Consent } from "./types.js";
import type { Setup } from "./setup.js";
import { newMoment, perMoment } from "./moment.js";
import type { Keep } from "./names.js";

/** `wait`: hold events in memory, the visitor has not been asked. */
export type Permission = "yes" | "wait" | "no";

export interface Permissions {
  now(): Permission;
  grant(): void;
  refuse(): void;
}

const CONSENT = "kith-consent";
const GRANTED = "1";
const REFUSED = "0";

export function createPermissions(setup: Setup, kept: Keep): Permissions {
  const objects = setup.respectDoNotTrack && visitorObjects();
  let refused = false;

  const now = perMoment((): Permission => {
    const said = kept.read(CONSENT);
    if (objects || refused || said === REFUSED) return "no";
    return setup.consent && said !== GRANTED ? "wait" : "yes";
  });

  function grant(): void {
    if (objects) return;
    refused = false;
    if (setup.consent) kept.write(CONSENT, GRANTED);
    else kept.forget(CONSENT);
    newMoment();
  }

  function refuse(): void {
    refused = true;
    kept.forget(CONSENT);
    // Where consent is needed, not to have it is enough: nothing at all is stored.
    if (!setup.consent) kept.write(CONSENT, REFUSED);
    newMoment();
  }

  return { now, grant, refuse };
}

/** Whether this says yes to us. */
export function isGranted(consent: Consent, needed: Setup["consent"]): boolean {
  if (typeof consent !== "object") return !!consent;
  if (typeof needed === "string") return !!consent[needed];
  return Object.values(consent).some(Boolean);
}

function visitorObjects(): boolean | undefined {
  const asked = navigator as { doNotTrack?: string | null; globalPrivacyControl?: boolean };
  return asked.doNotTrack === "1" || asked.globalPrivacyControl;
}
