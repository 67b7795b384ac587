// Posts to the server, and tells an answer from a refusal from a failure.
import type { Answer } from "./types.js";
import { possibly } from "./guard.js";

export interface Reply {
  /** Zero when there was none. */
  status: number;
  /** The server has it. */
  ok: boolean;
  /** It makes sense to send it again. */
  again: boolean;
  /** How long the server wants to be left alone, in milliseconds. */
  wait: number;
  data?: Answer | undefined;
  response?: Response;
}

/** What browsers let leave with the page, all requests together, is 64 KiB. */
export const LEAVING_BYTES_MAX = 60000;
const POST_MS_MAX = 20000;
const FAILED: Reply = { status: 0, ok: false, again: true, wait: 0 };

export const byteLength = (text: string): number => new Blob([text]).size;

/**
 * As text, without credentials and headers of our own: so the browser need not ask the server
 * first whether it may.
 */
export async function post(url: string, body: string): Promise<Reply> {
  try {
    const keepalive = byteLength(body) < LEAVING_BYTES_MAX;
    const init: RequestInit = { method: "POST", body, credentials: "omit", keepalive };
    return await timed(url, init, POST_MS_MAX, understand);
  } catch {
    return FAILED;
  }
}

/** Hands it to the browser, which sends it whatever becomes of the page. */
export function beacon(url: string, body: string): boolean {
  const blob = new Blob([body], { type: "text/plain" });
  if (possibly(() => navigator.sendBeacon(url, blob))) return true;
  if (blob.size >= LEAVING_BYTES_MAX) return false;
  const init: RequestInit = { method: "POST", body, credentials: "omit", keepalive: true };
  return !!possibly(() => fetch(url, init).catch(() => undefined));
}

/** Fetches and reads within a time. */
export async function timed<Result>(
  url: string,
  init: RequestInit,
  milliseconds: number,
  readIt: (response: Response) => Promise<Result>,
): Promise<Result> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), milliseconds);
  try {
    return await readIt(await fetch(url, { ...init, signal: stop.signal }));
  } finally {
    clearTimeout(timer);
  }
}

async function understand(response: Response): Promise<Reply> {
  const status = response.status;
  // A good status with something else than JSON is not from Kith, but from a hotel's network.
  const data = await response.json().catch(() => FAILED);
  const ok = response.ok && data !== FAILED;
  const again = !ok && (response.ok || status === 408 || status === 429 || status >= 500);
  // Seconds or a date.
  const asked = response.headers.get("Retry-After") as string;
  const wait = Number(asked) * 1000 || Date.parse(asked) - Date.now() || 0;
  Object.assign(response, { data });
  return { status, ok, again, wait, data: ok ? data : undefined, response };
}
