// Posts to the server, and tells an answer from a refusal from a failure.
import type { Answer } from "./types.js";
import { possibly } from "./guard.js";
import { timed } from "./timed.js";

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
  /** What was answered, be it a refusal: JSON, which may hold the server's word on why not. */
  body?: { message?: string } | undefined;
}

/** What browsers let leave with the page, all requests together, is 64 KiB. */
export const LEAVING_BYTES_MAX = 60000;
const POST_MS_MAX = 20000;
const FAILED: Reply = { status: 0, ok: false, again: true, wait: 0 };

/**
 * As text, without credentials and headers of our own: so the browser need not ask the server
 * first whether it may.
 */
export function post(url: string, body: string): Promise<Reply> {
  const keepalive = new Blob([body]).size < LEAVING_BYTES_MAX;
  const init: RequestInit = { method: "POST", body, credentials: "omit", keepalive };
  return timed(url, init, POST_MS_MAX, understand).catch(() => FAILED);
}

/** Hands it to the browser, which sends it whatever becomes of the page. Says whether it took it. */
export function beacon(url: string, body: string): boolean {
  const blob = new Blob([body], { type: "text/plain" });
  return !!possibly(() => navigator.sendBeacon(url, blob));
}

async function understand(response: Response): Promise<Reply> {
  const status = response.status;
  // A good status with something else than JSON is not from Kith, but from a hotel's network.
  const data = await response.json().catch(() => FAILED);
  const ok = response.ok && data !== FAILED;
  const again = !ok && (response.ok || status === 408 || status === 429 || status >= 500);
  // Seconds or a date.
  const asked = response.headers.get("Retry-After") as string;
  const wait = +asked * 1000 || Date.parse(asked) - Date.now() || 0;
  return { status, ok, again, wait, response, data: ok ? data : undefined, body: data };
}
