// The console in a browser: a server with a small shop's history, somebody who has signed in, and what may not happen.

import assert from "node:assert/strict";
import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before } from "node:test";

import { complaints, launch } from "./browser.mjs";
import { SOURCE, startKith, until } from "./kith.mjs";

const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const DAY_MS = 86_400_000;
const PEOPLE = 24;
const PATHS = ["/", "/tea", "/tea/green", "/cups", "/checkout"];
const LETTERS = ["letter", "search", "friends"];

/** What a visitor does on one day: looks around, and one in three buys. */
function visit(person, day) {
  const began = Date.now() - day * DAY_MS - person * 61_000 - 600_000;
  const at = (minute) => ({ insert: new Date(began + minute * 60_000).toISOString() });
  const views = PATHS.slice(0, 2 + (person % 4)).map((path, minute) => ({
    type: "page-view", time: at(minute), properties: { category: path.split("/")[1] || "home" },
    context: { page: { url: `https://shop.example${path}`, path, title: path } },
  }));
  const order = { type: "order", time: at(6), properties: { sum: 10 + person, currency: "EUR" } };
  const known = { type: "sign-up", time: at(7), properties: { firstname: `Ann ${person}`, email: { main: `ann${person}@example.com` } } };
  return {
    source: { id: SOURCE }, session: { id: `visit-${person}-${day}` },
    context: { utm: { source: LETTERS[person % 3] }, location: { country: { name: "Poland", code: "PL" }, city: "Warsaw" }, time: { tz: "Europe/Warsaw" } },
    events: [...views, ...(person % 3 === 0 ? [order] : []), ...(day === 3 && person < 8 ? [known] : [])],
  };
}

/** Sends the shop's history: each person comes back under the id that they were given. */
async function seed(url) {
  const post = async (payload) => (await fetch(`${url}/track`, { method: "POST", body: JSON.stringify(payload) })).json();
  for (let person = 0; person < PEOPLE; person++) {
    let profile;
    for (const day of [6, 3, 0].slice(0, 1 + (person % 3))) {
      const answer = await post({ ...visit(person, day), ...(profile ? { profile } : {}) });
      profile = { id: answer.profile.id };
    }
  }
}

/** Built before the first test of a file and gone after the last. */
export function consoleStage({ history = true } = {}) {
  const built = {};
  before(async () => {
    built.kith = await startKith();
    built.password = await built.kith.user("ann@shop.example");
    if (history) await seed(built.kith.url);
    built.browser = await launch();
  });
  after(async () => {
    await built.browser.close();
    await built.kith.stop();
  });
  return built;
}

/** A page of the console; it fails its test should it complain, or ask somebody else. */
export async function openPage(built, { width = 1440, height = 900, scheme = "light" } = {}) {
  const context = await built.browser.newContext({ viewport: { width, height }, colorScheme: scheme, timezoneId: "Europe/Warsaw", permissions: ["clipboard-read", "clipboard-write"] });
  const page = await context.newPage();
  const said = complaints(page);
  const strangers = [];
  page.on("request", (request) => request.url().startsWith(built.kith.url) || request.url().startsWith("blob:") || strangers.push(request.url()));
  return {
    page,
    /** Nothing was complained about, but for what the test has asked for. */
    async close(allowed = /^$/) {
      assert.deepEqual(said.filter((text) => !allowed.test(text)), []);
      assert.deepEqual(strangers, []);
      await context.close();
    },
  };
}

export async function signIn(built, page) {
  await page.goto(`${built.kith.url}/console/`);
  await page.getByLabel("E-mail address").fill("ann@shop.example");
  await page.getByLabel("Password").fill(built.password);
  await page.keyboard.press("Enter");
  await page.locator("nav").waitFor({ state: "attached" });
}

/** A screen of the console, once what it asks for is there. */
export async function show(built, page, path) {
  // As a link does it: the page stays, and so does who has signed in.
  await page.evaluate((address) => {
    history.pushState(null, "", address);
    dispatchEvent(new PopStateEvent("popstate"));
  }, `/console${path}`);
  await page.locator("h1").first().waitFor();
  await settled(page);
}

export async function settled(page) {
  await page.waitForFunction(() => ![...document.querySelectorAll('[role="status"]')].some((one) => one.textContent === "Loading"));
}

/** What the rules for accessible pages find. */
export async function barriers(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target} ${node.failureSummary}`).slice(0, 3).join(" | ")}`);
}

/** Kept for people to look at, where the run says where. */
export async function picture(page, name) {
  if (!process.env.ARTEFACTS) return;
  await mkdir(process.env.ARTEFACTS, { recursive: true });
  await page.screenshot({ path: join(process.env.ARTEFACTS, `console-${name}.png`), fullPage: true });
}

export { until };
