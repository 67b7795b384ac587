// The first start: a link that lets in once, and the way to the first event.

import assert from "node:assert/strict";
import { test } from "node:test";

import { consoleStage, openPage, until } from "./console.mjs";
import { startKith } from "./kith.mjs";

const built = consoleStage({ history: false });

test("the printed link leads to the first event, and lets nobody in again", async () => {
  const kith = await startKith();
  const [link] = (await until(() => kith.said(), (said) => said.includes("#welcome="), "the link")).match(/http:\S+#welcome=\S+/);
  const { page, close } = await openPage({ ...built, kith });
  await page.goto(link);
  await page.getByRole("heading", { name: "Welcome to Kith" }).waitFor();
  assert.doesNotMatch(page.url(), /welcome=/, "the secret has left the address");
  await page.getByText("Waiting for your first event…").waitFor();
  await page.getByRole("button", { name: "Send a test event" }).click();
  await page.getByText("It has arrived.").waitFor();
  await close();
  const other = await openPage({ ...built, kith });
  await other.page.goto(link);
  await other.page.getByRole("alert").getByText(/lets nobody in/).waitFor();
  await other.close(/status of 400/);
  await kith.stop();
});

test("files with a hash are kept for ever, the page never, and each comes as small as it may", async () => {
  const page = await fetch(`${built.kith.url}/console/people/somebody`);
  assert.equal(page.headers.get("cache-control"), "no-cache");
  assert.match(page.headers.get("content-security-policy"), /default-src 'none'.*trusted-types 'none'/);
  const [, script] = (await page.text()).match(/src="(\/console\/assets\/[^"]+\.js)"/);
  const asked = async (headers) => fetch(built.kith.url + script, { headers });
  const first = await asked({ "accept-encoding": "br" });
  assert.match(first.headers.get("cache-control"), /immutable/);
  assert.equal(first.headers.get("content-encoding"), "br");
  assert.equal((await asked({ "if-none-match": first.headers.get("etag") })).status, 304);
  const plain = await asked({ "accept-encoding": "identity" });
  assert.equal(plain.headers.get("content-encoding"), null);
  assert.equal(await plain.text(), await first.text(), "the same in either way");
  assert.equal((await fetch(`${built.kith.url}/console/assets/other.js`)).status, 404);
});
