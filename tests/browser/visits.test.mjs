// Who somebody is, across reloads, tabs, browsers closed and storage cleared.

import assert from "node:assert/strict";
import { test } from "node:test";

import { ids, person } from "./browser.mjs";
import { until } from "./kith.mjs";
import { stage } from "./stage.mjs";

const built = stage();

const count = (query) => async () => Number((await built.kith.sql(query))[0][0]);

test("a first visit makes a profile, and a reload keeps it", async () => {
  const context = await built.browser.newContext();
  const page = await context.newPage();
  await page.goto(built.site.url);
  const first = await ids(page);
  await page.reload();
  assert.deepEqual(await ids(page), first);
  const views = `SELECT count(*) FROM events WHERE type = 'page-view' AND profile_id = '${first.profile}'`;
  await until(count(views), (n) => n === 2, "page views");
  await context.close();
});

test("a browser that was closed begins a session of the same person", async () => {
  const somebody = await person();
  let context = await somebody.open();
  let page = await context.newPage();
  await page.goto(built.site.url);
  const first = await ids(page);
  await context.close();
  context = await somebody.open();
  page = await context.newPage();
  await page.goto(built.site.url);
  const second = await ids(page);
  assert.equal(second.profile, first.profile);
  assert.notEqual(second.session, first.session);
  await context.close();
  await somebody.forget();
});

test("storage that was cleared is recovered through the session", async () => {
  const context = await built.browser.newContext();
  const page = await context.newPage();
  await page.goto(built.site.url);
  const first = await ids(page);
  await page.evaluate(() => localStorage.clear());
  await page.reload();
  assert.deepEqual(await ids(page), first);
  await context.close();
});

test("who names somebody known goes on for them, under an id that tells nothing", async () => {
  const [home, work] = [await built.browser.newContext(), await built.browser.newContext()];
  const [one, other] = [await home.newPage(), await work.newPage()];
  for (const page of [one, other]) await page.goto(built.site.url);
  const [first, second] = [await ids(one), await ids(other)];
  assert.notEqual(first.profile, second.profile);
  for (const page of [one, other]) {
    await page.evaluate(() => window.kith.identify({ email: "ann@example.com" }));
  }
  const linked = await until(() => ids(other), (now) => now.profile !== second.profile, "another id");
  assert.notEqual(linked.profile, first.profile, "a page that is only told an address gets nobody's id");
  await other.reload();
  assert.equal((await ids(other)).profile, linked.profile);
  const sent = other.waitForRequest((request) => request.url().endsWith("/track"));
  await other.evaluate(() => void window.kith.track("again", {}, { fire: true }));
  assert.equal((await sent).postDataJSON().profile.id, linked.profile, "the stale id is not sent again");
  const theirs = `SELECT count(*) FROM events WHERE type = 'again' AND profile_id = '${first.profile}'`;
  await until(count(theirs), (n) => n === 1, "the event is of who is known");
  await Promise.all([home.close(), work.close()]);
});

test("sites of one domain share a visitor, and hear of it when they sign out or refuse", async () => {
  const context = await built.browser.newContext();
  const page = await context.newPage();
  const at = (site) => page.goto(built.site.url.replace("localhost", `${site}.shop.localhost`) + "/shared");
  await at("www");
  const ann = await ids(page);
  await at("m");
  assert.deepEqual(await ids(page), ann);
  await at("www");
  await page.evaluate(() => window.kith.reset());
  await at("m");
  const bob = await ids(page);
  assert.notEqual(bob.profile, ann.profile);
  assert.notEqual(bob.session, ann.session);
  await at("www");
  await page.evaluate(() => window.kith.consent(false));
  await at("m");
  await page.waitForFunction(() => !window.kith.q);
  await page.waitForTimeout(300);
  assert.deepEqual(await page.evaluate(() => window.kith.ids()), {});
  assert.equal(await page.evaluate(() => document.cookie), "kith-refusals=1");
  const sent = `SELECT count(*) FROM events WHERE type = 'page-view' AND profile_id = '${bob.profile}'`;
  await until(count(sent), (n) => n === 2, "what was before");
  await context.close();
});

test("two tabs share one session", async () => {
  const context = await built.browser.newContext();
  const [one, other] = [await context.newPage(), await context.newPage()];
  await Promise.all([one.goto(built.site.url), other.goto(built.site.url)]);
  const [first, second] = [await ids(one), await ids(other)];
  assert.equal(first.session, second.session);
  await until(async () => (await ids(one)).profile === (await ids(other)).profile, Boolean, "one profile");
  await context.close();
});
