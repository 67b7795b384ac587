// What a browser makes of the headers: whose pages may send, embed, and ask.

import assert from "node:assert/strict";
import { test } from "node:test";

import { complaints } from "./browser.mjs";
import { SOURCE, until } from "./kith.mjs";
import { stage } from "./stage.mjs";

const built = stage();

test("the page of the interface works under its own policy", async () => {
  const page = await built.browser.newPage();
  const said = complaints(page);
  await page.goto(`${built.kith.url}/docs/`);
  await page.waitForSelector("[data-path=\"/user/token\"]");
  await page.waitForSelector("[data-path=\"/sql\"]");
  assert.deepEqual(said, []);
  await page.close();
});

test("a page that isolates itself embeds the picture and the script", async () => {
  const page = await built.browser.newPage();
  await page.goto(`${built.site.url}/isolated`);
  assert.equal(await page.evaluate(() => self.crossOriginIsolated), true, "it is one");
  assert.equal(await page.evaluate(() => document.querySelector("img").naturalWidth), 1);
  assert.equal(await page.evaluate(() => typeof window.kith), "object");
  const embedded = "SELECT count(*) FROM events WHERE type = 'embedded'";
  await until(() => built.kith.sql(embedded), ([[many]]) => many === "1", "the picture's event");
  await page.close();
});

test("no page puts one of Kith's into a frame", async () => {
  const page = await built.browser.newPage();
  await page.goto(`${built.site.url}/empty`);
  const framed = async (address) => {
    await page.evaluate(async (address) => {
      const frame = document.body.appendChild(document.createElement("iframe"));
      await new Promise((loaded) => Object.assign(frame, { onload: loaded, src: address }));
    }, address);
    return page.frames().at(-1).title().catch(() => "");
  };
  assert.equal(await framed(`${built.site.url}/empty`), "Shop", "the test would see it");
  for (const path of ["/docs/", "/demo"]) {
    assert.doesNotMatch(await framed(built.kith.url + path), /Swagger|tea shop/, path);
  }
  await page.close();
});

test("another page may send JSON with its cookies, and may not ask", async () => {
  const page = await built.browser.newPage();
  await page.goto(`${built.site.url}/empty`);
  const told = await page.evaluate(
    async ([url, source]) => {
      const payload = (type) => JSON.stringify({ source: { id: source }, events: [{ type }] });
      const json = (type) => new Blob([payload(type)], { type: "application/json" });
      const sent = navigator.sendBeacon(`${url}/track`, json("beacon-of-json"));
      const headers = { "content-type": "application/json" };
      const plain = await fetch(`${url}/track`, { method: "POST", headers, body: payload("fetched") });
      const asked = await fetch(`${url}/profile/count`, { headers: { authorization: "Bearer x" } })
        .then(() => "answered")
        .catch(() => "refused by the browser");
      return { sent, status: plain.status, asked };
    },
    [built.kith.url, SOURCE],
  );
  assert.deepEqual(told, { sent: true, status: 200, asked: "refused by the browser" });
  const both = "SELECT count(*) FROM events WHERE type IN ('beacon-of-json', 'fetched')";
  await until(() => built.kith.sql(both), ([[many]]) => many === "2", "both events");
  await page.close();
});
