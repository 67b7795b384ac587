// What forms of the console write back: all that they have read, as it was when they opened, and nothing that somebody else has changed since.

import assert from "node:assert/strict";
import { test } from "node:test";

import { CONFLICT, conflict, consoleStage, interfaceOf, save, settled, show, signedIn, until } from "./console.mjs";
import { SOURCE } from "./kith.mjs";

const ADDRESS = "ann@shop.example";
const LONG = "9007199254740993";

const built = consoleStage({
  history: false,
  also: async () => {
    built.api = await interfaceOf(built);
  },
});

/** What the interface says to the letter: reading it here would lose the digits that this is about. */
async function written(method, path, body) {
  const form = new URLSearchParams({ username: ADDRESS, password: built.password });
  const { access_token: token } = await (await fetch(`${built.kith.url}/user/token`, { method: "POST", body: form })).json();
  const answer = await fetch(built.kith.url + path, { method, headers: { authorization: `Bearer ${token}` }, ...(body ? { body } : {}) });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
  return (await answer.text()).replace(/"(version":\d+|changed":"[^"]*")/g, "");
}

test("a rule that is saved as it was opened is the rule that it was, to the last digit", async () => {
  const product = '{"id": "event@properties.sku", "name": "event@properties.title"}';
  const rules = [
    ["reshapings", "/event-reshape-schema", `{"id": "r", "name": "R", "event_type": "bought", "event_source": "${SOURCE}", "enabled": true, "reshaping": {"reshape_schema": {"properties": {"product": ${product}, "n": ${LONG}}}}}`],
    ["functions", "/api/functions", `{"id": "r", "name": "R", "event_type": "bought", "enabled": false, "code": "function transform(event) { return event; }", "tests": [{"name": "t", "event": {"properties": {"a": ${product}}}, "expected": {"properties": {"a": ${product}}}}]}`],
    ["validators", "/event-validator", `{"id": "r", "name": "R", "event_type": "bought", "enabled": true, "validation": {"json_schema": {"event@properties": {"type": "object", "properties": {"id": {"const": ${LONG}}, "name": {"const": 0.1234567890123456789}}}}}}`],
    ["mappings", "/event-to-profile", `{"id": "r", "name": "R", "event_type": "bought", "enabled": true, "event_to_profile": [{"event": {"value": {"id": "1", "name": "x"}, "ref": false}, "op": "set", "profile": {"value": "profile@traits.a"}}, {"event": {"value": "5", "ref": false}, "op": "set", "profile": {"value": "profile@traits.b"}}]}`],
    ["privacy", "/consent/compliance/field", `{"id": "r", "name": "R", "enabled": true, "settings": [{"action": "mask", "field": {"value": "event@properties.a"}, "consents": ["mail"]}]}`],
  ];
  const { page, close } = await signedIn(built);
  for (const [kind, path, rule] of rules) {
    await written("POST", path, rule);
    const before = await written("GET", `${path}/r`);
    await show(built, page, `/rules/${kind}/r`);
    await save(page);
    await page.getByText("Saved.", { exact: true }).waitFor();
    assert.equal(await written("GET", `${path}/r`), before, kind);
  }
  await close();
});

test("a form is of what there is when it opens, and whoever changes it then is not overwritten", async () => {
  const validator = { id: "v", name: "V", event_type: "order", enabled: true, validation: { json_schema: { "event@properties": {} } } };
  await built.api.post("/event-validator", validator);
  await built.api.post("/event-source", { id: "till", name: "Till", type: ["rest"] });
  await built.api.post("/event-source", { id: "links", name: "Links", type: ["redirect"] });
  await built.api.post("/event-redirect", { id: "r", name: "R", source: { id: "links" }, url: "https://shop.example/a", event_type: "x", status: 302, tags: ["kept"] });
  await built.api.post("/api/audiences", { id: "a", name: "A", condition: 'DID "one"' });
  await built.api.post("/api/saved-questions", { id: "q", name: "Q", view: "trends", state: { series: "type = a" } });
  const { page, close } = await signedIn(built);
  for (const path of ["/rules/validators", "/sources", "/redirects", "/audiences", "/saved"]) await show(built, page, path);
  // What the lists have read is older from here on.
  await built.api.post("/event-validator", { ...validator, on_misfit: "refuse" });
  await built.api.post("/event-source", { id: "till", name: "Till", type: ["rest"], allowed_origins: ["https://shop.example"], enabled: false });
  await built.api.post("/event-redirect", { id: "r", name: "R", source: { id: "links" }, url: "https://shop.example/moved", event_type: "x", status: 302, tags: ["kept"] });
  await built.api.post("/api/audiences", { id: "a", name: "A", condition: 'DID "two"' });
  await built.api.post("/api/saved-questions", { id: "q", name: "Q", view: "trends", state: { series: "type = b" } });
  const forms = [
    ["/rules/validators/v", "/event-validator/v", (one) => one.on_misfit, "refuse", "/event-validator", () => ({ ...validator, name: "Theirs" })],
    ["/sources?edit=till", "/event-source/till", (one) => [one.enabled, ...one.allowed_origins].join(), "false,https://shop.example", "/event-source", () => ({ id: "till", name: "Theirs", type: ["rest"] })],
    ["/redirects?edit=r", "/event-redirect/r", (one) => [one.url, one.status, ...one.tags].join(), "https://shop.example/moved,302,kept", "/event-redirect", () => ({ id: "r", name: "Theirs", source: { id: "links" }, url: "https://shop.example/a", event_type: "x" })],
    ["/audiences/a?edit=yes", "/api/audiences/a", (one) => one.condition, 'DID "two"', "/api/audiences", () => ({ id: "a", name: "Theirs", condition: 'DID "one"' })],
    ["/saved", "/api/saved-questions/q", (one) => one.state.series, "type = b", "/api/saved-questions", () => ({ id: "q", name: "Theirs", view: "trends", state: {} })],
  ];
  for (const [screen, address, said, wanted, post, theirs] of forms) {
    const open = async () => {
      await show(built, page, "/welcome");
      await show(built, page, screen);
      if (screen === "/saved") await page.getByRole("button", { name: /^Change/ }).click();
      const form = page.locator("form").filter({ has: page.getByRole("button", { name: /^Save/ }) });
      await form.getByLabel("Name", { exact: true }).waitFor();
      return form;
    };
    let form = await open();
    await form.getByLabel("Name", { exact: true }).fill("Ours");
    await save(form);
    await until(() => built.api.get(address), (one) => one.name === "Ours", screen);
    assert.equal(said(await built.api.get(address)), wanted, screen);
    form = await open();
    await built.api.post(post, theirs());
    await form.getByLabel("Name", { exact: true }).fill("Late");
    await save(form);
    await conflict(page);
    assert.equal((await built.api.get(address)).name, "Theirs", screen);
  }
  await close(CONFLICT);
});

test("a dashboard that is laid out keeps what others have put on it, and is not laid over theirs", async () => {
  const question = (id) => built.api.post("/api/saved-questions", { id, name: id, view: "trends", state: { series: `type = ${id}` } });
  for (const id of ["one", "two"]) await question(id);
  const board = (tiles, note = "") => built.api.post("/api/dashboards", { id: "d", name: "D", note, tiles: tiles.map((question) => ({ question, width: 2 })) });
  await board(["one"]);
  const { page, close } = await signedIn(built);
  await show(built, page, "/dashboards/d");
  await board(["one", "two"]);
  await page.getByRole("button", { name: "Lay out" }).click();
  await page.getByRole("region", { name: "two", exact: true }).waitFor();
  await save(page);
  await page.getByRole("button", { name: "Lay out" }).waitFor();
  await board(["two", "one"], "Theirs");
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByRole("dialog").getByLabel("Note").waitFor();
  assert.equal(await page.getByRole("dialog").getByLabel("Note").inputValue(), "Theirs");
  await board(["two"], "Later");
  await save(page.getByRole("dialog"));
  await conflict(page);
  assert.equal((await built.api.get("/api/dashboards/d")).note, "Later");
  await close(CONFLICT);
});

test("of a user only what was changed is changed", async () => {
  const address = "/user/leaver@x.example";
  await built.api.post("/user", { email: "leaver@x.example", name: "Leaver", roles: ["admin"], password: "correct horse battery" });
  const { page, close } = await signedIn(built);
  await show(built, page, "/users");
  await page.getByRole("button", { name: "leaver@x.example" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name", { exact: true }).fill("Lena");
  await built.api.post(address, { enabled: false, roles: ["marketer"] });
  await save(dialog);
  await dialog.waitFor({ state: "detached" });
  const { name, enabled, roles } = await built.api.get(address);
  assert.deepEqual({ name, enabled, roles }, { name: "Lena", enabled: false, roles: ["marketer"] });
  await page.getByRole("button", { name: "leaver@x.example" }).click();
  await dialog.getByLabel("Name", { exact: true }).fill("");
  await save(dialog);
  assert.ok(await dialog.getByLabel("Name", { exact: true }).evaluate((field) => field.matches(":invalid")), "a name that is gone is said to be missing");
  await close();
});

test("what is typed in a window is not lost by chance, and what is stored is not asked about", async () => {
  await built.api.post("/event-source", { id: "kiosk", name: "Kiosk", type: ["rest"] });
  const { page, close } = await signedIn(built);
  const dialog = page.getByRole("dialog");
  const asks = page.getByRole("alertdialog");
  const open = async () => {
    await page.getByRole("button", { name: "New source" }).click();
    await dialog.getByLabel("Name", { exact: true }).fill("Half a name");
  };
  await show(built, page, "/sources");
  await open();
  const name = dialog.getByLabel("Name", { exact: true });
  for (let time = 0; time < 2; time += 1) {
    await page.keyboard.press("Escape");
    await asks.getByText("What you have typed here is not stored.").waitFor();
    await page.keyboard.press("Escape");
    await asks.waitFor({ state: "detached" });
  }
  await page.mouse.click(5, 5);
  await asks.getByRole("button", { name: "Go on" }).click();
  assert.equal(await name.inputValue(), "Half a name");
  assert.ok(await name.evaluate((field) => field === document.activeElement), "and it is typed on where it was");
  await page.keyboard.press("Escape");
  await asks.getByRole("button", { name: "Close without it" }).click();
  await dialog.waitFor({ state: "detached" });
  await open();
  await dialog.getByRole("button", { name: "Close", exact: true }).click();
  await dialog.waitFor({ state: "detached" });
  // Refused, it is not stored either.
  await show(built, page, "/sources?edit=kiosk");
  await name.fill("Ours");
  await built.api.post("/event-source", { id: "kiosk", name: "Theirs", type: ["rest"] });
  await save(dialog);
  await conflict(page);
  await page.keyboard.press("Escape");
  await asks.getByRole("button", { name: "Close without it" }).click();
  await dialog.waitFor({ state: "detached" });
  await close(CONFLICT);
});

test("a mapping says a number where one is typed, and a text in quotes", async () => {
  const { page, close } = await signedIn(built);
  await show(built, page, "/rules/mappings?edit=new");
  await page.getByLabel("Name", { exact: true }).fill("Points");
  await page.getByLabel("Event type").fill("paid");
  const change = page.getByRole("group", { name: "Change 1" });
  await change.getByLabel("From").fill("5");
  await change.getByLabel("is a place").uncheck();
  await change.getByLabel("How").selectOption("increment");
  await change.getByLabel("Into").fill("profile@traits.points");
  await save(page);
  await page.getByRole("heading", { name: "Points", level: 1 }).waitFor();
  const kept = async () => (await built.api.get("/event-to-profiles/type/paid")).result[0].event_to_profile[0].event;
  assert.deepEqual(await kept(), { value: 5, ref: false });
  await change.getByLabel("From").fill('"5"');
  await change.getByLabel("How").selectOption("set");
  await save(page);
  await page.getByText("Saved.", { exact: true }).waitFor();
  assert.deepEqual(await kept(), { value: "5", ref: false });
  await close();
});

test("long numbers are shown and mended with all their digits", async () => {
  await built.api.post("/event-validator", { id: "totals", name: "Totals", event_type: "total", enabled: true, on_misfit: "quarantine", validation: { json_schema: { "event@properties": { type: "object", required: ["total"] } } } });
  const send = (type, properties) => fetch(`${built.kith.url}/track`, { method: "POST", body: `{"source": {"id": "${SOURCE}"}, "events": [{"type": "${type}", "properties": ${properties}}]}` });
  await send("total", `{"nr": ${LONG}, "totl": 5}`);
  const { page, close } = await signedIn(built);
  await show(built, page, "/held?type=total");
  await page.getByRole("button", { name: /^Open total/ }).click();
  const properties = page.getByRole("dialog").getByLabel("Properties");
  await properties.fill((await properties.inputValue()).replace("totl", "total"));
  await page.getByRole("button", { name: "Let it in" }).click();
  await page.getByText("It is let in").waitFor();
  assert.match(await written("GET", "/api/events?type=total"), new RegExp(`"nr":${LONG}\\b`));
  await show(built, page, "/events?type=total&range=12mo");
  await page.getByText(`nr: ${LONG}`).waitFor();
  await show(built, page, `/sql?query=${encodeURIComponent(`SELECT 12345678901234567890::HUGEINT AS h, ${LONG} AS n`)}`);
  await page.getByRole("textbox", { name: "Question" }).click();
  await page.keyboard.press("Control+Enter");
  for (const digits of ["12345678901234567890", LONG]) await page.getByRole("cell", { name: digits, exact: true }).waitFor();
  await close();
});

test("what happens after the page was loaded is on the screen that is come to", async () => {
  const { page, close } = await signedIn(built);
  await show(built, page, "/events?type=just-now");
  await page.getByText("No events in this range").waitFor();
  await fetch(`${built.kith.url}/track`, { method: "POST", body: JSON.stringify({ source: { id: SOURCE }, events: [{ type: "just-now" }] }) });
  await show(built, page, "/welcome");
  await show(built, page, "/events?type=just-now");
  await page.getByText("1 row", { exact: true }).waitFor();
  await close();
});

test("what a source may not send is refused, and whoever tried it is still signed in", async () => {
  await built.api.post("/event-source", { id: "closed", name: "Closed", type: ["rest"], allowed_origins: ["https://shop.example"] });
  const { page, close } = await signedIn(built);
  await show(built, page, "/sources?test=closed");
  await page.getByRole("button", { name: "Send a test event" }).click();
  await page.getByRole("alert").getByText("origin_not_allowed").waitFor();
  // A rule is tried by whoever is signed in, and not by the source's pages.
  await show(built, page, "/rules/mappings?edit=new");
  await page.getByLabel("Payload").fill('{"source": {"id": "closed"}, "events": [{"type": "order"}]}');
  await page.getByLabel("Name", { exact: true }).fill("M");
  await page.getByLabel("Event type").fill("order");
  const change = page.getByRole("group", { name: "Change 1" });
  await change.getByLabel("From").fill("event@properties.value");
  await change.getByLabel("Into").fill("profile@traits.value");
  await page.getByRole("button", { name: "Try it" }).click();
  await page.getByRole("region", { name: "What it would do" }).waitFor();
  await close(/status of 401/);
});

test("what was typed when a session ended waits for whoever signs in again, and for nobody else", async () => {
  await built.api.post("/api/audiences", { id: "typed", name: "Typed", condition: 'DID "one"' });
  await built.api.post("/user", { email: "max@shop.example", name: "Max", roles: ["developer"], password: "correct horse battery" });
  await built.api.post("/user", { email: "eve@shop.example", name: "Eve", roles: ["admin"], password: "correct horse battery" });
  const { id: list } = await built.api.post("/api/lists", { name: "Guests", note: "Old" });
  const { page, close } = await signedIn(built);
  const enter = async (email, password) => {
    await page.getByLabel("E-mail address").fill(email);
    await page.getByLabel("Password").fill(password);
    await page.keyboard.press("Enter");
    await page.locator("nav").waitFor({ state: "attached" });
    await settled(page);
  };
  const name = page.getByLabel("Name", { exact: true });
  const type = async (text) => {
    await name.fill(text);
    await built.kith.command("user", "sign-out", ADDRESS);
    await save(page);
    await page.getByLabel("E-mail address").waitFor();
  };
  await show(built, page, "/audiences/typed?edit=yes");
  await type("Typed for an hour");
  await enter(ADDRESS, built.password);
  assert.equal(await name.inputValue(), "Typed for an hour");
  await save(page);
  await page.getByRole("heading", { name: "Typed for an hour", level: 1 }).waitFor();
  // What others have changed meanwhile, before the form is opened again, is not undone.
  const forms = [
    ["/users", "eve@shop.example", "/user/eve@shop.example", { enabled: false, roles: ["marketer"] }, ({ name, enabled, roles }) => [name, enabled, ...roles], ["Typed", false, "marketer"]],
    [`/lists/${list}`, "Change", `/api/lists/${list}`, { note: "Theirs" }, ({ name, note }) => [name, note], ["Typed", "Theirs"]],
  ];
  for (const [screen, button, address, theirs, said, wanted] of forms) {
    await show(built, page, screen);
    await page.getByRole("button", { name: button }).click();
    await type("Typed");
    const api = await interfaceOf(built);
    await api.post(address, theirs);
    await enter(ADDRESS, built.password);
    await page.getByRole("dialog").waitFor();
    assert.equal(await name.inputValue(), "Typed", screen);
    await save(page);
    await page.getByRole("dialog").waitFor({ state: "detached" });
    assert.deepEqual(said(await api.get(address)), wanted, screen);
  }
  // A window is open again, with all that was typed in it, and so is JSON that is none yet.
  const out = async () => {
    await built.kith.command("user", "sign-out", ADDRESS);
    await page.getByRole("dialog").getByRole("button").last().click();
    await enter(ADDRESS, built.password);
    await page.getByRole("dialog").waitFor();
  };
  await show(built, page, "/lists");
  await page.getByRole("button", { name: "New list" }).click();
  await name.fill("Pasted");
  await page.getByLabel("Ids").fill("a b c");
  await out();
  assert.deepEqual([await name.inputValue(), await page.getByLabel("Ids").inputValue()], ["Pasted", "a b c"]);
  await show(built, page, "/keys");
  await page.getByRole("button", { name: "New key" }).click();
  await name.fill("A program");
  await page.getByLabel("sql").check();
  await out();
  assert.deepEqual([await name.inputValue(), await page.getByLabel("sql").isChecked()], ["A program", true]);
  const api = await interfaceOf(built);
  await api.post("/event-validator", { id: "kept", name: "Kept", event_type: "kept", enabled: true, on_misfit: "quarantine", validation: { json_schema: { "event@properties": { type: "object", required: ["total"] } } } });
  await fetch(`${built.kith.url}/track`, { method: "POST", body: JSON.stringify({ source: { id: SOURCE }, events: [{ type: "kept" }] }) });
  await show(built, page, "/held?type=kept");
  await page.getByRole("button", { name: /^Open kept/ }).click();
  await page.getByLabel("Properties").fill('{"total": 77}');
  await out();
  assert.equal(await page.getByLabel("Properties").inputValue(), '{"total": 77}');
  await show(built, page, "/rules/mappings?edit=new");
  await page.getByLabel("Event type").fill("tried");
  await page.getByLabel("From").fill("event@properties.a");
  await page.getByLabel("Into").fill("profile@traits.a");
  await page.getByLabel("Payload").fill('{"source": {"id": "x"');
  await type("Tried");
  await enter(ADDRESS, built.password);
  assert.equal(await page.getByLabel("Payload").inputValue(), '{"source": {"id": "x"');
  await show(built, page, "/audiences/typed?edit=yes");
  await type("Nobody else's");
  await enter("max@shop.example", "correct horse battery");
  assert.equal(await name.inputValue(), "Typed for an hour");
  await close(/status of 401/);
});
