// The browser's clock is set while events wait: nothing waits for a time that is long over.
import { expect, it, vi } from "vitest";
import { leavePage, openPage, pass, refuseCookies, server, START, visit } from "./support.js";

const DAY = 86400000;
const sessions = () => server.payloads().map((payload) => payload.session.id);

it("what went out in a beacon is sent again soon, though the clock was set back", async () => {
  const kith = await openPage();
  void kith.track("first");
  leavePage();
  expect(server.beacons).toHaveLength(1);
  vi.setSystemTime(START - DAY);
  await openPage();
  await pass(1000);
  expect(server.types()).toEqual([["first"]]);
});

it("a visit without cookies does not last until the clock has caught up", async () => {
  refuseCookies();
  await visit();
  vi.setSystemTime(START - DAY);
  await visit();
  expect(new Set(sessions()).size).toBe(2);
});
