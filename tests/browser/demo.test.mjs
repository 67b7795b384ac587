// The demo shop as a visitor sees it, and what the script costs a page.

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { test } from "node:test";

import { complaints, ids } from "./browser.mjs";
import { SOURCE, until } from "./kith.mjs";
import { stage } from "./stage.mjs";

/** Most main-thread time that loading the script may take, in milliseconds, on a slow machine. */
const LOADING_MS_MAX = 50;

const built = stage();

test("the demo shows what was sent and answered, and the ids in use", async () => {
  const page = await built.browser.newPage();
  const said = complaints(page);
  await page.goto(`${built.kith.url}/demo`);
  const { profile } = await ids(page);
  await page.getByRole("button", { name: "Add to cart" }).first().click();
  await page.getByRole("button", { name: "Place order" }).click();
  await page.getByLabel("E-mail").fill("ann@example.com");
  await page.getByRole("button", { name: "Sign in" }).click();
  const entries = page.locator("#log summary");
  await until(() => entries.allTextContents(), (all) => all.join().includes("identification"), "the log");
  const log = (await entries.allTextContents()).join();
  for (const type of ["page-view", "product-added-to-basket", "order-completed"]) {
    assert.ok(log.includes(type), `${type} in ${log}`);
  }
  assert.equal(await page.locator("#profile").textContent(), profile);
  assert.ok((await page.locator("#snippet").textContent()).includes(`source: "${SOURCE}"`));
  await page.locator("#log details").first().locator("summary").click();
  const folder = process.env.ARTEFACTS || "artefacts";
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: `${folder}/demo.png`, fullPage: true });
  assert.deepEqual(said, []);
  await page.close();
});

test("who signs in from a second browser is one person with the first, as the page says", async () => {
  const signIn = async () => {
    const context = await built.browser.newContext();
    const page = await context.newPage();
    await page.goto(`${built.kith.url}/demo`);
    await ids(page);
    await page.getByLabel("E-mail").fill("eve@example.com");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.locator("#recognised").waitFor();
    const said = [await page.locator("#recognised").textContent(), await page.locator("#profile").textContent()];
    await context.close();
    return said;
  };
  const [first, ownId] = await signIn();
  const [second, otherId] = await signIn();
  assert.match(first, /has heard that this visitor is eve@example\.com/);
  assert.match(second, /^Recognised: eve@example\.com was here before\./);
  // A page that anybody can type into is not told whose profile it is: so neither says that it is this one.
  assert.notEqual(ownId, otherId);
  assert.ok(!second.includes(otherId));
  const signedIn = "SELECT count(DISTINCT session_id), count(DISTINCT profile_id), min(profile_id) FROM events WHERE type = 'identification' AND CAST(properties AS VARCHAR) LIKE '%eve@%'";
  assert.deepEqual(await built.kith.sql(signedIn), [["2", "1", ownId]]);
});

test("choices saved with nothing ticked are sent, and the page goes on", async () => {
  const page = await built.browser.newPage();
  await page.goto(`${built.kith.url}/demo`);
  await ids(page);
  const log = async () => (await page.locator("#log summary").allTextContents()).join();
  await page.getByRole("button", { name: "Save choices" }).click();
  await until(log, (all) => all.includes("consent-update"), "the choices");
  assert.match(await page.locator("#saved").textContent(), /Newsletter: no/);
  await page.getByRole("button", { name: "Add to cart" }).first().click();
  await until(log, (all) => all.includes("product-added-to-basket"), "what comes after");
  await page.close();
});

test("loading the script takes little of the main thread", async () => {
  const least = async (path) => {
    let least = Infinity;
    for (let round = 0; round < 5; round++) {
      const page = await built.browser.newPage();
      const session = await page.context().newCDPSession(page);
      await session.send("Performance.enable");
      await page.goto(built.site.url + path, { waitUntil: "networkidle" });
      const { metrics } = await session.send("Performance.getMetrics");
      const script = metrics.find((metric) => metric.name === "ScriptDuration").value;
      least = Math.min(least, script * 1000);
      await page.close();
    }
    return least;
  };
  const took = (await least("/quiet")) - (await least("/empty"));
  assert.ok(took > 0 && took < LOADING_MS_MAX, `${took} ms`);
});
