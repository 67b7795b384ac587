// Ranges of time as the address has them: `7d`, `today`, `2026-01-05..2026-01-12`; free of React.

import { moment, read, wall, type Wall } from "./zone";

export type Range = { from: Date; to: Date };
export type Interval = "minute" | "hour" | "day" | "week" | "month";

/** Words of the picker, in its order. */
export const WORDS = ["1h", "24h", "today", "yesterday", "7d", "30d", "90d", "12mo"] as const;
export const USUAL = "7d";

const LENGTHS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The range that `text` means at this moment, in this zone; none when it means none. */
export function range(text: string, now: Date, zone: string): Range | null {
  const [begin, end] = text.split("..");
  if (begin && end) return between(begin, end, zone);
  const [year, month, day] = wall(now, zone);
  if (text === "today") return { from: moment([year, month, day, 0, 0, 0], zone), to: now };
  if (text === "yesterday") return { from: midnight([year, month, day - 1, 0, 0, 0], zone), to: moment([year, month, day, 0, 0, 0], zone) };
  const [, many, unit] = /^(\d{1,4})(m|h|d|mo)$/.exec(text) ?? [];
  if (!many || !unit) return null;
  if (unit === "mo") return { from: midnight([year, month - Number(many), day, 0, 0, 0], zone), to: now };
  return { from: new Date(now.getTime() - Number(many) * (LENGTHS[unit] ?? 0)), to: now };
}

/** A day as calendars count, also where the number of the day or of the month runs over. */
function midnight([year, month, day]: Wall, zone: string): Date {
  const date = new Date(Date.UTC(year, month - 1, day));
  return moment([date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate(), 0, 0, 0], zone);
}

function between(begin: string, end: string, zone: string): Range | null {
  const from = instant(begin, zone);
  const to = instant(end, zone);
  return from && to && from < to ? { from, to } : null;
}

/** `2026-01-05`, `2026-01-05T10:00` on the zone's clock, or a whole moment with its offset. */
export function instant(text: string, zone: string): Date | null {
  const found = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?)?$/.exec(text);
  if (!found) {
    const date = read(text);
    return Number.isNaN(date.getTime()) ? null : date;
  }
  const [year, month, day, hour, minute, second] = found.slice(1).map((part) => Number(part ?? 0)) as Wall;
  return moment([year, month, day, hour, minute, second], zone);
}

/** The same length before. */
export const before = ({ from, to }: Range): Range => ({ from: new Date(from.getTime() * 2 - to.getTime()), to: from });

/** How long each bar of a chart over this range is. */
export function interval({ from, to }: Range): Interval {
  const hours = (to.getTime() - from.getTime()) / 3_600_000;
  if (hours <= 3) return "minute";
  if (hours <= 72) return "hour";
  if (hours <= 24 * 100) return "day";
  return hours <= 24 * 400 ? "week" : "month";
}

/** As the address has a range that was shifted, zoomed or drawn. */
export const written = ({ from, to }: Range): string => `${plain(from)}..${plain(to)}`;
const plain = (date: Date) => `${date.toISOString().slice(0, 19)}Z`;

export const shifted = ({ from, to }: Range, lengths: number): Range => {
  const step = (to.getTime() - from.getTime()) * lengths;
  return { from: new Date(from.getTime() + step), to: new Date(to.getTime() + step) };
};

export const zoomedOut = ({ from, to }: Range): Range => {
  const half = (to.getTime() - from.getTime()) / 2;
  return { from: new Date(from.getTime() - half), to: new Date(to.getTime() + half) };
};
