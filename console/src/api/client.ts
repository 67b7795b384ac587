// The one way to Kith: typed by the interface's own document, with the token in the header.

import createClient, { type Middleware } from "openapi-fetch";

import { session } from "../session/session";
import { answered, write } from "./json";
import { line } from "./line";
import { tagOf } from "./tags";
import { inTurn } from "./turns";
import type { components, paths } from "./kith";

export type Schemas = components["schemas"];

type Problem = Schemas["Problem"];

/** Why Kith did not do what it was asked, in its own words. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly retryAfter?: number,
    /** All that is wrong, each with its place. */
    readonly problems: readonly Problem[] = [],
  ) {
    super(message);
  }
}

/** Whether somebody else has changed it since it was read. */
export const isOvertaken = (error: unknown) => error instanceof Refused && error.status === 412;

/** Whether there is nothing at what was asked for: it was removed, or never there. */
export const isGone = (error: unknown) => error instanceof Refused && error.status === 404;

/** Nobody answered. */
export class Unreachable extends Error {}

/** What became of a request without an answer: whoever asked has given up, or nobody was there. */
function unanswered(error: unknown): Error {
  if (error instanceof DOMException) return error;
  line.failed();
  return new Unreachable(String(error));
}

const signed: Middleware = {
  onRequest({ request }) {
    const now = session.now();
    if (now) request.headers.set("authorization", `Bearer ${now.token}`);
    return request;
  },
  onError({ error }) {
    return unanswered(error);
  },
};

/** The client reads an answer of known length by `json`: this one loses no digit. */
const exact: Middleware = {
  onResponse({ response }) {
    if (!response.ok || response.status === 204) return undefined;
    const answer = new Response(response.body, response);
    answer.headers.set("content-length", "unknown");
    answer.json = () => answered(answer);
    return answer;
  },
};

export const api = createClient<paths>({ baseUrl: location.origin, fetch: inTurn, bodySerializer: (body) => write(body) });
api.use(signed, exact);

type Answer<T> = { data?: T; error?: unknown; response: Response };

/** The refusal of everything but one's own account, until one has one-time codes. */
const CODES_WANTED = "totp_needed";
/** The token counts no more. Every other 401 is about what was asked for, such as a source that may not send. */
const SIGNED_OUT = ["not_authenticated", "token_invalid"];

/** What an answer holds; throws [`Refused`] for any other. A token that counts no more ends the session. */
export async function held<T>(asked: Promise<Answer<T>>): Promise<NonNullable<T>> {
  const { data, error, response } = await asked;
  if (response.ok) return data as NonNullable<T>;
  throw refusal(response, error);
}

/** What was stored: its id, and the version that it is of from now on. */
export async function stored(asked: Promise<Answer<{ ids: string[] }>>): Promise<{ id: string; tag: string }> {
  const { ids } = await held(asked);
  return { id: ids[0] ?? "", tag: tagOf((await asked).response) };
}

/** Something as it was read: all of it, and the version that it was then. */
export type Reading<T> = { document: T; tag: string };

/** What is to be edited: the answer to a `GET` of it alone, never a line of a list. */
export async function whole<T>(asked: Promise<Answer<T>>): Promise<Reading<NonNullable<T>>> {
  const document = await held(asked);
  return { document, tag: tagOf((await asked).response, document) };
}

/** The refusal of an answer. */
export function refusal(response: Response, body: unknown): Refused {
  const said = (body ?? {}) as { code?: string; message?: string; detail?: string | Problem[] };
  const wait = Number(response.headers.get("retry-after")) || undefined;
  const code = said.code ?? response.headers.get("x-kith-code") ?? String(response.status);
  if (SIGNED_OUT.includes(code) && session.now()) session.lost();
  if (code === CODES_WANTED) session.wantsCodes();
  return new Refused(response.status, code, said.message ?? `${response.status} ${response.statusText}`, wait, Array.isArray(said.detail) ? said.detail : []);
}

/** A request that the document has no types for: its answer is a stream, or a file. */
export async function raw(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  const now = session.now();
  if (now) headers.set("authorization", `Bearer ${now.token}`);
  const response = await inTurn(new Request(new URL(path, location.origin), { ...init, headers })).catch((error: unknown) => {
    throw unanswered(error);
  });
  if (response.ok) return response;
  throw refusal(response, await answered(response).catch(() => null));
}
