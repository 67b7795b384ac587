// The parts of a builder as a condition about people. Free of React.

import { written as rows } from "./conditions";
import type { Did, Part, Step } from "./people-parts";
import { parsed } from "./people-read";

/** What a part looks for, as text; empty while something is missing. */
export function written(part: Part): string {
  const text = said(part);
  if (!text || !part.not || part.kind === "did") return text;
  return part.kind === "group" || isJoined(text) ? `NOT (${text})` : `NOT ${text}`;
}

function said(part: Part): string {
  switch (part.kind) {
    case "group": return part.parts.map((one) => [one, written(one)] as const).filter(([, text]) => text).map(([one, text], _, all) => (all.length > 1 && needsBrackets(one, text) ? `(${text})` : text)).join(` ${part.joined} `);
    case "did": return part.type.trim() ? did(part) : "";
    case "inside": return part.id.trim() ? `IN ${part.of} ${quoted(part.id)}` : "";
    case "field": return rows({ joined: "AND", conditions: [part] }, "profile");
    case "text": return part.text.trim();
  }
}

const needsBrackets = (part: Part, text: string) => !part.not && (part.kind === "group" || part.kind === "text") && isJoined(text);
/** Whether it falls apart beside something else. */
const isJoined = (text: string) => parsed(text)?.kind === "group";
const quoted = (text: string) => `"${text.trim().replace(/["\\]/g, "\\$&")}"`;

function did({ not, type, which, where, with: held, then, times, many, when, within, from, to }: Did): string {
  const often = times && !which && then.length === 0 ? `${times} ${many} TIMES` : "";
  // Of a span that is not whole yet the words stay: it is refused, and never all of time.
  const span = { ever: "", within: `WITHIN ${within.trim()}`.trim(), between: `BETWEEN datetime(${quoted(from)}) AND datetime(${quoted(to)})` }[when];
  const steps = which ? [] : then.filter((one) => one.type.trim()).map(step);
  return ["DID", not ? "NOT" : "", which, quoted(type), bracketed("WHERE", where), which ? bracketed("WITH", held) : "", often, ...steps, span].filter(Boolean).join(" ");
}

const bracketed = (word: string, text: string) => text.trim() && `${word} (${text.trim()})`;
const step = ({ not, within, type, where }: Step) => ["THEN", not ? "NOT" : "", within.trim() && `WITHIN ${within.trim()}`, quoted(type), bracketed("WHERE", where)].filter(Boolean).join(" ");
