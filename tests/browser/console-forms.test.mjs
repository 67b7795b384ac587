// What is typed into forms of the console: it stays as it was typed, and goes where it was meant to.

import assert from "node:assert/strict";
import { test } from "node:test";

import { CONFLICT, conflict, consoleStage, interfaceOf, save, show, signedIn, until } from "./console.mjs";
import { SOURCE } from "./kith.mjs";

const built = consoleStage({
  history: false,
  also: async () => {
    built.api = await interfaceOf(built);
  },
});

test("what is there already is not made anew, also where its id is made of what else is said", async () => {
  await built.api.post("/consent/type", { id: "newsletter", name: "Newsletter", required: true, auto_revoke: "365d" });
  await built.api.post("/event-type/mapping", { event_type: "shipped", name: "Shipped", retention_days: 30 });
  const { page, close } = await signedIn(built);
  await show(built, page, "/rules/consent-types?edit=new");
  await page.getByLabel("Name", { exact: true }).fill("Newsletter");
  await save(page);
  await conflict(page);
  await show(built, page, "/rules/event-types?edit=new");
  await page.getByLabel("Event type").fill("shipped");
  await page.getByLabel("Name", { exact: true }).fill("New");
  await save(page);
  await conflict(page);
  assert.equal((await built.api.get("/consent/type/newsletter")).required, true);
  assert.equal((await built.api.get("/event-type/mapping/shipped")).retention_days, 30);
  await close(CONFLICT);
});

test("a window stays while text in it is selected, and a click around it closes it, asking where something is typed", async () => {
  const { page, close } = await signedIn(built);
  await show(built, page, "/sources");
  await page.getByRole("button", { name: "New source" }).click();
  const field = page.getByLabel("Description", { exact: true });
  await field.fill("five minutes of typing");
  const { x, y } = await field.boundingBox();
  const drag = async (from, to) => {
    await page.mouse.move(x + from, y + 15);
    await page.mouse.down();
    await page.mouse.move(x + to, y + 15, { steps: 5 });
    await page.mouse.up();
  };
  await drag(200, -200);
  await drag(-200, 200);
  assert.equal(await field.inputValue(), "five minutes of typing");
  await drag(-200, -200);
  await page.getByRole("alertdialog").getByRole("button", { name: "Close without it" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "New source" }).click();
  await field.waitFor();
  await drag(-200, -200);
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await close();
});

test("a number is typed as it is written", async () => {
  const { page, close } = await signedIn(built);
  await show(built, page, "/rules/mappings?edit=new");
  const order = page.getByLabel("Order");
  for (const text of ["-5", "1e3", "12"]) {
    await order.click();
    await page.keyboard.press("Control+a");
    await page.keyboard.type(text);
    assert.equal(await order.inputValue(), text);
  }
  await page.keyboard.press("Control+a");
  await page.keyboard.type("-");
  await page.getByLabel("Name", { exact: true }).fill("N");
  await save(page);
  assert.ok(await order.evaluate((field) => field.matches(":invalid")), "what is no number yet is not sent");
  await close();
});

test("an answer that comes late moves nobody who has gone on", async () => {
  const { page, close } = await signedIn(built);
  let answer = () => undefined;
  await page.route("**/event-validator", async (route) => {
    if (route.request().method() === "POST") await new Promise((resolve) => (answer = resolve));
    await route.continue();
  });
  await show(built, page, "/rules/validators?edit=new");
  await page.getByLabel("Name", { exact: true }).fill("Slow");
  await page.getByLabel("Event type").fill("slow");
  await save(page);
  await show(built, page, "/rules/mappings?edit=new");
  await page.getByLabel("Name", { exact: true }).fill("Typed meanwhile");
  answer();
  await until(async () => (await built.api.get("/event-validators")).result, (all) => all.some(({ name }) => name === "Slow"), "it is stored");
  await page.waitForTimeout(300);
  assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "Typed meanwhile");
  await close();
});

test("a source of any id is opened, made beside others, and shown in lines that say just it", async () => {
  for (const id of ["new", "it's</script>"]) await built.api.post("/event-source", { id, name: `Of ${id}`, type: ["rest"] });
  const { page, close } = await signedIn(built);
  await show(built, page, "/sources");
  await page.getByRole("button", { name: "New source" }).click();
  await page.getByLabel("Name", { exact: true }).waitFor();
  assert.deepEqual(await page.getByRole("dialog").getByRole("heading").allTextContents(), ["New source"]);
  await page.keyboard.press("Escape");
  await show(built, page, `/sources?test=${encodeURIComponent("it's</script>")}`);
  await page.getByRole("region", { name: "From a shell" }).getByText(`"id":"it'\\''s</script>"`).waitFor();
  await page.getByRole("region", { name: "For a web page" }).getByText(`source: "it's\\u003c/script>"`).waitFor();
  await built.api.remove("/event-source/new");
  await close();
});

test("a list keeps what stands on a line", async () => {
  await built.api.post("/api/tracking-plans", { id: SOURCE, name: "P", enabled: false, event_types: ["price: 1,5"], on_misfit: "flag" });
  const { page, close } = await signedIn(built);
  await show(built, page, `/rules/tracking-plans/${SOURCE}`);
  const types = page.getByLabel("Event types");
  const before = await types.inputValue();
  await types.fill(`${before}\norder`);
  await save(page);
  await page.getByText("Saved.", { exact: true }).waitFor();
  assert.deepEqual((await built.api.get(`/api/tracking-plans/${SOURCE}`)).event_types, [before, "order"]);
  await close();
});
