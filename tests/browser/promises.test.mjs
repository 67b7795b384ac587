// What the script promises a page: its time, its promises, the browser's caches, an exact account.

import assert from "node:assert/strict";
import { test } from "node:test";

import { ids, launch } from "./browser.mjs";
import { until } from "./kith.mjs";
import { stage } from "./stage.mjs";

const built = stage();

const count = (where) => async () =>
  Number((await built.kith.sql(`SELECT count(*) FROM events WHERE ${where}`))[0][0]);

async function open(path, browser = built.browser) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(built.site.url + path);
  return { context, page };
}

test("ten thousand calls in a loop all arrive", async (t) => {
  const { context, page } = await open("/");
  await ids(page);
  const took = await page.evaluate(async () => {
    const started = performance.now();
    for (let n = 0; n < 10000; n++) void window.kith.track("looped", { n });
    const called = performance.now() - started;
    // What the script put off to the end of this run of the page's code is done, too.
    await new Promise((done) => setTimeout(done));
    return { called: Math.round(called), withStoring: Math.round(performance.now() - started) };
  });
  t.diagnostic(`10,000 calls took ${took.called} ms, ${took.withStoring} ms with storing`);
  await until(count("type = 'looped'"), (n) => n === 10000, "all of them", 60);
  assert.equal(await count("type = 'events-lost'")(), 0);
  await context.close();
});

test("whoever waits for an answer hears something while the server is away", async () => {
  const { context, page } = await open("/");
  await ids(page);
  await built.kith.goAway();
  const answers = await page.evaluate(() =>
    Promise.all([
      window.kith.track("down", { n: 1 }, { fire: true }),
      window.kith.track("down", { n: 2 }, { asBeacon: true }),
      window.kith.track("down", { n: 3 }),
    ]).then((all) => all.map((answer) => answer === undefined)),
  );
  assert.deepEqual(answers, [true, true, true]);
  await built.kith.comeBack();
  await page.evaluate(() => window.dispatchEvent(new Event("online")));
  await until(count("type = 'down'"), (n) => n === 3, "all three");
  await context.close();
});

test("a script that is blocked leaves nobody waiting", async () => {
  const context = await built.browser.newContext();
  const page = await context.newPage();
  await page.route("**/kith.js", (route) => route.abort());
  await page.goto(`${built.site.url}/`);
  const answers = await page.evaluate(() => Promise.all([window.kith.track("x"), window.kith.ids()]));
  assert.deepEqual(answers, [undefined, undefined]);
  await context.close();
});

test("what is more than a browser lets go with the page arrives from the next one", async () => {
  const { context, page } = await open("/");
  await ids(page);
  await page.evaluate(() => {
    for (let n = 0; n < 300; n++) void window.kith.track("left", { n, text: "x".repeat(1000) });
    void window.kith.track("order-completed", { id: "left" });
    location.href = "/empty";
  });
  await page.waitForURL("**/empty");
  await until(count("type = 'order-completed' AND (properties->>'id') = 'left'"), (n) => n === 1, "the order, at once");
  await page.goto(`${built.site.url}/`);
  await ids(page);
  // What the browser took is sent again when it has had its time, and counts once.
  await until(count("type = 'left'"), (n) => n === 300, "all of them", 45);
  await context.close();
});

test("a consent that is taken back while the server is away is taken back when it is there again", async () => {
  const { context, page } = await open("/");
  const { profile } = await ids(page);
  await page.evaluate(() => window.kith.consent({ mail: true }));
  const granted = async () =>
    (await built.kith.sql(`SELECT (consents->'mail') IS NOT NULL FROM profiles WHERE id = '${profile}'`))[0][0];
  await until(granted, (is) => is === "true", "the grant");
  await built.kith.goAway();
  await page.evaluate(() => window.kith.consent(false));
  await page.waitForTimeout(300);
  await built.kith.comeBack();
  await page.goto(`${built.site.url}/`);
  await until(granted, (is) => is === "false", "taken back");
  const kept = () => page.evaluate(() => Object.keys(localStorage).join());
  // It went out as a beacon when the page was left, and again when that has had its time.
  await until(kept, (keys) => keys === "kith-consent", "nothing else is kept", 45);
  await context.close();
});

test("a page that says what the script must be holds its parts to it as well", async () => {
  for (const path of ["/spoilt", "/sealed"]) {
    const { context, page } = await open(path);
    await ids(page);
    await page.waitForLoadState("networkidle");
    await page.click("#marked");
    await page.evaluate(() => window.kith.track("sent-after"));
    await until(count(`type = 'sent-after' AND page_url LIKE '%${path}'`), (n) => n === 1, "the script works");
    const measured = await count(`type = 'bought' AND page_url LIKE '%${path}'`)();
    assert.equal(measured, path === "/sealed" ? 1 : 0, path);
    await context.close();
  }
});

test("pages stay in the browser's cache", async () => {
  const browser = await launch({ ignoreDefaultArgs: ["--disable-back-forward-cache"] });
  const { page } = await open("/", browser);
  await ids(page);
  await page.evaluate(() => {
    window.mark = 1;
    window.addEventListener("pageshow", ({ persisted }) => (window.restored = persisted));
  });
  await page.goto(`${built.site.url}/quiet`);
  await page.waitForFunction(() => !window.kith.q);
  // A page that comes from the cache loads nothing, so nothing is waited for.
  await page.goBack({ waitUntil: "commit" }).catch(() => undefined);
  await page.waitForURL(`${built.site.url}/`, { waitUntil: "commit" });
  const [mark, reasons] = await page.evaluate(() => [
    window.mark,
    JSON.stringify(performance.getEntriesByType("navigation")[0].notRestoredReasons ?? null),
  ]);
  assert.equal(mark, 1, reasons);
  await browser.close();
});

test("a page that was prerendered counts when it is shown, not before", async () => {
  const { context, page } = await open("/prerendering");
  const prerendered = "type = 'page-view' AND page_url LIKE '%/?prerendered'";
  await page.waitForTimeout(1500);
  assert.equal(await count(prerendered)(), 0);
  await page.click("a");
  await page.waitForURL("**/?prerendered");
  await ids(page);
  await until(count(prerendered), (n) => n === 1, "one view");
  await context.close();
});
