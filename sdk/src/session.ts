// The visit: ends after half an hour without activity, or with the browser. All tabs share it.
import { readCookie, writeCookie } from "./cookies.js";
import { read, remove, write } from "./store.js";
import { uuid } from "./uuid.js";

const ID = "tracardi-session-id";
/** Lives as long as the browser: a cookie with a life of its own would survive closing it. */
const OPEN = "kith-open";
const SECONDS = 1800;

/** The session of this moment, if there is one. */
export function currentSession(): string | undefined {
  return (readCookie(OPEN) && readCookie(ID)) || inStorage();
}

/** The session of this moment, which now lasts for another half an hour. */
export function touchSession(): string {
  return keepSession(currentSession() ?? uuid());
}

export function keepSession(id: string): string {
  writeCookie(ID, id, SECONDS);
  writeCookie(OPEN, "1");
  // Where there are no cookies, tabs still share their storage.
  if (readCookie(ID) !== id) write(OPEN, Date.now() + SECONDS * 1000 + " " + id);
  return id;
}

export function forgetSession(): void {
  writeCookie(ID, "", -1);
  writeCookie(OPEN, "", -1);
  remove(OPEN);
}

function inStorage(): string | undefined {
  const kept = read(OPEN) ?? "";
  return parseInt(kept) > Date.now() ? kept.split(" ")[1] : undefined;
}
