// Counts by time, in the days of a zone, which are made of hours.

import type { Schemas } from "../api/client";
import type { Interval, Range } from "./range";
import { moment, read, wall } from "./zone";

type Row = Schemas["HistogramRow"];
/** Times in seconds, as charts want them, and a list of counts for each group. */
export type Series = { times: number[]; groups: { name: string | null; counts: number[] }[] };

/** Kith answers at most this many intervals. */
const INTERVALS_MAX = 10_000;

/** What to ask for, so that the answer can be laid out in the zone's own days. */
export function asked(interval: Interval, { from, to }: Range, zone: string): Interval {
  const hours = (to.getTime() - from.getTime()) / 3_600_000;
  const isWhole = interval === "minute" || interval === "hour" || zone === "UTC";
  return isWhole || hours > INTERVALS_MAX ? interval : "hour";
}

/** The beginning of the interval that a moment is in, on the zone's clock. */
export function begin(at: Date, interval: Interval, zone: string): Date {
  if (interval === "minute") return new Date(Math.floor(at.getTime() / 60_000) * 60_000);
  if (interval === "hour") return new Date(Math.floor(at.getTime() / 3_600_000) * 3_600_000);
  const [year, month, day] = wall(at, zone);
  if (interval === "month") return moment([year, month, 1, 0, 0, 0], zone);
  const weekday = (new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7;
  const first = new Date(Date.UTC(year, month - 1, interval === "week" ? day - weekday : day));
  return moment([first.getUTCFullYear(), first.getUTCMonth() + 1, first.getUTCDate(), 0, 0, 0], zone);
}

/** The rows of an answer, in the zone's intervals, for a chart. */
export function laidOut(rows: readonly Row[], interval: Interval, zone: string): Series {
  const begins = new Map<string, number>();
  const counts = new Map<string | null, Map<number, number>>();
  const times = new Set<number>();
  for (const { date, group, count } of rows) {
    let time = begins.get(date);
    if (time === undefined) {
      time = begin(read(date), interval, zone).getTime() / 1000;
      begins.set(date, time);
    }
    times.add(time);
    const name = group ?? null;
    const own = counts.get(name) ?? new Map<number, number>();
    own.set(time, (own.get(time) ?? 0) + count);
    counts.set(name, own);
  }
  const ordered = [...times].sort((a, b) => a - b);
  const groups = [...counts].map(([name, own]) => ({ name, counts: ordered.map((time) => own.get(time) ?? 0) }));
  const total = (list: number[]) => list.reduce((all, one) => all + one, 0);
  return { times: ordered, groups: groups.sort((a, b) => total(b.counts) - total(a.counts)) };
}
