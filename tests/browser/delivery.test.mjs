// What was tracked arrives once: offline, on leaving, without consent, under a strict policy.

import assert from "node:assert/strict";
import { test } from "node:test";

import { complaints, ids } from "./browser.mjs";
import { until } from "./kith.mjs";
import { stage } from "./stage.mjs";

const built = stage();
let context, page;

/** A page of somebody new. */
async function open(path) {
  context = await built.browser.newContext();
  page = await context.newPage();
  const said = complaints(page);
  await page.goto(built.site.url + path);
  return said;
}

/** How often each event of a type has arrived. */
const arrived = (type) => async () =>
  (await built.kith.sql(`SELECT properties->>'n' AS n, count(*) AS k FROM events WHERE type = '${type}' GROUP BY n ORDER BY n`)).map(
    ([n, k]) => `${n}x${k}`,
  );

test("offline loses nothing, also across a reload, and online again doubles nothing", async () => {
  await open("/");
  await ids(page);
  const track = (n) => page.evaluate((n) => void window.kith.track("offline", { n }), n);
  // Kith cannot be reached; the shop can.
  await built.kith.goAway();
  await track(1);
  await page.waitForTimeout(300);
  await page.reload();
  // The script comes from the browser's cache.
  await page.waitForFunction(() => window.kith.ids);
  await track(2);
  await page.waitForTimeout(300);
  assert.deepEqual(await arrived("offline")(), []);
  await built.kith.comeBack();
  await track(3);
  await page.evaluate(() => window.dispatchEvent(new Event("online")));
  // The first went out as a beacon when the page was left, which nobody answers; it is sent again
  // half a minute later.
  await until(arrived("offline"), (all) => all.length === 3, "three events", 45);
  await page.reload();
  await page.waitForTimeout(500);
  assert.deepEqual(await arrived("offline")(), ["1x1", "2x1", "3x1"]);
  await context.close();
});

test("what is queued when the page is left goes out as a beacon, once", async () => {
  await open("/");
  await ids(page);
  await page.evaluate(() => {
    void window.kith.track("leaving", { n: 1 });
    void window.kith.track("leaving", { n: 2 });
    location.href = "/empty";
  });
  await page.waitForURL("**/empty");
  await until(arrived("leaving"), (all) => all.length === 2, "two events");
  await page.goto(`${built.site.url}/`);
  await ids(page);
  await page.waitForTimeout(500);
  assert.deepEqual(await arrived("leaving")(), ["1x1", "2x1"]);
  await context.close();
});

test("without consent nothing is stored or sent", async () => {
  const requests = [];
  context = await built.browser.newContext();
  page = await context.newPage();
  page.on("request", (request) => request.url().endsWith("/track") && requests.push(request));
  await page.goto(`${built.site.url}/consent`);
  await page.waitForFunction(() => window.kith.ids);
  await page.evaluate(() => void window.kith.track("consented", { n: 1 }));
  await page.waitForTimeout(500);
  assert.deepEqual(await context.cookies(), []);
  assert.equal(await page.evaluate(() => localStorage.length + sessionStorage.length), 0);
  assert.equal(requests.length, 0);
  await page.evaluate(() => window.kith.consent(true));
  await until(arrived("consented"), (all) => all.length === 1, "held back until then");
  await ids(page);
  await context.close();
});

test("a strict Content-Security-Policy is no obstacle", async () => {
  const said = await open("/strict");
  const { profile } = await ids(page);
  const views = `SELECT count(*) FROM events WHERE type = 'page-view' AND profile_id = '${profile}'`;
  await until(async () => (await built.kith.sql(views))[0][0], (n) => n === "1", "the page view");
  assert.deepEqual(said.filter((text) => !text.includes("favicon")), []);
  await context.close();
});

test("a page made for the reference works after changing the two URLs", async () => {
  const told = [];
  context = await built.browser.newContext();
  page = await context.newPage();
  page.on("console", (message) => told.push(message.text()));
  await page.goto(`${built.site.url}/reference`);
  const profile = await until(() => told[0], Boolean, "onTracardiReady");
  await page.evaluate(() => window.tracker.track("bought", { n: 7 }, { fire: true }));
  await page.evaluate(() => window.tracker.track("bought", { n: 8 }, {}));
  await until(arrived("bought"), (all) => all.join() === "7x1,8x1", "after the first batch too");
  const stored = await page.evaluate(() => localStorage.getItem("tracardi-profile-id"));
  assert.ok(stored.includes(profile), `${stored} holds ${profile}`);
  const views = `SELECT count(*) FROM events WHERE type = 'page-view' AND profile_id = '${profile}'`;
  assert.equal((await built.kith.sql(views))[0][0], "1");
  await context.close();
});
