// The console in a browser: a server with a small shop's history, somebody who has signed in, and what may not happen.

import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before } from "node:test";

import { complaints, launch } from "./browser.mjs";
import { SOURCE, startKith, until } from "./kith.mjs";
import { writeShop } from "./shop.mjs";

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

/** Built before the first test of a file and gone after the last. `env`: its settings; `also`: what else is to be there. */
export function consoleStage({ history = true, keeps = false, shop = 0, env = {}, also = async () => {} } = {}) {
  const built = {};
  before(async () => {
    built.kith = await startKith({ env });
    built.password = await built.kith.user("ann@shop.example");
    if (shop > 0) built.shop = await openShop(built, shop);
    else if (history) await seed(built.kith.url);
    if (keeps) built.kept = await keep(built);
    await also(built);
    built.browser = await launch();
  });
  after(async () => {
    await built.browser.close();
    await built.kith.stop();
  });
  return built;
}

/** Loads the benchmark's shop, of so many events, into the folder; what was sent, and the days that it is of. */
async function openShop(built, events) {
  const path = join(await mkdtemp(join(tmpdir(), "kith-shop-")), "shop.jsonl");
  const brings = async (itsOwn) => {
    const api = await interfaceOf(built);
    const { config, ...source } = await api.get(`/event-source/${SOURCE}`);
    await api.post("/event-source", { ...source, config: { ...config, static_profile_id: itsOwn } });
  };
  // The file says who everybody is; whoever sends later does not.
  await brings(true);
  const until = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const sent = await writeShop(path, { source: SOURCE, events, until });
  await built.kith.goAway();
  await built.kith.command("import", path);
  await built.kith.comeBack();
  await brings(false);
  await rm(dirname(path), { recursive: true });
  const day = (days) => new Date(until + days * DAY_MS).toISOString().slice(0, 10);
  return { sent, range: `range=${day(-30)}..${day(1)}&zone=UTC` };
}

/** Asks the interface as the administrator. */
export async function interfaceOf(built) {
  const form = new URLSearchParams({ username: "ann@shop.example", password: built.password });
  const { access_token: token } = await (await fetch(`${built.kith.url}/user/token`, { method: "POST", body: form })).json();
  const call = async (method, path, body) => {
    const answer = await fetch(built.kith.url + path, { method, headers: { authorization: `Bearer ${token}` }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${answer.ok || (await answer.text())}`);
    return answer.json();
  };
  return { get: (path) => call("GET", path), post: (path, body) => call("POST", path, body), put: (path, body) => call("PUT", path, body), remove: (path) => call("DELETE", path) };
}

/** Somebody who says this address, in a visit of their own. */
export async function says(built, visit, address) {
  const known = { type: "sign-up", properties: { firstname: visit, email: { main: address } } };
  const payload = { source: { id: SOURCE }, session: { id: visit }, events: [{ type: "page-view" }, known] };
  const answer = await fetch(`${built.kith.url}/track`, { method: "POST", body: JSON.stringify(payload) });
  return (await answer.json()).profile.id;
}

/** What people keep: two questions on a dashboard, a list, somebody who was merged, and somebody who waits for a decision. */
export async function keep(built) {
  const api = await interfaceOf(built);
  await api.post("/api/saved-questions", { id: "orders", name: "Orders by source", note: "What Monday talks about", view: "trends", state: { series: "type = order" } });
  await api.post("/api/saved-questions", { id: "types", name: "Types in SQL", view: "sql", state: { query: "SELECT type, count(*) AS events FROM events GROUP BY type ORDER BY events DESC", as: "chart" } });
  const tiles = [{ question: "orders", width: 2 }, { question: "types", width: 2 }];
  await api.post("/api/dashboards", { id: "monday", name: "On Monday", note: "For the meeting", range: "30d", tiles });
  await api.post("/api/identity/settings", { public: "ask" });
  const [phone, laptop] = [await says(built, "on-her-phone", "eve@example.com"), await says(built, "on-her-laptop", "eve@example.com")];
  const waiting = await until(async () => (await api.get("/api/identity/quarantine")).result, (entries) => entries.length === 1, "one waits");
  await api.post(`/api/identity/quarantine/${waiting[0].id}`, { decision: "unite" });
  await says(built, "on-a-tablet", "eve@example.com");
  const { id: list } = await api.post("/api/lists", { name: "Regulars", note: "Who come often", profiles: [phone, laptop] });
  return { api, list, merged: phone, was: [phone, laptop] };
}

/** What a browser says of a question that was on its way when its reader signed out, in this tab or in another: refused, as it must be. */
export const SIGNED_OUT = /status of 401/;
/** The same of every change that came too late. */
export const CONFLICT = /status of 412/;

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

/** A page in which somebody has signed in. */
export async function signedIn(built) {
  const opened = await openPage(built);
  await signIn(built, opened.page);
  return opened;
}

/** Presses the button of a form that keeps it. */
export const save = (place) => place.getByRole("button", { name: /^Save/ }).click();

/** Until it is said that somebody else was faster. */
export const conflict = (page) => page.getByRole("alert").getByText("Somebody else has changed it").waitFor();

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

/** Goes on with Tab until something of this name has the focus; what a keyboard cannot reach fails. */
export async function tabTo(page, name) {
  for (let presses = 0; presses < 150; presses++) {
    const has = await page.evaluate(() => {
      const one = document.activeElement;
      return one?.getAttribute("aria-label") ?? one?.labels?.[0]?.textContent ?? one?.textContent ?? "";
    });
    if (has.trim() === name) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`${name} cannot be reached with Tab`);
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
