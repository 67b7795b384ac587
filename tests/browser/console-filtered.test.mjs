// Lists that are filtered are also SQL, and that finds the same.

import assert from "node:assert/strict";
import { test } from "node:test";

import { consoleStage, interfaceOf, openPage, show, signIn, until } from "./console.mjs";

const built = consoleStage();

/** What is listed, and which column of the statement says the same. */
const LISTS = [
  ["events", "/events?range=30d&where=properties.sum+%3E%3D+20", "/api/events?limit=1000&where=properties.sum%20%3E%3D%2020"],
  ["sessions", "/sessions?range=30d&where=type+%3D+order", "/api/sessions?limit=1000&had=type%20%3D%20order"],
  ["people", "/people?range=30d&did=type+%3D+order", "/api/profiles?limit=1000&did=type%20%3D%20order"],
];

for (const [name, path, address] of LISTS) {
  test(`${name} that are filtered are a statement that finds as many`, async () => {
    const api = await interfaceOf(built);
    const { page, close } = await openPage(built);
    await signIn(built, page);
    await show(built, page, path);
    await page.getByRole("button", { name: "As SQL" }).last().click();
    const statement = await until(() => page.getByRole("region", { name: "As SQL" }).textContent(), (text) => text.includes("WHERE"), "the statement");
    const rows = await api.post("/sql", { query: statement });
    const { result } = await api.get(address);
    assert.deepEqual([rows.length, rows.length > 0], [result.length, true]);
    await close();
  });
}
