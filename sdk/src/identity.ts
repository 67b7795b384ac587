// Who the visitor is: the profile id of the newest answer, under the names that pages know.
import type { Keep } from "./names.js";
import { unquoted } from "./session.js";
import { uuid } from "./uuid.js";

export interface Identity {
  profile(): string | undefined;
  keep(id: string): void;
  /** The browser's own id; only pages made for the reference have it. */
  device(): string;
  /** The visitor; the device stays the same. */
  forget(): void;
  forgetDevice(): void;
}

const PROFILE = "tracardi-profile-id";
/** The reference's newest id: it never renews the one above. */
const NEWEST = "__tr_id";
const PASSED = "__tr_pid";
const NAMES = [NEWEST, PASSED, PROFILE];
const DEVICE = "tracardi-device-id";
export const YEAR = 31536000;

export function createIdentity(kept: Keep): Identity {
  const stored = (name: string) => unquoted(kept.read(name));
  const cookie = (name: string) => unquoted(kept.cookie(name));

  function profile(): string | undefined {
    return (
      (kept.shared && cookie(PROFILE)) || stored(NEWEST) || stored(PROFILE) || cookie(PROFILE)
    );
  }

  function keep(id: string): void {
    for (const name of [NEWEST, PASSED]) {
      kept.write(name, id);
      kept.setCookie(name, id);
    }
    if (!kept.write(PROFILE, id) || kept.shared) kept.setCookie(PROFILE, id, YEAR);
    // Whom another site has forgotten would come back from this one's storage.
    if (kept.shared && cookie(PROFILE) === id) NAMES.forEach(kept.erase);
  }

  function device(): string {
    const id = stored(DEVICE) || uuid();
    kept.write(DEVICE, id);
    return id;
  }

  return {
    profile,
    keep,
    device,
    forget: () => NAMES.forEach(kept.forget),
    forgetDevice: () => kept.forget(DEVICE),
  };
}
