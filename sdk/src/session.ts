// The visit: ends after half an hour without activity, or with the browser. All tabs share it.
import type { Setup } from "./setup.js";
import { newMoment, perMoment } from "./moment.js";
import type { Keep } from "./names.js";
import { uuid } from "./uuid.js";

export interface Session {
  /** The session of this moment, if there is one. */
  current(): string | undefined;
  /** The session of this moment, which now lasts for another half an hour. */
  touch(): string;
  keep(id: string): string;
  forget(here?: boolean): void;
}

const ID = "tracardi-session-id";
/**
 * Lives as long as the browser: a cookie with a life of its own would survive closing it, as it does
 * on pages of the reference.
 */
const OPEN = "kith-open";
const SECONDS = 1800;
/** Half an hour is meant roughly, and writing cookies is slow. */
const PRECISION_MS = 1000;

export function createSession(kept: Keep, { reference }: Setup): Session {
  let last = "";
  let written = 0;

  const current = perMoment(() => {
    const id = unquoted(kept.fromCookie(ID));
    return ((reference || kept.fromCookie(OPEN)) && id) || inStorage();
  });

  function inStorage(): string | undefined {
    const [until, id] = (kept.read(OPEN) ?? "").split(" ");
    const left = +until! - Date.now();
    // Longer than half an hour where the clock was set back.
    return left > 0 && left <= SECONDS * 1000 ? id : undefined;
  }

  function keep(id: string): string {
    if (id === last && Math.abs(Date.now() - written) < PRECISION_MS) return id;
    last = id;
    written = Date.now();
    kept.setCookie(ID, id, SECONDS);
    kept.setCookie(OPEN, "1");
    // Where there are no cookies, tabs still share their storage.
    if (kept.fromCookie(ID) !== id) kept.write(OPEN, Date.now() + SECONDS * 1000 + " " + id);
    newMoment();
    return id;
  }

  function forget(here?: boolean): void {
    last = "";
    kept.forget(ID, here);
    kept.forget(OPEN, here);
    newMoment();
  }

  return { current, touch: () => keep(current() ?? uuid()), keep, forget };
}

/** The reference stores some of its texts as JSON, and may have stored the text "null". */
export function unquoted(text: string | undefined): string | undefined {
  const plain = text?.replace(/^"(.*)"$/, "$1");
  return plain === "null" || plain === "undefined" ? undefined : plain;
}
