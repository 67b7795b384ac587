// Rules for events in the console: made in a form or as text, tried, changed, and what they keep apart.

import assert from "node:assert/strict";
import { test } from "node:test";

import { barriers, consoleStage, interfaceOf, openPage, picture, show, signIn, tabTo, until } from "./console.mjs";
import { setRules } from "./rules.mjs";

const built = consoleStage({
  also: async () => {
    built.api = await interfaceOf(built);
    await setRules(built.api, built.kith.url);
  },
});

test("a mapping is made in a form, tried on the latest event with a diff, and kept", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/rules");
  await tabTo(page, "Open Mappings");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Mappings", level: 1 }).waitFor();
  await tabTo(page, "New mapping");
  await page.keyboard.press("Enter");
  await tabTo(page, "Name");
  await page.keyboard.type("Spent");
  await page.getByLabel("Event type").fill("order");
  const change = page.getByRole("group", { name: "Change 1" });
  await change.getByLabel("From").fill("event@properties.sum");
  await change.getByLabel("How").selectOption("increment");
  await change.getByLabel("Into").fill("profile@traits.spent");
  await page.getByRole("button", { name: "Take the latest such event" }).click();
  await until(() => page.getByLabel("Payload").inputValue(), (text) => text.includes('"sum"'), "the event is taken");
  const { events: [{ properties }] } = JSON.parse(await page.getByLabel("Payload").inputValue());
  await page.getByRole("button", { name: "Try it" }).click();
  const row = page.getByRole("row", { name: /^traits\.spent/ });
  await row.locator("ins").getByText(String(properties.sum), { exact: true }).waitFor();
  assert.deepEqual(await barriers(page), []);
  await picture(page, "mapping-tried");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("heading", { name: "Spent", level: 1 }).waitFor();
  const { result } = await built.api.get("/event-to-profiles/type/order");
  const [kept] = result.filter((one) => one.name === "Spent");
  assert.deepEqual([kept.enabled, kept.event_to_profile[0].op], [true, "increment"]);
  await close();
});

test("a rule's form and its text are one document, and what is no JSON is not sent", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/rules/event-types/order");
  await page.getByText("What Kith does by itself").click();
  await page.getByText("Nothing: this type is your own.").waitFor();
  await page.getByLabel("Name", { exact: true }).fill("Paid order");
  await page.getByRole("button", { name: "JSON", exact: true }).click();
  const text = page.getByRole("textbox", { name: "JSON" });
  const shown = JSON.parse(await text.inputValue());
  assert.deepEqual([shown.name, shown.index_schema], ["Paid order", { "traits.sum": "properties.sum" }]);
  await text.fill("{");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("This is no JSON object.").waitFor();
  assert.equal((await built.api.get("/event-type/mapping/order")).name, "Order");
  await text.fill(JSON.stringify({ ...shown, journey: "retention" }));
  await page.getByRole("button", { name: "Form" }).click();
  assert.equal(await page.getByLabel("Stage of the journey").inputValue(), "retention");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("Saved.").waitFor();
  const { name, journey } = await built.api.get("/event-type/mapping/order");
  assert.deepEqual([name, journey], ["Paid order", "retention"]);
  // The same form stores again what it has stored itself.
  await page.getByLabel("Name", { exact: true }).fill("Order");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await until(async () => (await built.api.get("/event-type/mapping/order")).name, (now) => now === "Order", "stored again");
  await page.getByRole("button", { name: "Versions" }).click();
  await page.getByRole("row", { name: /about\.name|^name/ }).locator("ins").getByText("Order", { exact: true }).waitFor();
  await close(/status of 404/);
});

test("nobody's rule is overwritten, and one that does not fit is refused with its place", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/rules/privacy/notes");
  await page.getByRole("group", { name: "Field 1" }).getByLabel("Field", { exact: true }).fill("profile@traits.x");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("alert").getByText(/settings\.0\.field\.value/).waitFor();
  await page.getByRole("group", { name: "Field 1" }).getByLabel("Field", { exact: true }).fill("event@properties.notes");
  const { version, owner, created, changed, ...theirs } = await built.api.get("/consent/compliance/field/notes");
  await built.api.post("/consent/compliance/field", { ...theirs, name: "Theirs" });
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("alert").getByText("Somebody else has changed it").waitFor();
  assert.equal((await built.api.get("/consent/compliance/field/notes")).name, "Theirs");
  await close(/status of 4(12|22)/);
});

test("who names an event type is known, and said before a rule is removed", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/rules/event-types/order?tab=uses");
  for (const name of ["Buyers", "spent", "Last sum", "The shop"]) await page.getByRole("link", { name, exact: true }).waitFor();
  await show(built, page, "/rules/consent-types/letters");
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await page.getByRole("dialog").getByRole("link").waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await page.getByRole("heading", { name: "Consent types", level: 1 }).waitFor();
  await page.getByText("No consent type yet").waitFor();
  await close();
});

test("an event that is kept apart is found, mended and let in", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/held");
  await tabTo(page, "Event type");
  await page.keyboard.type("payment");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: /^Open payment/ }).press("Enter");
  const dialog = page.getByRole("dialog", { name: "payment" });
  await dialog.getByText("What does not fit").waitFor();
  assert.deepEqual(await barriers(page), []);
  await picture(page, "held-event");
  await dialog.getByLabel("Properties").fill('{"sum": 6}');
  await dialog.getByRole("button", { name: "Let it in" }).click();
  await dialog.getByText("It does not fit yet.").waitFor();
  await dialog.getByLabel("Properties").fill('{"sum": 5, "id": "p-1"}');
  await dialog.getByRole("button", { name: "Let it in" }).click();
  await dialog.getByText("It is let in").waitFor();
  await page.keyboard.press("Escape");
  await page.getByText("No event is kept apart.").waitFor();
  assert.deepEqual(await built.kith.sql("SELECT count(*) FROM events WHERE type = 'payment'"), [["1"]]);
  await close();
});

test("a validator is tried: what would be kept apart is said", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/rules/validators?edit=new");
  await page.getByLabel("Name", { exact: true }).fill("Orders");
  await page.getByLabel("Event type").fill("order");
  await page.getByLabel("What does not fit").selectOption("quarantine");
  await page.getByRole("button", { name: "Try it" }).click();
  await page.getByText("✕ not kept").first().waitFor();
  await page.getByText("event_quarantined").waitFor();
  await page.getByLabel("Payload").fill(JSON.stringify({ source: { id: "shop" }, events: [{ type: "order", properties: { id: "o-1" } }] }));
  await until(() => page.getByText("✕ not kept").count(), (many) => many === 0, "the answer is of the payload that was tried");
  await page.getByRole("button", { name: "Try it" }).click();
  await page.getByText("Nothing changes: the rules of now do the same.").first().waitFor();
  await close();
});

test("a rule is tried on each person of a payload, and on nothing that is no JSON", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/rules/mappings?edit=new");
  await page.getByLabel("Name", { exact: true }).fill("M");
  await page.getByLabel("Event type").fill("t");
  await page.getByLabel("From").fill("event@properties.v");
  await page.getByLabel("Into").fill("profile@traits.v");
  const says = (pk, v) => `{"type": "sign-in", "properties": {"pk": "${pk}"}}, {"type": "t", "properties": {"v": ${v}}}`;
  const payload = page.getByLabel("Payload");
  const tryIt = page.getByRole("button", { name: "Try it" });
  await payload.fill(`{"source": {"id": "shop"}, "session": {"id": "z"}, "events": [${says("P1", 2)}, ${says("P2", 3)}]}`);
  await tryIt.click();
  const told = page.getByRole("region", { name: "What it would do" });
  await told.waitFor();
  assert.deepEqual(await told.getByRole("row", { name: /^traits\.v/ }).locator("ins").allTextContents(), ["2", "3"]);
  await payload.fill('{"source": {"id": "shop"}, "events": [{"type": "t", "properties": {"v": 777}},]}');
  await told.waitFor({ state: "detached" });
  await tryIt.click();
  assert.ok(await payload.evaluate((field) => field.matches(":invalid")));
  assert.equal(await told.count(), 0);
  await close();
});

test("a dry run tells what is changed, and nothing that is only drawn anew", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/rules/mappings?edit=new");
  await page.getByLabel("Name", { exact: true }).fill("M");
  await page.getByLabel("Event type").fill("order");
  await page.getByLabel("From").fill("event@properties.none");
  await page.getByLabel("Into").fill("profile@traits.none");
  await page.getByLabel("Payload").fill('{"source": {"id": "shop"}, "events": [{"type": "order", "properties": {"sum": 99}}]}');
  await page.getByRole("button", { name: "Try it" }).click();
  const told = page.getByRole("region", { name: "What it would do" });
  await told.getByText("audience-entered", { exact: true }).waitFor();
  assert.equal(await told.getByRole("cell", { name: "properties.event" }).count(), 0);
  await show(built, page, "/rules/reshapings?edit=new");
  await page.getByLabel("Name", { exact: true }).fill("R");
  await page.getByLabel("Event type").fill("empty");
  await page.getByLabel("What becomes of it").fill('{"reshape_schema": {"properties": {"x": "", "n": null}}}');
  await page.getByLabel("Payload").fill('{"source": {"id": "shop"}, "events": [{"type": "empty", "properties": {}}]}');
  await page.getByRole("button", { name: "Try it" }).click();
  for (const place of ["properties.n", "properties.x"]) await told.getByRole("cell", { name: place }).waitFor();
  await close();
});

test("the latest event is taken with its context and its visit", async () => {
  const context = { page: { url: "https://a.example/p", title: "P" } };
  await fetch(`${built.kith.url}/track`, { method: "POST", body: JSON.stringify({ source: { id: "shop" }, session: { id: "c" }, events: [{ type: "ctx", context }] }) });
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/rules/validators?edit=new");
  await page.getByLabel("Name", { exact: true }).fill("C");
  await page.getByLabel("Event type").fill("ctx");
  await page.getByLabel("What does not fit").selectOption("refuse");
  await page.getByLabel("Schemas by place").fill('{"event@context": {"required": ["page"]}}');
  await page.getByRole("button", { name: "Take the latest such event" }).click();
  await until(() => page.getByLabel("Payload").inputValue(), (text) => text.includes("a.example"), "the event is taken");
  assert.equal(JSON.parse(await page.getByLabel("Payload").inputValue()).session.id, "c");
  await page.getByRole("button", { name: "Try it" }).click();
  await page.getByText("Nothing changes: the rules of now do the same.").first().waitFor();
  await close();
});
