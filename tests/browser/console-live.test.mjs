// The live view while much happens, while somebody points at it, and while nobody looks.

import assert from "node:assert/strict";
import { test } from "node:test";

import { barriers, consoleStage, openPage, picture, show, signIn, until } from "./console.mjs";
import { SOURCE } from "./kith.mjs";

const built = consoleStage({ history: false });

/** Sends events of a type, and nothing beside them. */
const send = (type, many = 1) =>
  fetch(`${built.kith.url}/track`, { method: "POST", body: JSON.stringify({ source: { id: SOURCE }, options: { saveSession: false, saveProfile: false }, events: Array.from({ length: many }, () => ({ type })) }) });

const kept = (page, type) => page.getByRole("button", { name: new RegExp(`Kept ${type}$|Kept ${type} `) });
const figure = async (page, pattern) => Number(((await page.getByRole("main").textContent()).match(pattern)?.[1] ?? "0").replaceAll(",", ""));

async function listen(page, query = "") {
  await show(built, page, `/live${query}`);
  await page.getByText("Listening").waitFor();
}

test("of more than can be read a part is shown, and the rest is counted", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await listen(page, "?type=flood");
  const [payloads, each] = [20, 100];
  for (let at = 0; at < payloads; at++) await send("flood", each);
  const all = async () => [await figure(page, /([\d,]+) shown/), await figure(page, /([\d,]+) left out/)];
  const [shown, leftOut] = await until(all, ([shown, leftOut]) => shown + leftOut === payloads * each, "every event is accounted for");
  assert.ok(shown < leftOut, `${shown} of ${shown + leftOut} are shown`);
  // Of what is shown, only what is seen is in the page.
  await until(() => kept(page, "flood").count(), (rows) => rows > 0 && rows < 30, "rows that are seen");
  assert.deepEqual(await barriers(page), []);
  await picture(page, "live-flood");
  await page.getByRole("button", { name: "250 a second" }).click();
  await page.getByText("Listening").waitFor();
  await send("flood", each);
  await page.getByText("100 shown").waitFor();
  assert.match(page.url(), /rate=250/);
  await close();
});

test("the list stands still for whoever points at it or has come to a row, and loses nothing", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await listen(page);
  await send("first");
  await kept(page, "first").hover();
  await send("while-pointing");
  await page.getByText("1 waiting").waitFor();
  assert.equal(await kept(page, "while-pointing").count(), 0);
  await page.mouse.move(5, 5);
  await kept(page, "while-pointing").waitFor();
  // The same with the keyboard.
  await page.getByRole("button", { name: "Clear", exact: true }).focus();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await send("while-there");
  await page.getByText("1 waiting").waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").getByText("while-pointing").first().waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Shift+Tab");
  await kept(page, "while-there").waitFor();
  await close();
});

/** As a browser does when another tab is chosen, and when this one is again. */
const hide = (page, hidden) =>
  page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);

test("a page that nobody sees draws nothing, has all when somebody comes back, and rests after a while", async () => {
  const { page, close } = await openPage(built);
  await page.clock.install();
  await signIn(built, page);
  await listen(page);
  await hide(page, true);
  await send("unseen");
  await page.clock.runFor(5_000);
  assert.equal(await kept(page, "unseen").count(), 0);
  await hide(page, false);
  await kept(page, "unseen").waitFor();
  await hide(page, true);
  const ends = page.waitForEvent("requestfailed", (request) => request.url().includes("/api/events/live"));
  await page.clock.fastForward(300_000);
  await ends;
  await send("missed");
  await hide(page, false);
  await page.getByText("Listening").waitFor();
  await send("again");
  await kept(page, "again").waitFor();
  assert.equal(await kept(page, "missed").count(), 0);
  await close();
});
