// Makes an event of what a page says, as it is at this moment.
import type { TrackOptions } from "./types.js";
import type { Setup } from "./setup.js";
import { warn } from "./guard.js";
import { json } from "./json.js";
import { perMoment } from "./moment.js";
import { eventContext } from "./page.js";
import { uuid } from "./uuid.js";

export const VIEW = "page-view";

/** As JSON. */
export type MakeEvent = (type: string, properties: unknown, options: TrackOptions) => string;

export function createEvents({ context: wanted = {} }: Setup): MakeEvent {
  /** The same for all events of a moment that have one address, title and kind in common. */
  const known = perMoment((): Record<string, string | undefined> => ({}));

  function surroundings(isView: boolean): string {
    const where = isView + location.href + document.title;
    return (known()[where] ??= json(eventContext(wanted, isView)) ?? "{}");
  }

  return (type, properties, { context, ...options }) => {
    if (!type || typeof type !== "string") throw "no type";
    const about = surroundings(type === VIEW);
    const held = json(isObject(properties) ? properties : {});
    if (!held) warn(type, "is no JSON");
    // Put together as text: whoever calls often pays for what differs only.
    return (
      `{"id":"${uuid()}","type":${json(type)},"time":{"create":"${new Date().toISOString()}"},` +
      `"properties":${held ?? "{}"},"options":${json(options) ?? "{}"},` +
      `"context":${(context && json({ ...JSON.parse(about), ...context })) || about}}`
    );
  };
}

const isObject = (value: unknown) =>
  typeof value === "object" && value !== null && !Array.isArray(value);
