// What people keep in the console, and decide: questions, dashboards, lists, preferences, mergers, by keyboard and by mouse.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { SIGNED_OUT, consoleStage, interfaceOf, openPage, says, settled, show, signIn, tabTo, until } from "./console.mjs";

const built = consoleStage({ keeps: true });

test("a view is saved with the keyboard, opened, changed, and put on a dashboard", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/trends?series=type+%3D+sign-up&range=30d");
  await page.keyboard.press("s");
  await page.getByRole("dialog", { name: "Save this view" }).getByLabel("Name", { exact: true }).waitFor();
  await tabTo(page, "Name");
  await page.keyboard.type("Sign-ups");
  await tabTo(page, "Put it on a dashboard");
  await page.keyboard.press("End");
  await tabTo(page, "Name of the dashboard");
  await page.keyboard.type("New people");
  await page.keyboard.press("Enter");
  await page.getByText("It is saved.").waitFor();
  await page.getByRole("link", { name: "To the dashboard" }).click();
  await page.getByRole("heading", { name: "New people", level: 1 }).waitFor();
  await page.getByRole("region", { name: "Sign-ups", exact: true }).getByRole("img", { name: "Trends" }).waitFor();
  await page.getByRole("link", { name: "Sign-ups" }).click();
  await page.getByRole("heading", { name: "Trends", level: 1 }).waitFor();
  await page.getByRole("button", { name: "Numbers" }).click();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("button", { name: "Save changes" }).click();
  await page.getByText("It is saved.").waitFor();
  const { result } = await built.kept.api.get("/api/saved-questions");
  const [question] = result.filter((one) => one.name === "Sign-ups");
  assert.deepEqual([question.view, question.state.as, question.owner], ["trends", "values", "ann@shop.example"]);
  await close();
});

test("what a person did stands together by visit, also where two visits overlap", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, `/people/${built.kept.merged}`);
  for (const visit of ["Session on-her-phone", "Session on-her-laptop"]) {
    await page.getByRole("heading", { name: visit }).first().waitFor();
    assert.equal(await page.getByRole("heading", { name: visit }).count(), 1, visit);
  }
  await close();
});

test("saved questions are found, renamed and removed, but not while a dashboard shows them", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/saved");
  await page.getByLabel(/Find by name/).fill("monday talks");
  await until(() => page.getByRole("row").count(), (rows) => rows === 2, "the one that is found");
  await page.getByRole("button", { name: "Change Orders by source" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Orders, by source");
  await page.getByRole("button", { name: "Save changes" }).click();
  await page.getByRole("link", { name: "Orders, by source" }).waitFor();
  await page.getByRole("button", { name: "Change Orders, by source" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await page.getByRole("alert").getByText("in_use").waitFor();
  await close(/status of 409/);
});

test("a dashboard has one range and one filter, and its numbers are those of SQL", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await built.kept.api.post("/api/saved-questions", { id: "views", name: "Views", view: "trends", state: { as: "values" } });
  await built.kept.api.post("/api/dashboards", { id: "one", name: "One number", tiles: [{ question: "views", width: 4, height: 1 }] });
  await show(built, page, "/dashboards/one?range=30d");
  const number = page.getByRole("region", { name: "Views", exact: true }).getByRole("cell").nth(1);
  const shown = async (where) => {
    const [[many]] = await built.kith.sql(`SELECT count(*) FROM events WHERE ${where}`);
    await until(async () => (await number.count()) && (await number.textContent()).replaceAll(",", ""), (text) => text === many, where);
  };
  await shown("true");
  await page.getByLabel("Filter for all").fill("type = order");
  await page.keyboard.press("Enter");
  await shown("type = 'order'");
  assert.match(page.url(), /where=type/, "the address has the filter");
  await page.getByLabel("Filter for all").fill("");
  await page.keyboard.press("Enter");
  await shown("true");
  await close();
});

test("a dashboard is laid out with the keyboard, refreshed, set and removed", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/dashboards/monday");
  await tabTo(page, "Lay out");
  await page.keyboard.press("Enter");
  // Somebody may have given it another name.
  const { name } = await built.kept.api.get("/api/saved-questions/orders");
  await tabTo(page, `Later: ${name}`);
  await page.keyboard.press("Enter");
  await tabTo(page, "Wider: Types in SQL");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Save changes" }).press("Enter");
  await page.getByRole("button", { name: "Lay out" }).waitFor();
  const { tiles } = await built.kept.api.get("/api/dashboards/monday");
  assert.deepEqual(tiles, [{ question: "types", width: 3, height: 1 }, { question: "orders", width: 2, height: 1 }]);
  const asked = page.waitForRequest((request) => request.url().includes("/api/events/histogram") || request.url().includes("/api/questions/"));
  await page.keyboard.press("r");
  await asked;
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByLabel("Asks anew").selectOption("60");
  await page.getByRole("dialog").getByRole("button", { name: "Save changes" }).click();
  await until(async () => (await built.kept.api.get("/api/dashboards/monday")).refresh_seconds, (seconds) => seconds === 60, "it is set");
  await page.getByRole("button", { name: "Remove" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await page.getByRole("heading", { name: "Dashboards", level: 1 }).waitFor();
  await page.getByRole("link", { name: "On Monday" }).waitFor({ state: "detached" });
  await close();
});

test("a list is made of a search, its members are seen, and one is taken off", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/people");
  await page.getByLabel(/Id, e-mail address/).fill("ann2@example.com");
  await page.keyboard.press("Enter");
  await until(() => page.getByRole("row").count(), (rows) => rows === 2, "the one who is found");
  await page.getByRole("button", { name: "Put on a list" }).click();
  await page.getByLabel("List", { exact: true }).selectOption({ label: "New list" });
  await page.getByLabel("Name of the list").fill("Two of them");
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "To the list" }).click();
  await page.getByRole("heading", { name: "Two of them", level: 1 }).waitFor();
  await page.getByRole("link", { name: "Ann 2" }).waitFor();
  await tabTo(page, "Add people");
  await page.keyboard.press("Enter");
  await page.keyboard.type(`${built.kept.was.join("\n")}\nnobody`);
  await page.getByRole("dialog").getByRole("button", { name: "Add" }).press("Enter");
  await page.getByText("2 ids are new on it; 1 leads to nobody.").waitFor();
  await page.keyboard.press("Escape");
  await until(() => page.getByRole("row").count(), (rows) => rows === 3, "whoever was merged is one");
  await page.getByRole("button", { name: "Take off Ann 2" }).click();
  await page.getByRole("link", { name: "Ann 2" }).waitFor({ state: "detached" });
  await close();
});

test("what somebody likes is there in another browser, and is their own", async () => {
  const first = await openPage(built);
  await signIn(built, first.page);
  await show(built, first.page, "/events");
  const api = await interfaceOf(built);
  await first.page.getByRole("button", { name: /Colours/ }).click();
  await first.page.getByLabel("Columns").fill("properties.sum");
  await first.page.getByLabel("Columns").blur();
  await until(() => api.get("/api/preferences"), ({ columns, theme }) => columns === "properties.sum" && theme === "light", "they are kept");
  await first.close();
  const other = await openPage(built);
  await signIn(built, other.page);
  await other.page.getByRole("button", { name: "Colours: light" }).waitFor();
  assert.equal(await other.page.evaluate(() => document.documentElement.dataset.theme), "light");
  await show(built, other.page, "/events");
  await other.page.getByRole("columnheader", { name: "properties.sum" }).waitFor();
  await other.page.getByRole("button", { name: "Sign out" }).click();
  await other.page.getByLabel("Password").waitFor();
  assert.doesNotMatch(await other.page.evaluate(() => localStorage.getItem("kith.preferences") ?? ""), /sum/);
  await other.close(SIGNED_OUT);
});

test("the catalogue knows types and fields, and what has changed", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/catalogue?range=30d");
  const [[orders, people]] = await built.kith.sql("SELECT count(*), count(DISTINCT profile_id) FROM events WHERE type = 'order'");
  await page.getByRole("row", { name: new RegExp(`^order ${orders} ${people} `) }).waitFor();
  await page.getByLabel("Find a type or a field").fill("ord");
  await until(() => page.getByRole("row").count(), (rows) => rows === 2, "one type");
  await page.getByRole("link", { name: "Fields: order" }).click();
  await page.getByLabel("Find a type or a field").fill("");
  await page.getByRole("row", { name: /properties\.currency 100 % text EUR/ }).waitFor();
  const send = { source: { id: "shop" }, events: [{ type: "order", properties: { sum: "twelve" } }] };
  await fetch(`${built.kith.url}/track`, { method: "POST", body: JSON.stringify(send) });
  await page.getByRole("button", { name: "Ask anew" }).click();
  await page.getByRole("row", { name: /properties\.sum 100 % .*number since/ }).waitFor();
  await close();
});

test("a merger is explained and taken back, with the answer", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, `/people/${built.kept.merged}?tab=identity`);
  await page.getByText("decided by ann@shop.example").waitFor();
  await tabTo(page, `Take back the merger of ${built.kept.was.find((id) => id !== built.kept.merged)}`);
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: "Take this merger back?" }).getByText("Ended, as they were").waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Take back" }).click();
  await page.getByText("It is taken back. 2 people stand now:").waitFor();
  await page.getByText(/events that came since were told apart/).waitFor();
  await page.keyboard.press("Escape");
  await page.getByText(/^taken back/).waitFor();
  await show(built, page, `/lists/${built.kept.list}`);
  await until(() => page.getByRole("row").count(), (rows) => rows === 3, "two members again");
  await close();
});

test("whoever waits is looked at beside the other, and decided on", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await says(built, "one-more", "late@example.com");
  await says(built, "yet-another", "late@example.com");
  await show(built, page, "/quarantine");
  const row = page.getByRole("row", { name: /email/ }).last();
  await row.getByRole("button").click();
  await page.getByRole("dialog").getByText("one-more").waitFor();
  await page.getByRole("dialog").getByText("yet-another").waitFor();
  await tabTo(page, "Unite: they are one");
  await page.keyboard.press("Enter");
  await page.getByText("1 decided.").waitFor();
  await page.keyboard.press("Escape");
  await close();
});

test("consents are seen with every word of theirs", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  const word = { session: { id: "agrees" }, consents: { newsletter: true } };
  const visit = await fetch(`${built.kith.url}/track`, { method: "POST", body: JSON.stringify({ source: { id: "shop" }, session: word.session, events: [{ type: "page-view" }] }) });
  const { profile } = await visit.json();
  await fetch(`${built.kith.url}/customer/consent`, { method: "POST", body: JSON.stringify({ source: { id: "shop" }, profile: { id: profile.id }, ...word }) });
  await show(built, page, `/people/${profile.id}?tab=consents`);
  await page.getByRole("heading", { name: "Consents now" }).waitFor();
  await page.getByRole("heading", { name: "Every word of it" }).waitFor();
  await page.getByRole("row", { name: /newsletter ✓ Granted/ }).first().waitFor();
  await close();
});

test("the system tells of disk, servers, jobs and erasures", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/system");
  await page.getByText("Disk left").waitFor();
  await page.getByText("answers this").waitFor();
  await page.getByRole("row", { name: /^flush/ }).waitFor();
  await page.getByText("Nobody was erased yet.").waitFor();
  await close();
});

test("a question in SQL has tabs, runs at the cursor, and is drawn", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/sql");
  await page.getByRole("textbox", { name: "Question" }).click();
  await page.keyboard.press("Control+a");
  await page.keyboard.type("SELECT 41 AS first;\nSELECT type, count(*) AS many FROM events GROUP BY type");
  await page.keyboard.press("Control+Enter");
  await page.getByRole("columnheader", { name: "many" }).waitFor();
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("Control+Enter");
  await page.getByRole("cell", { name: "41" }).waitFor();
  await page.keyboard.press("Control+End");
  await page.keyboard.press("Control+Enter");
  await page.getByRole("button", { name: "Chart" }).click();
  await page.getByRole("list", { name: "type" }).getByText("page-view").waitFor();
  await page.getByRole("button", { name: "New tab" }).click();
  await page.getByRole("textbox", { name: "Question" }).click();
  await page.keyboard.type("SELECT 7 AS seven");
  await page.getByRole("group", { name: "Tabs" }).getByRole("button", { name: /^SELECT 41/ }).click();
  await page.getByRole("textbox", { name: "Question" }).getByText("AS first").waitFor();
  await close();
});

/** Writes another question in place of the one that is open. */
async function written(page, text) {
  await page.bringToFront();
  await page.getByRole("textbox", { name: "Question" }).click();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(text);
}

test("what stands in the editor is what is saved, run or not", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/sql");
  await written(page, "SELECT 1 AS first");
  await page.keyboard.press("Control+Enter");
  await page.getByRole("columnheader", { name: "first" }).waitFor();
  await written(page, "SELECT 2 AS mended");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByLabel("Name", { exact: true }).fill("Mended");
  await page.getByRole("dialog").getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("It is saved.").waitFor();
  const { result } = await built.kept.api.get("/api/saved-questions");
  assert.equal(result.find((one) => one.name === "Mended").state.query, "SELECT 2 AS mended");
  await close();
});

test("drafts in SQL are kept whole, and those of another tab beside them", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/sql");
  const long = `SELECT 1 WHERE 'x' IN (${"'aaaaaaaa', ".repeat(150)}'b')`;
  await written(page, long);
  await page.keyboard.press("Control+Enter");
  await page.getByText("No rows.").waitFor();
  await show(built, page, "/events");
  await page.getByRole("link", { name: "SQL", exact: true }).click();
  const text = (of) => of.getByRole("textbox", { name: "Question" }).innerText();
  await until(() => text(page), (shown) => shown === long, "it is as it was");
  await page.getByRole("button", { name: long, exact: true }).last().waitFor();
  const other = await page.context().newPage();
  await other.goto(`${built.kith.url}/console/sql`);
  await other.getByRole("textbox", { name: "Question" }).waitFor();
  await written(page, "SELECT 'of tab one'");
  await written(other, "SELECT 'of tab two'");
  const both = (drafts = []) => ["SELECT 'of tab one'", "SELECT 'of tab two'"].every((draft) => drafts.includes(draft));
  await until(async () => (await built.kept.api.get("/api/preferences")).drafts, both, "both are kept");
  await page.bringToFront();
  await page.reload();
  await until(() => text(page), (shown) => shown.includes("of tab one"), "the first has its own");
  await close();
});

test("a view that a dashboard refuses is saved once, however often somebody tries", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  const { api } = built.kept;
  await api.post("/api/dashboards", { id: "full", name: "Full", tiles: Array.from({ length: 40 }, () => ({ question: "orders", width: 1 })) });
  await show(built, page, "/trends?series=type+%3D+order");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name", { exact: true }).fill("Once");
  await dialog.getByLabel("Put it on a dashboard").selectOption("full");
  await dialog.getByRole("button", { name: /^Save/ }).click();
  await dialog.getByText("The view is saved, but").waitFor();
  await dialog.getByRole("button", { name: /^Save/ }).click();
  await dialog.getByLabel("Put it on a dashboard").selectOption("");
  await dialog.getByRole("button", { name: /^Save/ }).click();
  await dialog.getByText("It is saved.").waitFor();
  assert.equal((await api.get("/api/saved-questions")).result.filter((one) => one.name === "Once").length, 1);
  await api.remove("/api/dashboards/full");
  await close(/status of 422/);
});

test("a chart is a picture and a table", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/events?range=30d");
  const saved = async (name) => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name, exact: true }).first().click()]);
    return readFile(await download.path());
  };
  const picture = await saved("PNG");
  assert.deepEqual([...picture.subarray(1, 4)].map((byte) => String.fromCharCode(byte)).join(""), "PNG");
  assert.ok(picture.length > 3000, `${picture.length} bytes`);
  assert.match((await saved("CSV")).toString(), /^Time \(Europe\/Warsaw\),Events\r\n/);
  await close();
});

test("without the network the page says so, shows what it has, opens its screens, and goes on by itself", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/catalogue?range=30d");
  await page.getByRole("link", { name: "order", exact: true }).waitFor();
  // The last of what is fetched while nobody waits.
  const hasAll = () => page.evaluate(() => performance.getEntriesByType("resource").some((one) => one.name.includes("/keys-help-")));
  await until(hasAll, (has) => has, "every screen is fetched", 30);
  await page.context().setOffline(true);
  await page.getByText(/Kith cannot be reached since/).waitFor();
  await page.getByRole("link", { name: "order", exact: true }).waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("r");
  await page.getByRole("heading", { name: "Retention", level: 1 }).waitFor();
  await page.getByText("Nothing of this is here while Kith cannot be reached.").waitFor();
  await page.context().setOffline(false);
  await page.getByText(/Kith cannot be reached since/).waitFor({ state: "detached" });
  await settled(page);
  await page.getByRole("region", { name: "Retention" }).or(page.getByText("Nobody began in this range.")).waitFor();
  await close(/ERR_INTERNET_DISCONNECTED/);
});
