// Time: zones and ranges.

import { expect, test } from "vitest";

import { before, interval, range, shifted, written, zoomedOut } from "../src/time/range";
import { moment, offset, shown, wall } from "../src/time/zone";

const WARSAW = "Europe/Warsaw";
const now = new Date("2026-11-27T14:30:00Z");

test("a wall clock leads to its moment, in summer and in winter", () => {
  expect(moment([2026, 1, 5, 10, 0, 0], WARSAW).toISOString()).toBe("2026-01-05T09:00:00.000Z");
  expect(moment([2026, 7, 5, 10, 0, 0], WARSAW).toISOString()).toBe("2026-07-05T08:00:00.000Z");
  expect(wall(now, "Asia/Kathmandu")).toEqual([2026, 11, 27, 20, 15, 0]);
});

test("of an hour that comes twice the first is meant, and one that is left out is passed over", () => {
  expect(moment([2026, 10, 25, 2, 30, 0], WARSAW).toISOString()).toBe("2026-10-25T00:30:00.000Z");
  expect(moment([2026, 3, 29, 2, 30, 0], WARSAW).toISOString()).toBe("2026-03-29T01:30:00.000Z");
});

test("a moment is shown on the zone's clock, with its offset", () => {
  expect(shown("2026-01-05T10:00:00Z", WARSAW)).toBe("2026-01-05 11:00:00");
  expect(shown("2026-01-05 10:00:00+00", "UTC", "minute")).toBe("2026-01-05 10:00");
  expect(offset(now, "America/New_York")).toBe("−05:00");
  expect(offset(now, "Asia/Kathmandu")).toBe("+05:45");
});

test("words of a range are read on the zone's clock", () => {
  const ends = (text: string, zone = WARSAW) => {
    const found = range(text, now, zone);
    return found && [found.from.toISOString(), found.to.toISOString()];
  };
  expect(ends("24h")).toEqual(["2026-11-26T14:30:00.000Z", now.toISOString()]);
  expect(ends("today")).toEqual(["2026-11-26T23:00:00.000Z", now.toISOString()]);
  expect(ends("yesterday")).toEqual(["2026-11-25T23:00:00.000Z", "2026-11-26T23:00:00.000Z"]);
  expect(ends("12mo", "UTC")).toEqual(["2025-11-27T00:00:00.000Z", now.toISOString()]);
  expect(ends("2026-10-25..2026-10-26")).toEqual(["2026-10-24T22:00:00.000Z", "2026-10-25T23:00:00.000Z"]);
  for (const wrong of ["", "7x", "2026-01-02..2026-01-01", "2026..", "yesteryear"]) expect(ends(wrong)).toBeNull();
});

test("a range that was moved is read as it was written", () => {
  const day = { from: new Date("2026-01-05T00:00:00Z"), to: new Date("2026-01-06T00:00:00Z") };
  for (const moved of [day, before(day), shifted(day, 1), zoomedOut(day)]) expect(range(written(moved), now, WARSAW)).toEqual(moved);
  expect(before(day).to).toEqual(day.from);
  expect(interval(day)).toBe("hour");
});
