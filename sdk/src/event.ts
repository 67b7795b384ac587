// Makes an event of what a page says, as it is at this moment.
import type { TrackOptions } from "./types.js";
import type { Noted } from "./outbox.js";
import type { Setup } from "./setup.js";
import { warn } from "./guard.js";
import { json } from "./json.js";
import { perMoment } from "./moment.js";
import { carried, eventContext } from "./page.js";
import { nextId } from "./uuid.js";

export const VIEW = "page-view";

/** An event as it is taken down: when, as JSON, and what the session gets from where the page is. */
export type Made = Pick<Noted, "at" | "text" | "carry">;

export interface Events {
  of(type: string, properties: unknown, options: TrackOptions): Made;
}

export function createEvents({ context: wanted = {} }: Setup): Events {
  /** What is the same for all events of a moment, by the address that they have in common. */
  const known = perMoment((): Record<string, Record<string, string>> => ({}));
  let at: number;
  let time: string;

  function of(type: string, properties: unknown, { context, category: _, ...options }: TrackOptions): Made {
    if (!type || typeof type !== "string") throw "no type";
    const here = (known()[location.href] ??= { carry: json(carried(wanted))! });
    const isView = type === VIEW;
    const about = (here["" + isView] ??= json(eventContext(wanted, isView)) ?? "{}");
    const held = json(Object(properties) === properties && !Array.isArray(properties) ? properties : {});
    if (!held) warn("no JSON");
    if (at !== (at = Date.now())) time = new Date(at).toISOString();
    // Put together as text: whoever calls often pays for what differs only.
    const text =
      `{"id":"${nextId()}","type":${json(type)},"time":{"create":"${time}"},` +
      `"properties":${held ?? "{}"},"options":${json(options) ?? "{}"},` +
      `"context":${(context && json({ ...JSON.parse(about), ...context })) || about}}`;
    return { at, text, carry: here["carry"]! };
  }

  return { of };
}
