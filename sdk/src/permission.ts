// May anything be stored or sent? Asked each time, since another tab may have been told.
import type { Consent } from "./types.js";
import type { Setup } from "./setup.js";
import { writeCookie } from "./cookies.js";
import { forgetProfile } from "./identity.js";
import { GEO } from "./remote.js";
import { forgetSession } from "./session.js";
import { keys, read, remove, write } from "./store.js";

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

export function createPermissions(setup: Setup): Permissions {
  const objects = setup.respectDoNotTrack && visitorObjects();
  let refused = false;

  function now(): Permission {
    const said = read(CONSENT);
    if (objects || refused || said === REFUSED) return "no";
    return setup.consent && said !== GRANTED ? "wait" : "yes";
  }

  function grant(): void {
    if (objects) return;
    refused = false;
    if (setup.consent) write(CONSENT, GRANTED);
    else remove(CONSENT);
  }

  function refuse(): void {
    refused = true;
    forget(setup);
    // Where consent is needed, not to have it is enough: nothing at all is stored.
    if (!setup.consent) write(CONSENT, REFUSED);
  }

  return { now, grant, refuse };
}

/** Whether this says yes to us. */
export function isGranted(consent: Consent, needed: Setup["consent"]): boolean {
  if (typeof consent !== "object") return !!consent;
  if (typeof needed === "string") return !!consent[needed];
  return Object.values(consent).some(Boolean);
}

function visitorObjects(): boolean {
  const asked = navigator as { doNotTrack?: string | null; globalPrivacyControl?: boolean };
  return asked.doNotTrack === "1" || !!asked.globalPrivacyControl;
}

function forget(setup: Setup): void {
  forgetSession();
  forgetProfile();
  writeCookie(GEO, "", -1);
  const cached = (setup.external ?? []).map((one) => one.storage);
  for (const key of [...keys("kith-"), ...cached]) remove(key);
}
