// Takes down what a page says, as it is at this moment; an event is made of it when that is needed.
import type { TrackOptions } from "./types.js";
import type { Entry } from "./outbox.js";
import type { Setup } from "./setup.js";
import { warn } from "./guard.js";
import { json } from "./json.js";
import { perMoment } from "./moment.js";
import type { Keep } from "./names.js";
import { carried, eventContext } from "./page.js";
import { rankOf } from "./ranked.js";
import { nextId } from "./uuid.js";

export const VIEW = "page-view";

export interface Events {
  of(type: string, properties: unknown, options?: TrackOptions): Entry;
}

/** The characters of an event that are the same for all. */
const FRAME = 136;

export function createEvents({ context: wanted = {} }: Setup, kept: Keep): Events {
  /** What is the same for all events of a moment, by the address that they have in common. */
  const known = perMoment((): Record<string, Record<string, string>> => ({}));
  let order = 0;

  /** What does not fit here is refused by throwing. */
  function of(type: string, properties: unknown, given?: TrackOptions): Entry {
    if (!type || typeof type !== "string") throw "no type";
    // Not `location.href`, which makes a text of its own each time it is asked.
    const here = (known()[document.URL] ??= { carry: json(carried(wanted, kept))! });
    const isView = type === VIEW;
    let place = (here[isView as never] ??= json(eventContext(wanted, kept, isView))!);
    let more = "{}";
    if (given) {
      more = json({ ...given, context: undefined, category: undefined }) ?? more;
      if (given.context) place = json({ ...JSON.parse(place), ...given.context }) ?? place;
    }
    let said = json(Object(properties) === properties && !Array.isArray(properties) ? properties : {});
    if (!said) warn("no JSON", (said = "{}"));
    const at = Date.now();
    order = Math.max(order + 1, at * 1000);
    // All that most will ever have: an object that grows is copied, and whoever calls often waits for that.
    return {
      rank: rankOf(type),
      at,
      order,
      session: "",
      carry: here["carry"]!,
      claimed: 0,
      by: "",
      type,
      options: given && { ...given },
      said,
      more,
      place,
      text: "",
      size: type.length + said.length + more.length + place.length + FRAME,
      slot: "",
      busy: false,
      hear: undefined,
      whole: undefined,
    };
  }

  return { of };
}

/** The event, as JSON. Whoever calls ten thousand times in a loop does not wait for what only the sending needs. */
export function textOf(entry: Entry): string {
  return (entry.text ||=
    `{"id":"${nextId()}","type":${json(entry.type)},"time":{"create":"${new Date(entry.at).toISOString()}"},` +
    `"properties":${entry.said},"options":${entry.more},"context":${entry.place}}`);
}
