// Who the visitor is: the profile id of the newest answer, under the names that pages know.
import type { Keep } from "./names.js";
import { DEVICE, SPENT } from "./page.js";
import { unquoted } from "./session.js";

export interface Identity {
  profile(): string | undefined;
  keep(id: string): void;
  /** The visitor; `whole`: with all else that any page of ours has stored about them and their device. */
  forget(whole?: boolean, here?: boolean): void;
}

const PROFILE = "tracardi-profile-id";
/** The reference's newest id: it never renews the one above. */
const NEWEST = "__tr_id";
const PASSED = "__tr_pid";
const NAMES = [NEWEST, PASSED, PROFILE];
const REST = [SPENT, DEVICE];
export const YEAR = 31536000;

export function createIdentity(kept: Keep): Identity {
  const stored = (name: string) => unquoted(kept.read(name));
  const cookie = (name: string) => unquoted(kept.fromCookie(name));

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

  return {
    profile,
    keep,
    forget: (whole, here) => [...NAMES, ...(whole ? REST : [])].forEach((name) => kept.forget(name, here)),
  };
}
