// The console over the benchmark's shop, a hundred thousand events: its numbers, its screens by keyboard and by mouse, and how they look.

import assert from "node:assert/strict";
import { test } from "node:test";

import { barriers, consoleStage, interfaceOf, openPage, picture, settled, show, signIn, tabTo, until } from "./console.mjs";

const EVENTS = Number(process.env.SHOP_EVENTS ?? 100_000);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const VIEW = "page-view";
const CART = "product-added-to-cart";
const ORDER = "order-completed";
const FUNNEL = encodeURIComponent([VIEW, CART, ORDER].map((type) => `type = ${type}`).join("\n"));

/** What was sent, without the events that Kith adds a moment before, which may be another day. */
const SENT = encodeURIComponent("properties.price EXISTS");

const built = consoleStage({ shop: EVENTS });

const day = (at) => Math.floor(at / DAY_MS);
const dated = (at) => new Date(at).toISOString().slice(0, 10);
const distinct = (list) => new Set(list).size;
const words = (number) => number.toLocaleString("en-US");

/** Lists by a key. */
function lists(list, key) {
  const groups = new Map();
  for (const one of list) {
    const own = groups.get(key(one));
    if (own) own.push(one);
    else groups.set(key(one), [one]);
  }
  return groups;
}

const people = (page) => page.getByRole("dialog", { name: /^[\d,]+ (person|people)$/ });

/** A number that is a button: what it says, and how many people its window says. */
async function opened(page, button) {
  const said = Number((await button.textContent()).replaceAll(",", ""));
  await button.click();
  await people(page).waitFor({ timeout: 60_000 });
  const behind = Number((await people(page).getByRole("heading").first().textContent()).replaceAll(/\D/g, ""));
  await page.keyboard.press("Escape");
  await people(page).waitFor({ state: "detached" });
  return [said, behind];
}

test("what each screen counts is what was sent", async () => {
  const { sent, range } = built.shop;
  const { page, close } = await openPage(built);
  page.setDefaultTimeout(60_000);
  await signIn(built, page);

  await show(built, page, `/?${range}`);
  const everybody = distinct(sent.map((one) => one.who));
  const stat = (name) => page.locator("dl > div", { has: page.locator("dt", { hasText: new RegExp(`^${name}$`) }) }).first().getByRole("button");
  assert.deepEqual(await opened(page, stat("People")), [everybody, everybody]);
  // Kith adds events of its own: a visit that begins, somebody who is new.
  const [[all]] = await built.kith.sql(`SELECT count(*) FROM events WHERE time >= TIMESTAMPTZ '${dated(sent[0].at)}T00:00:00Z'`);
  assert.deepEqual(await opened(page, stat("Events")), [Number(all), everybody]);
  assert.deepEqual(await opened(page, stat("Sessions")), [distinct(sent.map((one) => one.visit)), everybody]);

  const orders = sent.filter((one) => one.type === ORDER);
  const sum = orders.reduce((all, one) => all + one.price, 0);
  await show(built, page, `/trends?${range}&as=values&series=${encodeURIComponent(`sum(properties.price): type = ${ORDER}`)}`);
  const told = page.getByRole("region", { name: "Total" }).getByRole("button");
  assert.deepEqual(await opened(page, told), [Math.round(sum * 10) / 10, distinct(orders.map((one) => one.who))]);

  const own = [...lists(sent, (one) => one.who).values()].map((events) => events.sort((one, other) => one.at - other.at));
  const depths = own.map(depth);
  await show(built, page, `/funnel?${range}&steps=${FUNNEL}&window=86400`);
  for (const [at, type] of [VIEW, CART, ORDER].entries()) {
    const came = depths.filter((depth) => depth > at).length;
    assert.deepEqual(await opened(page, page.getByRole("row", { name: new RegExp(`^${at + 1}\\. type = ${type}`) }).getByRole("button").first()), [came, came], type);
  }

  const firsts = own.map((events) => day(events[0].at));
  const first = Math.min(...firsts);
  const [size, again] = [firsts.filter((one) => one === first).length, own.filter((events, at) => firsts[at] === first && events.some((one) => day(one.at) === first + 1)).length];
  await show(built, page, `/retention?${range}&interval=day&as=counts&first=${SENT}&again=${SENT}`);
  const cohort = page.getByRole("row", { name: new RegExp(`^${dated(first * DAY_MS)}`) }).getByRole("button");
  assert.deepEqual(await opened(page, cohort.first()), [size, size]);
  assert.deepEqual(await opened(page, page.getByRole("button", { name: `People behind ${dated(first * DAY_MS)}, 1`, exact: false }).first()), [again, again]);

  const [path, takers] = [...lists(lists(sent, (one) => one.visit).values(), (events) => events.slice(0, 2).map((one) => one.type).join(" → "))].sort((one, other) => other[1].length - one[1].length)[0];
  await show(built, page, `/paths?${range}&depth=2&leave=session-opened,visit-started,profile-created`);
  const row = page.getByRole("region", { name: "Paths", exact: true }).getByRole("row").nth(1);
  assert.equal((await row.getByRole("cell").first().textContent()).replaceAll(/\s+/g, ""), path.replaceAll(" ", ""));
  assert.equal(await row.getByRole("cell").nth(1).textContent(), words(takers.length));
  const walkers = distinct(takers.map((events) => events[0].who));
  assert.deepEqual(await opened(page, row.getByRole("button")), [walkers, walkers]);

  const days = own.map((events) => distinct(events.map((one) => day(one.at))));
  const once = days.filter((many) => many === 1).length;
  await show(built, page, `/stickiness?${range}&where=${SENT}`);
  assert.deepEqual(await opened(page, page.getByRole("row", { name: /^1 day/ }).getByRole("button")), [once, once]);

  await show(built, page, `/lifecycle?${range}&where=${SENT}`);
  await page.getByRole("button", { name: "Table" }).click();
  const fresh = page.getByRole("region", { name: "Lifecycle" }).getByRole("row", { name: new RegExp(`^${dated(first * DAY_MS)}`) }).getByRole("button").first();
  assert.deepEqual(await opened(page, fresh), [size, size]);
  await close();
});

/** How many of the three steps somebody took within a day, one after the other. */
function depth(events) {
  let [viewed, carted, deepest] = [-Infinity, -Infinity, 0];
  for (const { type, at } of events) {
    if (type === VIEW) [viewed, deepest] = [at, Math.max(deepest, 1)];
    if (type === CART && at - viewed <= DAY_MS) [carted, deepest] = [Math.max(carted, viewed), Math.max(deepest, 2)];
    if (type === ORDER && at - carted <= DAY_MS) return 3;
  }
  return deepest;
}

/** What people mainly do on each screen: where they go with the keyboard, what they type there, and what is there then. */
const WORK = [
  ["Overview", null, (page) => page.getByRole("img", { name: "Events over time" })],
  ["Live", "Pause", (page) => page.getByRole("button", { name: "Go on" })],
  ["Events", ["Filter", `type = ${ORDER}`], (page) => page.getByRole("region", { name: "Events", exact: true }).getByText(ORDER).first()],
  ["People", ["Did in this range", `type = ${ORDER}`], (page) => page.getByRole("region", { name: "People" }).getByRole("link").first()],
  ["Sessions", ["With such an event", `type = ${ORDER}`], (page) => page.getByRole("region", { name: "Sessions" }).getByRole("link").first()],
  ["Catalogue", ["Find a type or a field", "order"], (page) => page.getByRole("link", { name: ORDER, exact: true })],
  ["SQL", "Run", (page) => page.getByRole("columnheader", { name: "people" })],
  ["Trends", ["Break down by", "utm_source"], (page) => page.getByText("newsletter").first()],
  ["Funnel", ["Step 2", `type = ${CART}`], (page) => page.getByRole("row", { name: /^2\. type/ })],
  ["Retention", ["First", `type = ${CART}`], (page) => page.getByRole("region", { name: "Retention" }).getByRole("button").first()],
  ["Paths", ["Beginning with", "type = search"], (page) => page.getByRole("img", { name: "Ways" })],
  ["Stickiness", ["Of", `type = ${ORDER}`], (page) => page.getByRole("row", { name: /^1 day/ })],
  ["Lifecycle", ["Of", `type = ${ORDER}`], (page) => page.getByRole("img", { name: "Lifecycle" })],
  ["Dashboards", "New dashboard", (page) => page.getByRole("dialog")],
  ["Saved", ["Find by name, note, owner or kind", "nobody saved this"], (page) => page.getByText(/^Nothing/)],
  ["Lists", "New list", (page) => page.getByRole("dialog")],
  ["Sources", "New source", (page) => page.getByRole("dialog")],
  ["Links", "New link", (page) => page.getByRole("dialog")],
  ["API keys", "New key", (page) => page.getByRole("dialog")],
  ["Users", "New user", (page) => page.getByRole("dialog")],
  ["Audit log", ["Who", "ann@shop.example"], (page) => page.getByRole("region", { name: "Entries" }).getByRole("button").first()],
  ["System", ["Find a metric", "outcomes"], (page) => page.getByText("kith_outcomes_total").first()],
];

test("each screen's main work is done by keyboard alone", async () => {
  const { page, close } = await openPage(built);
  page.setDefaultTimeout(60_000);
  await page.goto(`${built.kith.url}/console/?${built.shop.range}`);
  await signInByKeyboard(page);
  for (const [screen, work, done] of WORK) {
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: /A screen/ }).waitFor();
    await page.keyboard.type(screen);
    await page.getByRole("option", { name: screen }).first().waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: new RegExp(`^${screen}`), level: 1 }).waitFor();
    await settled(page);
    if (work) {
      const [name, text] = [work].flat();
      await tabTo(page, name);
      if (text) await page.keyboard.press("Control+a");
      if (text) await page.keyboard.type(text);
      await page.keyboard.press("Enter");
    }
    await done(page).waitFor();
    // A window that is open would keep the keys of the palette.
    await page.keyboard.press("Escape");
  }
  await close();
});

async function signInByKeyboard(page) {
  await page.getByLabel("Password").waitFor();
  await page.keyboard.type("ann@shop.example");
  await page.keyboard.press("Tab");
  await page.keyboard.type(built.password);
  await page.keyboard.press("Enter");
  await page.locator("nav").waitFor({ state: "attached" });
}

test("each screen's main work is done by mouse", async () => {
  const { page, close } = await openPage(built);
  page.setDefaultTimeout(60_000);
  await signIn(built, page);
  await show(built, page, `/?${built.shop.range}`);
  for (const [screen, work, done] of WORK) {
    await page.getByRole("navigation").getByRole("link", { name: screen, exact: true }).click();
    await page.getByRole("heading", { name: new RegExp(`^${screen}`), level: 1 }).waitFor();
    await settled(page);
    const [name, text] = [work ?? []].flat();
    if (text) {
      const field = page.getByLabel(name, { exact: true }).first();
      await field.click();
      await field.fill(text);
      const ask = page.getByRole("main").getByRole("button", { name: /^(Apply|Find|Show)$/ });
      if (await ask.count()) await ask.first().click();
    } else if (name) await page.getByRole("button", { name, exact: true }).first().click();
    await done(page).waitFor();
    const window = page.getByRole("dialog");
    if (await window.count()) await window.getByRole("button", { name: "Close" }).first().click();
  }
  await close();
});

test("a dashboard's range and filter hold for every kind of tile", async () => {
  const { sent, range } = built.shop;
  const api = await interfaceOf(built);
  const keep = (id, view, state) => api.post("/api/saved-questions", { id, name: id, view, state });
  await keep("how-many", "sql", { query: "SELECT count(*) AS many FROM events" });
  await keep("who", "people", {});
  await keep("visits", "sessions", {});
  await keep("everything", "trends", { as: "values" });
  const tiles = ["how-many", "who", "visits", "everything"].map((question) => ({ question, width: 4 }));
  await api.post("/api/dashboards", { id: "narrow", name: "Narrow", tiles });
  const { page, close } = await openPage(built);
  page.setDefaultTimeout(60_000);
  await signIn(built, page);
  const last = sent.reduce((latest, one) => Math.max(latest, day(one.at)), 0);
  const days = `range=${dated(last * DAY_MS)}..${dated((last + 1) * DAY_MS)}&zone=UTC`;
  const meant = sent.filter((one) => one.type === ORDER && day(one.at) === last);
  await show(built, page, `/dashboards/narrow?${days}&where=${encodeURIComponent(`type = ${ORDER}`)}`);
  const tile = (name) => page.getByRole("region", { name, exact: true });
  await tile("how-many").getByRole("cell", { name: String(meant.length), exact: true }).waitFor();
  await tile("how-many").getByText("The dashboard's range and filter hold for its events.").waitFor();
  await tile("everything").getByText(words(meant.length), { exact: true }).waitFor();
  const buyers = distinct(meant.map((one) => one.who));
  await until(() => tile("who").getByRole("row").count(), (rows) => rows === Math.min(buyers, 50) + 1, "those who ordered that day");
  await show(built, page, `/dashboards/narrow?${range}&where=${encodeURIComponent(`type = ${ORDER}`)}`);
  const visits = distinct(sent.filter((one) => one.type === ORDER).map((one) => one.visit));
  await until(() => tile("visits").getByRole("row").count(), (rows) => rows === Math.min(visits, 50) + 1, "visits with an order");
  await close();
});

const SCREENS = {
  overview: "/", live: "/live", events: "/events", people: `/people?did=type%20%3D%20${ORDER}`, sessions: "/sessions", sql: "/sql", catalogue: "/catalogue",
  trends: "/trends?by=type", "trends-bars": "/trends?as=bars&by=utm_source&series=people%3A", "trends-numbers": "/trends?as=values&by=country&compare=yes", funnel: `/funnel?steps=${FUNNEL}`, "funnel-by": `/funnel?steps=${FUNNEL}&by=utm_source`,
  retention: "/retention?interval=day", paths: "/paths", stickiness: "/stickiness", lifecycle: "/lifecycle", dashboards: "/dashboards", dashboard: "/dashboards/narrow", saved: "/saved",
  sources: "/sources", system: "/system", audit: "/audit",
};

for (const scheme of ["light", "dark"]) {
  test(`with much to show, every screen is accessible and whole in ${scheme}, wide and narrow`, async () => {
    const found = {};
    for (const width of [1440, 360]) {
      const { page, close } = await openPage(built, { width, scheme });
      page.setDefaultTimeout(60_000);
      await signIn(built, page);
      for (const [name, path] of Object.entries(SCREENS)) {
        await show(built, page, `${path}${path.includes("?") ? "&" : "?"}${built.shop.range}`);
        await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'));
        const wrong = await barriers(page);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        if (overflow > 0) wrong.push(`${overflow} pixels too wide`);
        if (wrong.length > 0) found[`${name} ${width}`] = wrong;
        await picture(page, `shop-${name}-${width}-${scheme}`);
      }
      await close();
    }
    assert.deepEqual(found, {});
  });
}

test("no screen waits for an answer before it is there", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  // From now on nothing is answered.
  await page.route((url) => /^\/(api|sql|metrics|event|user)/.test(url.pathname), () => undefined);
  for (const [name, path] of Object.entries(SCREENS).filter(([name]) => name !== "dashboard")) {
    await page.evaluate((address) => {
      history.pushState(null, "", address);
      dispatchEvent(new PopStateEvent("popstate"));
    }, `/console${path}${path.includes("?") ? "&" : "?"}${built.shop.range}`);
    await page.locator("h1").first().waitFor({ timeout: 5000 }).catch(() => assert.fail(`${name} waits`));
  }
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await close();
});

test("with the network cut every screen opens, and says what it has not", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  const hasAll = () => page.evaluate(() => performance.getEntriesByType("resource").some((one) => one.name.includes("/keys-help-")));
  await until(hasAll, (has) => has, "every screen is fetched", 30);
  await page.context().setOffline(true);
  await page.getByText(/Kith cannot be reached since/).waitFor();
  for (const [screen] of WORK) {
    await page.getByRole("navigation").getByRole("link", { name: screen, exact: true }).click();
    await page.getByRole("heading", { name: new RegExp(`^${screen}`), level: 1 }).waitFor();
  }
  await page.context().setOffline(false);
  await page.getByText(/Kith cannot be reached since/).waitFor({ state: "detached" });
  await close(/ERR_INTERNET_DISCONNECTED/);
});
