// Makes an event of what a page says, as it is at this moment.
import type { TrackOptions } from "./types.js";
import type { Setup } from "./setup.js";
import { warn } from "./guard.js";
import { json } from "./json.js";
import { perMoment } from "./moment.js";
import { carried, eventContext } from "./page.js";
import { nextId } from "./uuid.js";

export const VIEW = "page-view";

export interface Events {
  /** As JSON. */
  of(type: string, properties: unknown, options: TrackOptions): string;
  /** What the session gets from where the page is, as JSON. */
  carry(): string;
}

export function createEvents({ context: wanted = {} }: Setup): Events {
  /** The same for all events of a moment that have one address and kind in common. */
  const known = perMoment((): Record<string, string> => ({}));

  function surroundings(isView: boolean): string {
    return (known()[isView + location.href] ??= json(eventContext(wanted, isView)) ?? "{}");
  }

  function of(type: string, properties: unknown, { context, ...options }: TrackOptions): string {
    if (!type || typeof type !== "string") throw "no type";
    const about = surroundings(type === VIEW);
    const held = json(Object(properties) === properties && !Array.isArray(properties) ? properties : {});
    if (!held) warn("no JSON");
    const now = Date.now();
    const time = (known()[now] ??= new Date(now).toISOString());
    // Put together as text: whoever calls often pays for what differs only.
    return (
      `{"id":"${nextId()}","type":${json(type)},"time":{"create":"${time}"},` +
      `"properties":${held ?? "{}"},"options":${json(options) ?? "{}"},` +
      `"context":${(context && json({ ...JSON.parse(about), ...context })) || about}}`
    );
  }

  return { of, carry: () => (known()[location.search] ??= json(carried(wanted))!) };
}
