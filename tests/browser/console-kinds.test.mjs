// What single kinds of rules have of their own in the console: functions, reshaping, currencies, drafts of schemas, assumed consents.

import assert from "node:assert/strict";
import { test } from "node:test";

import { barriers, consoleStage, interfaceOf, openPage, picture, show, signIn, tabTo, until } from "./console.mjs";

const built = consoleStage({
  also: async () => {
    built.api = await interfaceOf(built);
  },
});

const sent = (type, properties) => JSON.stringify({ source: { id: "shop" }, events: [{ type, properties }] });
const order = (properties) => sent("order", properties);
const save = (page) => page.getByRole("button", { name: "Save", exact: true }).click();

test("a function is written, tried, and refused while its own test fails", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/rules/functions?edit=new");
  await page.getByLabel("Name", { exact: true }).first().fill("Cents");
  await page.getByLabel("Event type").fill("order");
  await page.getByLabel("Code").fill("function transform(event) {\n  event.properties.cents = event.properties.sum * 100;\n  return event;\n}");
  await page.getByRole("button", { name: "Add a test" }).click();
  const own = page.getByRole("group", { name: "Test 1" });
  await own.getByLabel("Name").fill("Of a euro");
  await own.getByLabel("Of this event").fill('{"properties": {"sum": 1}}');
  await own.getByLabel("It must make").fill('{"properties": {"cents": 1}}');
  await page.getByLabel("Payload").fill(order({ sum: 2 }));
  await page.getByRole("button", { name: "Try it" }).click();
  await page.getByRole("row", { name: /^properties\.cents/ }).locator("ins").getByText("200").waitFor();
  assert.deepEqual(await barriers(page), []);
  await save(page);
  await page.getByRole("alert").getByText("function_tests_failed").waitFor();
  await page.getByRole("alert").getByRole("listitem").first().waitFor();
  await own.getByLabel("It must make").fill('{"properties": {"sum": 1, "cents": 100}}');
  await save(page);
  await page.getByRole("heading", { name: "Cents", level: 1 }).waitFor();
  await close(/status of 422/);
});

// Of a type of its own: what is kept holds for the tests that follow.
test("a reshaping is tried and kept", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/rules/reshapings?edit=new");
  await page.getByLabel("Name", { exact: true }).fill("Total");
  await page.getByLabel("Event type").fill("refund");
  await page.getByLabel("What becomes of it").fill('{"rename": [{"from": "event@properties.sum", "to": "event@properties.total"}]}');
  await page.getByLabel("Payload").fill(sent("refund", { sum: 7 }));
  await page.getByRole("button", { name: "Try it" }).click();
  await page.getByRole("row", { name: /^properties\.total/ }).locator("ins").getByText("7", { exact: true }).waitFor();
  await save(page);
  await page.getByRole("heading", { name: "Total", level: 1 }).waitFor();
  await close();
});

test("a table of currencies is kept, and tells an amount in the base", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/rules/currencies?edit=new");
  await page.getByLabel("Name", { exact: true }).fill("Ours");
  await page.getByRole("group", { name: "Amount 1" }).getByLabel("Amount", { exact: true }).fill("properties.sum");
  await page.getByLabel("Payload").fill(order({ sum: 10, currency: "USD" }));
  await page.getByRole("button", { name: "Try it" }).click();
  await page.getByRole("row", { name: /^traits\.total_base\.value/ }).locator("ins").getByText("9.2").waitFor();
  await save(page);
  await page.getByRole("heading", { name: "Ours", level: 1 }).waitFor();
  await close();
});

test("a schema is drafted from what was seen", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/rules/validators?edit=new");
  await page.getByLabel("Event type").fill("order");
  await page.getByRole("button", { name: "Draft the schema" }).click();
  const schema = await until(() => page.getByLabel("Schemas by place").inputValue(), (text) => text.includes('"sum"'), "the draft");
  assert.deepEqual(JSON.parse(schema)["event@properties"].required.sort(), ["currency", "sum"]);
  await close();
});

test("privacy is tried with consents and without", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/rules/privacy?edit=new");
  await page.getByLabel("Name", { exact: true }).fill("Sums");
  const field = page.getByRole("group", { name: "Field 1" });
  await field.getByLabel("Field", { exact: true }).fill("event@properties.sum");
  await field.getByLabel("Consents").fill("sums");
  await page.getByLabel("Payload").fill(order({ sum: 3 }));
  await page.getByRole("button", { name: "Try it" }).click();
  await page.getByRole("row", { name: /^properties\.sum/ }).locator("del").waitFor();
  await page.getByLabel("Assume consents").check();
  await page.getByLabel("What they are taken to have agreed to").fill('{"sums": true}');
  await page.getByRole("button", { name: "Try it" }).click();
  await page.getByText("Nothing changes: the rules of now do the same.").first().waitFor();
  assert.equal(await page.getByRole("row", { name: /^properties\.sum/ }).count(), 0);
  await close();
});

test("a field that has changed its type is found in the Catalogue, and a schema is drafted of it", async () => {
  const track = (properties) => fetch(`${built.kith.url}/track`, { method: "POST", body: sent("priced", properties) });
  await track({ price: 12 });
  await track({ price: "12 €" });
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, "/catalogue?view=fields&type=priced");
  const drift = page.getByRole("link", { name: "properties.price has changed" });
  // Who asks for it by voice says what stands there.
  assert.equal(await drift.textContent(), "changed");
  await drift.click();
  const row = page.getByRole("row", { name: /^properties\.price .*shop number text/ });
  await row.waitFor();
  assert.deepEqual(await barriers(page), []);
  await picture(page, "changes");
  await page.getByLabel("Find a type or a field").fill("nothing of this name");
  await page.getByText("Nothing of this name").waitFor();
  await page.getByLabel("Find a type or a field").fill("pri");
  await tabTo(page, "Draft a schema of priced from shop");
  await page.keyboard.press("Enter");
  const schema = await until(() => page.getByLabel("Schemas by place").inputValue(), (text) => text.includes('"price"'), "the draft");
  assert.deepEqual(JSON.parse(schema)["event@properties"].properties.price.type.sort(), ["integer", "string"]);
  assert.equal(await page.getByLabel("Event type").inputValue(), "priced");
  assert.equal(await page.getByLabel("Source").inputValue(), "shop");
  assert.doesNotMatch(page.url(), /draft=/);
  await save(page);
  await page.getByRole("heading", { name: "priced", level: 1 }).waitFor();
  await close();
});
