// Which version was read, and which one a change is based on. Free of React.

/** There must be none yet. */
const NONE = '"0"';

/** The version that an answer is of, or has made: what the document says itself, since whoever compresses on the way weakens the header or takes it away. Empty where nobody says. */
export function tagOf(response: Response, document?: unknown): string {
  const { version } = (document ?? {}) as { version?: unknown };
  return typeof version === "number" ? `"${version}"` : (response.headers.get("etag") ?? "").replace(/^W\//, "");
}

/** Refused when it is another by now than it was when it was read, if that was said; of a new one, when there is one already, also where its id is made of what else it says. */
export function basedOn(tag: string | undefined): Record<string, string> {
  const based = tag ?? NONE;
  return based ? { "If-Match": based } : {};
}
