// The main path and delivery once more, in Firefox.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { startKith, until } from "./kith.mjs";
import { startSite } from "./site.mjs";

const FIREFOX = process.env.FIREFOX;
const skip = FIREFOX ? false : "there is no Firefox";

let kith, site, browser;

before(async () => {
  if (skip) return;
  const { default: puppeteer } = await import("puppeteer-core");
  kith = await startKith();
  site = await startSite(kith.url);
  browser = await puppeteer.launch({ browser: "firefox", executablePath: FIREFOX, headless: true });
});
after(async () => {
  await browser?.close();
  site?.stop();
  await kith?.stop();
});

async function open(path) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  await page.goto(site.url + path);
  return { context, page };
}

async function ids(page) {
  const known = await page.waitForFunction(() => {
    const now = window.kith && window.kith.ids && window.kith.ids();
    return now && now.profile && now.session && now;
  });
  return known.jsonValue();
}

const count = (where) => async () =>
  Number((await kith.sql(`SELECT count(*) FROM events WHERE ${where}`))[0][0]);

test("a visit makes a profile, and a reload keeps it", { skip }, async () => {
  const { context, page } = await open("/");
  const first = await ids(page);
  await page.reload();
  assert.deepEqual(await ids(page), first);
  await until(count(`type = 'page-view' AND profile_id = '${first.profile}'`), (n) => n === 2, "page views");
  await context.close();
});

test("what waits while the server is away, and when the page is left, arrives once", { skip }, async () => {
  const { context, page } = await open("/");
  await ids(page);
  await kith.goAway();
  await page.evaluate(() => void window.kith.track("waited", { n: 1 }, { fire: true }));
  await new Promise((done) => setTimeout(done, 300));
  await kith.comeBack();
  await page.evaluate(() => {
    window.dispatchEvent(new Event("online"));
    void window.kith.track("waited", { n: 2 });
    location.href = "/empty";
  });
  await page.waitForFunction(() => location.pathname === "/empty");
  await page.goto(`${site.url}/`);
  await ids(page);
  await until(count("type = 'waited'"), (n) => n === 2, "both", 45);
  await context.close();
});

test("ten thousand calls all arrive", { skip }, async () => {
  const { context, page } = await open("/");
  await ids(page);
  await page.evaluate(() => {
    for (let n = 0; n < 10000; n++) void window.kith.track("looped", { n });
  });
  await until(count("type = 'looped'"), (n) => n === 10000, "all of them", 30);
  await context.close();
});

test("parts come under a policy of nonces, and a loader of the reference works", { skip }, async () => {
  const strict = await open("/trusted");
  await ids(strict.page);
  // The part listens as soon as it is there.
  await until(
    () => strict.page.evaluate(() => /native/.test(String(history.pushState))),
    (isNative) => !isNative,
    "the part",
  );
  await strict.page.evaluate(() => history.pushState({}, "", "/trusted/two"));
  await until(count("type = 'page-view' AND page_url LIKE '%/trusted/two'"), (n) => n === 1, "the second view");
  const theirs = await open("/theirs");
  await until(count("type = 'queued'"), (n) => n === 1, "the loader's queue");
  await Promise.all([strict.context.close(), theirs.context.close()]);
});
