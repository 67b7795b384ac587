// What the script measures by itself, where it is asked to; and pages that are hard to live on.

import assert from "node:assert/strict";
import { test } from "node:test";

import { complaints, ids } from "./browser.mjs";
import { until } from "./kith.mjs";
import { stage } from "./stage.mjs";

const built = stage();

/** A page of somebody new, and a question about their events. */
async function open(path) {
  const context = await built.browser.newContext();
  const page = await context.newPage();
  const said = complaints(page);
  await page.goto(built.site.url + path);
  const { profile } = await ids(page);
  const rows = (columns, type) => () =>
    built.kith.sql(`SELECT ${columns} FROM events WHERE type = '${type}' AND profile_id = '${profile}' ORDER BY time`);
  return { context, page, rows, said };
}

test("every view of a page that navigates by itself counts, and comes from the one before", async () => {
  const { context, page, rows } = await open("/auto");
  await page.waitForLoadState("networkidle");
  await page.evaluate(() => history.pushState({}, "", "/auto/two?x=1"));
  await page.waitForTimeout(200);
  await page.evaluate(() => (location.hash = "three"));
  await page.waitForTimeout(200);
  await page.goBack();
  const views = rows(
    "(context->'page'->>'path') || replace(coalesce(context->'page'->>'hash', ''), '#', ' at ') || ' from ' || coalesce(context->'page'->'referer'->>'query', '')",
    "page-view",
  );
  const seen = await until(views, (all) => all.length === 4, "four views");
  assert.deepEqual(seen.flat(), ["/auto from ", "/auto/two from ", "/auto/two at three from ?x=1", "/auto/two from ?x=1"]);
  await context.close();
});

test("clicks, links, downloads, forms and errors", async () => {
  const { context, page, rows } = await open("/auto");
  await page.waitForLoadState("networkidle");
  await page.evaluate(() => addEventListener("click", (event) => event.preventDefault()));
  await page.click("#marked");
  await page.click("#away");
  await page.click("#file");
  await page.fill("[name=topic]", "tea");
  await page.fill("[name=secret]", "hunter2");
  await page.fill("[name=note]", "4111 1111 1111 1111");
  await page.fill("[name=private]", "mine");
  await page.evaluate(() => {
    document.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
    document.querySelector("form").requestSubmit();
    setTimeout(() => {
      throw new Error("broken");
    });
  });
  await until(rows("properties->>'sku'", "bought"), (all) => all.join() === "42", "the marked click");
  await until(rows("properties->>'url'", "link-clicked"), (all) => all.join() === "https://elsewhere.example/a", "the link");
  await until(rows("properties->>'name'", "file-downloaded"), (all) => all.join() === "list.pdf", "the file");
  await until(rows("properties->'fields'", "form-submitted"), (all) => /topic.*tea/.test(all.join()), "the form");
  const fields = (await rows("properties->'fields'", "form-submitted")()).join();
  for (const word of ["hunter2", "4111", "mine"]) assert.ok(!fields.includes(word), fields);
  await until(rows("properties->>'message'", "page-error"), (all) => all.join().includes("broken"), "the error");
  await context.close();
});

test("how far down and for how long a view was seen is told when it ends", async () => {
  const { context, page, rows } = await open("/auto");
  await page.waitForLoadState("networkidle");
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  await page.waitForTimeout(1200);
  await page.goto(`${built.site.url}/empty`);
  await until(rows("properties->>'percent'", "page-scrolled"), (all) => all.join() === "100", "to the end");
  await until(rows("properties->>'seconds'", "visible-time"), (all) => Number(all.join()) >= 1, "a second");
  await context.close();
});

test("what is masked never leaves with a refusal, nor from an address within the address", async () => {
  const within = encodeURIComponent("/cart?voucher=s3cret");
  const { context, page } = await open(`/careful?voucher=s3cret&next=${within}`);
  const told = page.waitForRequest((request) => request.postData()?.includes("consent-update"));
  await page.evaluate(() => window.kith.consent(false));
  assert.deepEqual((await told).postDataJSON().events[0].context, {});
  const secrets = "SELECT count(*) FROM events WHERE page_url LIKE '%s3cret%'";
  const refusals = () => built.kith.sql("SELECT count(*) FROM events WHERE type = 'consent-update'");
  await until(refusals, ([[many]]) => many === "1", "the refusal");
  assert.deepEqual(await built.kith.sql(secrets), [["0"]]);
  await context.close();
});

test("what nobody could say how to send, before the page was left, is told as lost", async () => {
  const context = await built.browser.newContext();
  const page = await context.newPage();
  const { parts } = await (await fetch(`${built.kith.url}/tracker/manifest.json`)).json();
  const slow = `**${parts.extras.script}`;
  await page.route(slow, () => undefined);
  await page.goto(`${built.site.url}/careful`);
  await page.waitForFunction(() => !window.kith.q);
  await page.evaluate(() => void window.kith.track("order", { id: "unseen" }));
  // Before it is left, nothing lets the part through.
  await page.goto("about:blank");
  await page.unroute(slow);
  await page.goto(`${built.site.url}/careful`);
  await ids(page);
  const lost = () => built.kith.sql("SELECT properties->'types'->>'order' FROM events WHERE type = 'events-lost'");
  await until(lost, (all) => all.join() === "1", "the order, as lost");
  await context.close();
});

test("what is masked never leaves, and a link hands over from inside a component", async () => {
  const { context, page, rows } = await open("/careful?voucher=s3cret&page=2");
  await page.waitForLoadState("networkidle");
  const urls = await until(rows("page_url", "page-view"), (all) => all.length === 1, "the view");
  assert.match(urls.join(), /voucher=\*\*\*&page=2/);
  const dropped = rows("1", "unwanted");
  await page.evaluate(() => void window.kith.track("unwanted", {}, { fire: true }));
  await page.evaluate(() => window.kith.track("wanted", {}, { fire: true }));
  assert.deepEqual(await dropped(), []);
  const href = await page.evaluate(() => {
    const host = document.body.appendChild(document.createElement("div"));
    const link = host.attachShadow({ mode: "open" }).appendChild(document.createElement("a"));
    link.href = "https://other.example/";
    link.addEventListener("click", (event) => event.preventDefault());
    link.click();
    return link.href;
  });
  assert.match(href, /__tr_pid=.*&__tr_src=shop/);
  await context.close();
});

test("parts come under a policy of nonces and trusted types, too", async () => {
  const { context, page, rows, said } = await open("/trusted");
  await page.waitForLoadState("networkidle");
  await page.evaluate(() => history.pushState({}, "", "/trusted/two"));
  await until(rows("1", "page-view"), (all) => all.length === 2, "both views");
  assert.deepEqual(said.filter((text) => !text.includes("favicon")), []);
  await context.close();
});

test("the script, its parts and its door live where the owner wants them", async () => {
  const { context, page, rows } = await open("/named");
  await page.waitForLoadState("networkidle");
  const asked = await page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname));
  assert.ok(asked.every((path) => !/kith|track/.test(path)), asked.join());
  await page.evaluate(() => history.pushState({}, "", "/named/two"));
  await until(rows("1", "page-view"), (all) => all.length === 2, "both views");
  await context.close();
});
