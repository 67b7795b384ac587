// Audiences in the console: built, tried, kept, explained, changed and removed.

import assert from "node:assert/strict";
import { test } from "node:test";

import { barriers, CONFLICT, conflict, consoleStage, interfaceOf, openPage, picture, show, signIn, tabTo, until } from "./console.mjs";
import { SOURCE } from "./kith.mjs";

const built = consoleStage({
  also: async () => {
    built.api = await interfaceOf(built);
  },
});

/** Four of the shop's people bought for so much. */
const BUYERS = 4;
const CONDITION = 'DID "order" WHERE (event@properties.sum >= 20) WITHIN 30d';

const live = (id) => until(() => built.api.get(`/api/audiences/${id}`), ({ state }) => state === "live", `${id} counts`, 60);
const put = (id, condition) => built.api.post("/api/audiences", { id, name: id, condition });
const track = async (payload) => (await fetch(`${built.kith.url}/track`, { method: "POST", body: JSON.stringify({ source: { id: SOURCE }, ...payload }) })).json();

test("an audience is built with the keyboard, tried on history, kept, and says who is in it and why", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/audiences");
  await tabTo(page, "New audience");
  await page.keyboard.press("Enter");
  await tabTo(page, "Add: They did");
  await page.keyboard.press("Enter");
  await page.getByLabel("Event type").focus();
  await page.keyboard.type("order");
  await tabTo(page, "Of which holds");
  await page.keyboard.type("event@properties.sum >= 20");
  await tabTo(page, "When");
  await page.keyboard.type("within");
  await page.getByRole("region", { name: "Condition" }).getByText(CONDITION).waitFor();
  await tabTo(page, "How many now?");
  await page.keyboard.press("Enter");
  await page.getByText("Some of them").waitFor();
  assert.equal(await stat(page, "It holds of"), String(BUYERS));
  await page.getByRole("button", { name: /^Why: / }).first().click();
  await page.getByText("1 of 1 counted").first().waitFor();
  await tabTo(page, "Name");
  await page.keyboard.type("Buyers");
  await tabTo(page, "Id");
  await page.keyboard.type("buyers");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Buyers", level: 1 }).waitFor();
  await page.getByText("asks history").first().waitFor();
  await page.getByText("✓ live").first().waitFor({ timeout: 60_000 });
  await until(() => page.getByRole("row").count(), (rows) => rows === BUYERS + 1, "its members");
  assert.equal((await built.api.get("/api/audiences/buyers")).members, BUYERS);
  await page.getByRole("button", { name: /^Why/ }).first().click();
  await page.getByRole("dialog").getByText(/1 of 1 counted, at 20/).waitFor();
  await page.getByRole("dialog").getByText(CONDITION).waitFor();
  assert.deepEqual(await barriers(page), []);
  await close();
});

test("the builder and the text are two views of one condition, and what only words can say stays", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/audiences?edit=new");
  await page.getByRole("button", { name: "Text", exact: true }).click();
  await page.getByLabel("Condition").fill('profile@traits.seen > now.offset("-30d") AND NOT (DID "order" OR profile@traits.plan = "pro")');
  await page.getByRole("button", { name: "Builder" }).click();
  await page.getByRole("group", { name: "Part 2.2" }).getByLabel("With").fill("basic");
  await page.getByRole("group", { name: "Part 2", exact: true }).getByLabel("Holds").first().selectOption({ label: "any of these" });
  await page.getByRole("button", { name: "Remove part 2.1" }).click();
  await page.getByRole("button", { name: "Add Part 2: They did" }).click();
  await page.getByRole("group", { name: "Part 2.2" }).getByLabel("Event type").fill("page-view");
  await page.getByRole("group", { name: "Part 2.2" }).getByLabel("How often").selectOption("AT MOST");
  const wanted = 'profile@traits.seen > now.offset("-30d") AND (profile@traits.plan = "basic" OR DID "page-view" AT MOST 2 TIMES)';
  await page.getByText(wanted).waitFor();
  await page.getByRole("button", { name: "How many now?" }).click();
  await page.getByText("Some of them").waitFor();
  assert.deepEqual(await barriers(page), []);
  await picture(page, "audience-builder");
  await page.getByRole("button", { name: "Text", exact: true }).click();
  assert.equal(await page.getByLabel("Condition").inputValue(), wanted);
  await page.getByLabel("Condition").fill("profile@traits.plan =");
  await page.getByRole("button", { name: "How many now?" }).click();
  await page.getByRole("alert").getByText("audience_invalid").waitFor();
  await close(/status of 422/);
});

test("the builder knows what followed, the last one, and lists", async () => {
  const { id: list } = await built.api.post("/api/lists", { name: "Regulars" });
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/audiences?edit=new");
  await page.getByRole("button", { name: "Add: They did" }).click();
  const first = page.getByRole("group", { name: "Part 1", exact: true });
  await first.getByLabel("Event type").fill("page-view");
  await first.getByRole("button", { name: "+ What followed" }).click();
  const step = page.getByRole("group", { name: "Step 1" });
  await step.getByLabel("Step 1", { exact: true }).selectOption({ label: "and then not" });
  await step.getByLabel("Within").fill("1h");
  await step.getByLabel("Event type").fill("order");
  await page.getByRole("button", { name: "Add: An audience or a list" }).click();
  await page.getByLabel("Of what").selectOption("LIST");
  await page.getByLabel("List", { exact: true }).selectOption({ label: "Regulars" });
  await page.getByText(`DID "page-view" THEN NOT WITHIN 1h "order" AND IN LIST "${list}"`).waitFor();
  assert.deepEqual(await barriers(page), []);
  await picture(page, "audience-steps");
  await first.getByLabel("What they did").selectOption("LAST");
  await first.getByLabel("And of that one").fill("event@properties.category = \"tea\"");
  await page.getByText(`DID LAST "page-view" WITH (event@properties.category = "tea") AND IN LIST "${list}"`).waitFor();
  await page.getByRole("button", { name: "How many now?" }).click();
  await page.getByText("A month ago").waitFor();
  await close();
});

test("an audience that is off stays off when it is changed", async () => {
  await built.api.post("/api/audiences", { id: "asleep", name: "Asleep", condition: 'DID "order"', enabled: false });
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/audiences/asleep?edit=yes");
  await page.getByLabel("Name", { exact: true }).fill("Still asleep");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("heading", { name: "Still asleep", level: 1 }).waitFor();
  await page.getByText("off", { exact: true }).waitFor();
  const { name, enabled } = await built.api.get("/api/audiences/asleep");
  assert.deepEqual([name, enabled], ["Still asleep", false]);
  await close();
});

test("whoever enters is told of, and the number opens them", async () => {
  await put("loud", 'DID "shouted"');
  await live("loud");
  const { profile } = await track({ session: { id: "shouts" }, events: [{ type: "shouted" }] });
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/audiences/loud?tab=time");
  await page.getByRole("img", { name: "Size over time" }).waitFor();
  for (const at of [0, 1]) await page.getByRole("button", { name: "Table" }).nth(at).click();
  await page.getByRole("region", { name: "Size over time" }).getByRole("row").last().getByRole("cell", { name: "1", exact: true }).waitFor();
  await page.getByRole("button", { name: /^1: People behind Entered/ }).click();
  await page.getByRole("dialog", { name: "1 person" }).getByRole("link", { name: profile.id }).waitFor();
  await close();
});

test("one that another names shows it before it is removed, and stays", async () => {
  await put("base", 'DID "order"');
  await put("over", 'IN AUDIENCE "base" AND DID "page-view"');
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/audiences/base?tab=uses");
  await page.getByRole("link", { name: "over", exact: true }).waitFor();
  await page.getByRole("button", { name: "Overlap" }).click();
  await page.getByRole("row", { name: /^over \d+ \d+/ }).waitFor();
  await page.getByRole("button", { name: "Remove" }).click();
  const dialog = page.getByRole("dialog", { name: "Remove base?" });
  await dialog.getByText("It is named by:").waitFor();
  await dialog.getByRole("button", { name: "Remove" }).click();
  await dialog.getByRole("alert").getByText("in_use").waitFor();
  await page.keyboard.press("Escape");
  await show(built, page, "/audiences/over");
  await page.getByRole("button", { name: "Remove" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await page.getByRole("heading", { name: "Audiences", level: 1 }).waitFor();
  await page.getByRole("link", { name: "over", exact: true }).waitFor({ state: "detached" });
  await close(/status of 409/);
});

test("a change is seen in the versions, and nobody's is overwritten", async () => {
  await put("changing", 'DID "order"');
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/audiences/changing?edit=yes");
  await page.getByLabel("How often").selectOption("AT LEAST");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("heading", { name: "changing", level: 1 }).waitFor();
  await page.getByRole("button", { name: "Versions" }).click();
  const diff = page.getByRole("row", { name: /^condition/ });
  await diff.locator("del").getByText('DID "order"', { exact: true }).waitFor();
  await diff.locator("ins").getByText('DID "order" AT LEAST 2 TIMES', { exact: true }).waitFor();
  // That it is live by now is no change that anybody has made.
  await live("changing");
  await page.reload();
  await page.getByText("✓ live").first().waitFor();
  const newest = page.getByRole("region", { name: "Versions" }).first().getByRole("row").nth(1).getByRole("cell").nth(1);
  assert.equal(await stat(page, "Version"), await newest.textContent());
  await show(built, page, "/audiences/changing?edit=yes");
  await page.getByLabel("Name", { exact: true }).fill("Mine");
  await built.api.post("/api/audiences", { id: "changing", name: "Theirs", condition: 'DID "order"' });
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await conflict(page);
  assert.equal((await built.api.get("/api/audiences/changing")).name, "Theirs");
  await close(CONFLICT);
});

test("a person's page says where they are in, what is missing elsewhere, and what is computed of them", async () => {
  await built.api.post("/api/computed-traits", { id: "bought", function: "sum", event_type: "bought", of: "properties.price" });
  await put("twice", 'DID "bought" AT LEAST 2 TIMES');
  await put("once", 'DID "bought" WITHIN 30d');
  await until(() => built.api.get("/api/computed-traits/bought"), ({ state }) => state === "live", "it is computed", 60);
  await Promise.all(["twice", "once"].map(live));
  const { profile } = await track({ session: { id: "buys" }, events: [{ type: "bought", properties: { price: 12.5 } }] });
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, `/people/${profile.id}`);
  await page.getByRole("button", { name: "Audiences" }).press("Enter");
  const own = (name) => page.getByRole("listitem").filter({ has: page.getByRole("link", { name, exact: true }) });
  await own("once").getByText("✓ in").waitFor();
  await own("once").getByText(/may be otherwise on/).waitFor();
  await own("once").getByText("by event").waitFor();
  await own("twice").getByText("✕ not in").waitFor();
  await tabTo(page, "Why: twice");
  await page.keyboard.press("Enter");
  await own("twice").getByText(/1 of 2 counted/).waitFor();
  await page.getByRole("row", { name: "bought 12.5" }).waitFor();
  assert.deepEqual(await barriers(page), []);
  await picture(page, "person-audiences-why");
  await close();
});

/** The number of this name. */
const stat = (page, name) => page.locator("dl > div", { has: page.getByText(name, { exact: true }) }).locator("dd").textContent();

test("making an audience makes nobody active, and a span that is not whole is refused", async () => {
  const at = new Date(Date.now() - 10 * 86_400_000).toISOString();
  const { profile } = await (await fetch(`${built.kith.url}/track`, { method: "POST", body: JSON.stringify({ source: { id: "shop" }, session: { id: "long-ago" }, events: [{ type: "long-ago", time: { insert: at } }] }) })).json();
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/audiences?edit=new");
  await page.getByRole("button", { name: /They did/ }).click();
  await page.getByLabel("Event type").fill("long-ago");
  await page.getByLabel("When", { exact: true }).selectOption("between");
  await page.getByLabel("From", { exact: true }).fill("2027-01-01");
  await page.getByLabel("Name", { exact: true }).fill("Then");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("alert").getByText("audience_invalid").waitFor();
  const online = async () => {
    await show(built, page, "/welcome");
    await show(built, page, "/?range=1h&zone=UTC");
    await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'));
    return page.locator("dl").first().innerText();
  };
  const people = (text) => /People\s+(\d+)/.exec(text)?.[1];
  const before = people(await online());
  assert.ok(before, "it is told how many");
  await built.api.post("/api/audiences", { id: "long-ago", name: "Long ago", condition: 'DID "long-ago"' });
  await until(async () => built.kith.sql(`SELECT count(*) FROM events WHERE type = 'audience-entered' AND profile_id = '${profile.id}'`), ([[many]]) => many === "1", "it is told of", 20);
  assert.equal(people(await online()), before);
  await show(built, page, `/people/${profile.id}`);
  assert.doesNotMatch(await page.locator("dl").first().innerText(), /Last visit\s+–/);
  await close(/status of 422/);
});
