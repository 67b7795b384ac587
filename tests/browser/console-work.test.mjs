// What people do in the console, by keyboard and by mouse.

import assert from "node:assert/strict";
import { test } from "node:test";

import { SIGNED_OUT, barriers, consoleStage, interfaceOf, openPage, picture, settled, show, signIn, tabTo, until } from "./console.mjs";
import { SOURCE } from "./kith.mjs";

const built = consoleStage();

test("the root leads to the console, which lets nobody in with a wrong password", async () => {
  const { page, close } = await openPage(built);
  await page.goto(built.kith.url);
  assert.match(page.url(), /\/console\/$/);
  await page.getByLabel("E-mail address").fill("ann@shop.example");
  await page.getByLabel("Password").fill("a wrong one");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").getByText("credentials_wrong").waitFor();
  // The browser itself says that an answer was a 400.
  await close(/status of 400/);
});

test("a deep link, a second tab and signing out of both", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  const other = await page.context().newPage();
  await other.goto(`${built.kith.url}/console/people?range=30d`);
  await other.getByRole("heading", { name: "People", level: 1 }).waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await other.getByLabel("Password").waitFor();
  await close(SIGNED_OUT);
});

test("the keyboard alone: the palette, the keys, the list of them", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: /A screen/ }).waitFor();
  await page.keyboard.type("reten");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Retention", level: 1 }).waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("e");
  await page.getByRole("heading", { name: "Events", level: 1 }).waitFor();
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog", { name: "Keys" }).waitFor({ state: "detached" });
  await page.keyboard.press("Tab");
  await close();
});

test("the numbers of the overview are those of SQL", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/?range=30d&zone=UTC");
  const [[events, people, sessions]] = await built.kith.sql("SELECT count(*), count(DISTINCT profile_id), count(DISTINCT session_id) FROM events");
  const stat = async (name) => (await page.locator("dl > div", { has: page.locator("dt", { hasText: new RegExp(`^${name}$`) }) }).first().locator("dd").evaluate((cell) => cell.firstChild.textContent)).replaceAll(",", "");
  const shown = await until(async () => [await stat("Events"), await stat("People"), await stat("Sessions")], (now) => now[0] === events, "the numbers");
  assert.deepEqual(shown, [events, people, sessions]);
  // A chart's legend says nothing of no moment, and everything of the one that is pointed at.
  const chart = page.getByRole("img", { name: "Events over time" });
  const legend = chart.locator(".u-legend");
  assert.equal((await legend.innerText()).trim(), "Events");
  await chart.locator(".u-over").hover();
  await until(() => legend.textContent(), (text) => /\d{4}-\d{2}-\d{2} .*Events\d/.test(text), "the day and its events");
  await page.getByRole("button", { name: "As SQL" }).first().click();
  const statement = await page.getByRole("region", { name: "As SQL" }).textContent();
  const rows = await built.kith.sql(statement);
  assert.deepEqual(rows.map((row) => Number(row[3])), [people, sessions, events].map(Number), "what it is as SQL");
  await page.getByRole("button", { name: /People behind People$/ }).click();
  await page.getByRole("dialog", { name: `${people} people` }).waitFor();
  await close();
});

test("events are filtered, opened, and led from to their person and origins", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/events?range=30d");
  await page.getByLabel("Filter", { exact: true }).fill("type = order AND properties.sum >= 20");
  await page.keyboard.press("Enter");
  await until(() => page.url(), (url) => url.includes("where="), "the address has the filter");
  await settled(page);
  const [[orders]] = await built.kith.sql("SELECT count(*) FROM events WHERE type = 'order' AND (properties->>'sum')::DOUBLE >= 20");
  await page.getByText(`${orders} rows`).waitFor();
  await page.getByRole("region", { name: "Events", exact: true }).getByRole("button").first().click();
  await page.getByRole("dialog").getByText("currency").first().waitFor();
  await page.getByRole("dialog").getByRole("link").first().click();
  await page.getByRole("button", { name: "Timeline" }).waitFor();
  await page.getByRole("button", { name: "Traits" }).click();
  await page.getByRole("button", { name: "Identity" }).click();
  await page.getByRole("heading", { name: "Ids that lead here" }).waitFor();
  await close();
});

test("a filter is put together with the keyboard, of fields and values that there are", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/events?range=30d");
  await tabTo(page, "Build this filter");
  await page.keyboard.press("Enter");
  const window = page.getByRole("dialog", { name: "Build this filter: Filter" });
  await window.waitFor();
  await page.keyboard.type("type");
  await until(() => window.locator("datalist").last().locator("option[value=order]").count(), (found) => found === 1, "its values");
  await tabTo(page, "With");
  await page.keyboard.type("order");
  await tabTo(page, "Add a condition");
  await page.keyboard.press("Enter");
  await window.getByRole("group", { name: "Condition 2" }).getByLabel("Field").fill("properties.sum");
  await window.getByRole("group", { name: "Condition 2" }).getByLabel("Compared").selectOption("at least");
  await window.getByRole("group", { name: "Condition 2" }).getByLabel("With").fill("20");
  await window.getByText('type = "order" AND properties.sum >= 20').waitFor();
  assert.deepEqual(await barriers(page), []);
  await page.keyboard.press("Enter");
  await window.waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Apply" }).click();
  const [[orders]] = await built.kith.sql("SELECT count(*) FROM events WHERE type = 'order' AND (properties->>'sum')::DOUBLE >= 20");
  await page.getByText(`${orders} rows`).waitFor();
  await page.getByRole("button", { name: "Build this filter" }).click();
  assert.equal(await window.getByRole("group").count(), 3, "two conditions and how they are joined");
  await close();
});

test("a star of a value is a star in a filter that is looked at, and in one that is picked", async () => {
  const send = (kind) => fetch(`${built.kith.url}/track`, { method: "POST", body: JSON.stringify({ source: { id: SOURCE }, events: [{ type: "rated", properties: { kind } }] }) });
  for (const kind of ["a*b", "axxb"]) await send(kind);
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, `/events?where=${encodeURIComponent('properties.kind = "a\\*b"')}`);
  await page.getByText("1 row", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Build this filter" }).click();
  const window = page.getByRole("dialog", { name: "Build this filter: Filter" });
  const offered = () => window.locator("datalist").last().locator("option").evaluateAll((all) => all.map((one) => one.value).sort());
  const [picked] = await until(offered, (all) => all.length === 2, "the values that there are");
  assert.deepEqual([await window.getByLabel("With").inputValue(), picked], ["a\\*b", "a\\*b"]);
  await window.getByRole("button", { name: "Use it" }).click();
  const filter = page.getByLabel("Filter", { exact: true });
  assert.equal(await filter.inputValue(), 'properties.kind = "a\\*b"');
  await page.getByRole("button", { name: "Build this filter" }).click();
  await window.getByLabel("With").fill("a*b");
  await window.getByText("A * stands for anything").waitFor();
  assert.deepEqual(await barriers(page), []);
  await window.getByRole("button", { name: "Use it" }).click();
  await page.getByRole("button", { name: "Apply" }).click();
  await page.getByText("2 rows", { exact: true }).waitFor();
  await close();
});

test("a filter that cannot be read is refused with its place", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/events");
  await page.getByLabel("Filter", { exact: true }).fill("type =");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").first().getByText("question_invalid").waitFor();
  await close(/status of 422/);
});

test("a question in SQL is run with the keyboard, and kept", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/sql");
  const editor = page.getByRole("textbox", { name: "Question" });
  await editor.click();
  await page.keyboard.press("Control+a");
  await page.keyboard.type("SELECT count(*) AS many FROM events WHERE type = 'order'");
  await page.keyboard.press("Control+Enter");
  const [[orders]] = await built.kith.sql("SELECT count(*) FROM events WHERE type = 'order'");
  await page.getByRole("cell", { name: orders, exact: true }).waitFor();
  // In its tab, and in the history.
  await until(() => page.getByRole("button", { name: /SELECT count/ }).count(), (buttons) => buttons === 2, "it is kept");
  await close();
});

test("a person is found by their address, and erased with a report", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/people");
  await page.getByLabel(/Id, e-mail address/).fill("ann1@example.com");
  await page.keyboard.press("Enter");
  await until(() => page.getByRole("row").count(), (rows) => rows === 2, "the one who is found");
  await page.getByRole("row").nth(1).getByRole("link").first().click();
  await page.getByRole("heading", { name: "Ann 1", level: 1 }).waitFor();
  await page.getByRole("button", { name: "Erase" }).click();
  const id = new URL(page.url()).pathname.split("/").at(-1);
  await page.getByLabel("Type the id to confirm").fill(id);
  await page.getByRole("dialog").getByRole("button", { name: "Erase" }).click();
  await page.getByText("Erased. The report:").waitFor();
  await close();
});

test("what is sent and what is refused is seen live, and waits while it is paused", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/live");
  await page.getByText("Listening").waitFor();
  const send = (payload) => fetch(`${built.kith.url}/track`, { method: "POST", body: JSON.stringify(payload) });
  await send({ source: { id: SOURCE }, events: [{ type: "seen-live" }] });
  await page.getByRole("button", { name: /Kept seen-live/ }).waitFor();
  await send({ source: { id: SOURCE }, events: [{ properties: {} }] });
  await page.getByRole("button", { name: /payload_invalid.*body\.events\.0\.type/ }).click();
  await page.getByRole("dialog").getByText("body.events.0.type").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Pause" }).click();
  await send({ source: { id: SOURCE }, options: { saveSession: false, saveProfile: false }, events: [{ type: "while-paused" }] });
  await page.getByText("1 waiting").waitFor();
  assert.equal(await page.getByRole("button", { name: /Kept while-paused/ }).count(), 0);
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByRole("button", { name: /Kept while-paused/ }).waitFor();
  await close();
});

test("a source is made, tried, changed and removed", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/sources");
  await page.getByRole("button", { name: "New source" }).click();
  await page.getByLabel("Name").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.labels?.[0]?.textContent), "Name");
  await page.getByLabel("Name").fill("Blog");
  await page.getByLabel("Id", { exact: true }).fill("blog");
  await page.getByRole("button", { name: "Save" }).click();
  const row = page.getByRole("row", { name: /Blog/ });
  await row.getByRole("button", { name: "Try it" }).click();
  await page.getByRole("button", { name: "Send a test event" }).click();
  await page.getByText("It was kept.").waitFor();
  await page.keyboard.press("Escape");
  const tests = "SELECT count(*) FROM events WHERE source_id = 'blog' AND type = 'test-event'";
  assert.deepEqual(await built.kith.sql(tests), [["1"]]);
  await row.getByRole("button", { name: "Blog" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await row.waitFor({ state: "detached" });
  await close();
});

test("what a source is believed, hears and keeps is chosen in its form, and nothing else of it changes", async () => {
  const api = await interfaceOf(built);
  await api.post("/api/audiences", { id: "buyers", name: "Buyers", condition: 'profile@traits.plan = "pro"' });
  const was = { id: "till", name: "Till", type: ["webhook"], config: { generate_profile: true }, tags: ["stores"], url_secrets: { cut: true, more: ["invite"], keep: [] } };
  await api.post("/event-source", was);
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/sources");
  await page.getByRole("button", { name: "Till" }).click();
  await tabTo(page, "What its answers tell of the person");
  await page.keyboard.press("Enter");
  await page.getByLabel("Buyers").check();
  await page.getByLabel("Traits", { exact: true }).fill("traits.plan\ntraits.town");
  await page.getByText("What is kept of its visitors").click();
  await page.getByLabel("Internet address").selectOption({ label: "Without its last part" });
  await page.getByLabel("Find the country by the address").uncheck();
  await page.getByLabel("Crawlers").selectOption({ label: "Refuse what they send" });
  assert.equal(await page.getByLabel("Further secrets").inputValue(), "invite");
  await page.getByLabel("Harmless here").fill("code");
  assert.deepEqual(await barriers(page), []);
  await picture(page, "source-form");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  const is = await api.get("/event-source/till");
  const expected = {
    profile_view: { audiences: ["buyers"], traits: ["traits.plan", "traits.town"] }, crawlers: "refuse", locates: false, keeps_ip: true, cuts_ip: true, trust: "trusted",
    url_secrets: { cut: true, more: ["invite"], keep: ["code"] }, tags: ["stores"],
  };
  assert.deepEqual(Object.fromEntries(Object.keys(expected).map((key) => [key, is[key]])), expected);
  assert.equal(is.config.generate_profile, true);
  // A server that is believed may hear of every audience.
  await page.getByRole("button", { name: "Till" }).click();
  await page.getByText("What its answers tell of the person").click();
  await page.getByLabel("All audiences").check();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  assert.deepEqual((await api.get("/event-source/till")).profile_view.audiences, ["*"]);
  await close();
});

test("a funnel and a retention answer what SQL does", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/funnel?range=30d");
  await page.getByLabel("Step 2", { exact: true }).fill("type = order");
  await page.getByRole("button", { name: "Show" }).click();
  const first = "SELECT count(DISTINCT profile_id) FROM events WHERE type = 'page-view'";
  const [[viewers]] = await built.kith.sql(first);
  await page.getByRole("row", { name: new RegExp(`1\\. type = page-view ${viewers}:`) }).waitFor();
  await page.getByRole("button", { name: "As an API call" }).first().click();
  await page.getByText("/api/questions/funnel").first().waitFor();
  await show(built, page, "/retention?range=30d&interval=day&as=counts");
  await page.getByRole("table").waitFor();
  await close();
});

test("a key is made, shown once, works, and is revoked", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/keys");
  await page.getByRole("button", { name: "New key" }).click();
  await page.getByLabel("Name").fill("nightly");
  await page.getByRole("button", { name: "Make the key" }).click();
  const key = await page.getByRole("region", { name: "Your new key" }).textContent();
  const asks = () => fetch(`${built.kith.url}/event/count`, { headers: { authorization: `Bearer ${key}` } });
  assert.equal((await asks()).status, 200);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Revoke nightly" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await page.getByText("No key yet").waitFor();
  assert.equal((await asks()).status, 401);
  await close();
});

test("whoever may less is shown less", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/users");
  await page.getByRole("button", { name: "New user" }).click();
  await page.getByLabel("E-mail address").fill("max@shop.example");
  await page.getByLabel("Password").fill("correct horse battery");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: "max@shop.example" }).waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("E-mail address").fill("max@shop.example");
  await page.getByLabel("Password").fill("correct horse battery");
  await page.keyboard.press("Enter");
  await page.getByRole("navigation").getByRole("link", { name: "Events" }).waitFor();
  for (const name of ["Users", "Audit log", "Sources"]) assert.equal(await page.getByRole("link", { name }).count(), 0, name);
  await close(SIGNED_OUT);
});
