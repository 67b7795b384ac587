// Who the visitor is: the profile id of the newest answer, under the names that pages know.
import { readCookie, writeCookie } from "./cookies.js";
import { read, remove, write } from "./store.js";
import { uuid } from "./uuid.js";

const PROFILE = "tracardi-profile-id";
/** The reference's newest id: it never renews the one above. */
const NEWEST = "__tr_id";
const PASSED = "__tr_pid";
const DEVICE = "tracardi-device-id";
const YEAR = 31536000;

/** The reference may have stored the text "null". */
const known = (id: string | undefined) => (id === "null" ? undefined : id);

export function profileId(): string | undefined {
  return known(read(NEWEST)) || known(read(PROFILE)) || readCookie(PROFILE);
}

export function keepProfile(id: string): void {
  for (const key of [NEWEST, PASSED]) {
    write(key, id);
    writeCookie(key, id);
  }
  if (!write(PROFILE, id)) writeCookie(PROFILE, id, YEAR);
}

/** The browser's own id; only pages made for the reference have it. */
export function deviceId(): string {
  const id = known(read(DEVICE)) || uuid();
  write(DEVICE, id);
  return id;
}

export function forgetProfile(): void {
  for (const key of [NEWEST, PASSED, PROFILE, DEVICE]) {
    remove(key);
    writeCookie(key, "", -1);
  }
}
