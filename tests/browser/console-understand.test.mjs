// Questions in the console: their numbers are those of SQL, and every number opens its people.

import assert from "node:assert/strict";
import { test } from "node:test";

import { barriers, consoleStage, openPage, picture, settled, show, signIn, until } from "./console.mjs";

const built = consoleStage();

const RANGE = "range=30d&zone=UTC";
const STEPS = encodeURIComponent("type = page-view\ntype = order");
const addressed = (text) => encodeURIComponent(text);

/** The window with the people of a number. */
const people = (page) => page.getByRole("dialog", { name: /^[\d,]+ (person|people)$/ });

/** Opens a number by its button; how many people its window says and how many it lists. */
async function opened(page, button) {
  await button.click();
  await people(page).waitFor();
  const said = Number((await people(page).getByRole("heading").first().textContent()).replaceAll(/\D/g, ""));
  const listed = (await people(page).getByRole("row").count()) - 1;
  assert.ok(new URL(page.url()).searchParams.get("behind"), "the address says which number is open");
  await page.keyboard.press("Escape");
  await people(page).waitFor({ state: "detached" });
  return [said, listed];
}

const numberOf = async (button) => Number((await button.textContent()).replaceAll(",", ""));

/** What is shown is the answer to what is asked now. */
async function answered(page) {
  await settled(page);
  await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'));
}

async function sqlUnder(page) {
  await page.getByRole("button", { name: "As SQL" }).first().click();
  const statement = await page.getByRole("region", { name: "As SQL" }).textContent();
  return built.kith.sql(statement);
}

test("trends measure, reckon and open their people", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, `/trends?${RANGE}&as=values`);
  await page.getByLabel("A: Measure").selectOption("sum");
  await page.getByLabel("A: Field").fill("properties.sum");
  await page.getByLabel("A: Of").fill("type = order");
  await page.getByRole("button", { name: "Add a series" }).click();
  await page.getByLabel("B: Measure").selectOption("people");
  await page.getByLabel("B: Of").fill("type = order");
  await page.getByLabel("Formula").fill("A / B");
  await page.getByRole("button", { name: "Show" }).click();
  const [[sum, buyers]] = await built.kith.sql("SELECT sum((properties->>'sum')::DOUBLE)::BIGINT, count(DISTINCT profile_id) FROM events WHERE type = 'order'");
  const row = page.getByRole("row", { name: /^B: People, type = order/ });
  await row.getByRole("button").waitFor();
  assert.equal(await numberOf(row.getByRole("button")), Number(buyers));
  assert.equal(await numberOf(page.getByRole("row", { name: /^A: Sum of/ }).getByRole("button")), Number(sum));
  assert.equal(await numberOf(page.getByRole("row", { name: /^A \/ B/ }).getByRole("button")), Math.round((1000 * sum) / buyers) / 1000 || 0);
  assert.deepEqual(await opened(page, row.getByRole("button")), [Number(buyers), Number(buyers)]);
  await page.getByText(/rows? read, \d+ ms/).waitFor();
  const told = await sqlUnder(page);
  assert.equal(Number(told[0][3]), Number(sum), `as SQL: ${told}`);
  await close();
});

test("a point of the chart and its number in the table open the same people", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, `/trends?${RANGE}&every=month&series=${addressed("people: type = page-view")}`);
  const chart = page.getByRole("img", { name: "Trends" });
  await chart.waitFor();
  await page.getByRole("button", { name: "Table" }).last().click();
  const number = page.getByRole("region", { name: "Trends" }).getByRole("button").last();
  const many = await numberOf(number);
  assert.deepEqual(await opened(page, number), [many, Math.min(many, 50)]);
  await show(built, page, `/trends?${RANGE}&by=type&smooth=3&compare=yes`);
  await answered(page);
  await page.getByRole("button", { name: "Table" }).last().click();
  await page.getByText("order, averaged").first().waitFor();
  await page.locator(".u-over").click({ position: { x: 20, y: 120 } });
  await people(page).waitFor();
  await page.keyboard.press("Escape");
  await close();
});

test("a funnel opens who came and who fell out, how long it took and where they went", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, `/funnel?${RANGE}&steps=${STEPS}`);
  const row = page.getByRole("row", { name: /^2\. type = order/ });
  await row.waitFor();
  const [buyers, lost] = [row.getByRole("button").first(), row.getByRole("button").last()];
  const [[all]] = await built.kith.sql("SELECT count(DISTINCT profile_id) FROM events WHERE type = 'page-view'");
  const [came, fell] = [await numberOf(buyers), await numberOf(lost)];
  assert.equal(came + fell, Number(all));
  assert.deepEqual(await opened(page, buyers), [came, came]);
  assert.deepEqual(await opened(page, lost), [fell, fell]);
  const took = page.getByRole("list", { name: "Time to convert" }).getByRole("button").first();
  assert.ok((await opened(page, took))[0] > 0);
  const went = page.getByRole("list", { name: "Where they went instead" }).getByRole("listitem").first();
  const [instead] = await opened(page, went.getByRole("button"));
  assert.equal(instead, Number((await went.locator("b").textContent()).replaceAll(",", "")));
  await page.getByLabel("Order", { exact: true }).selectOption("strict");
  await page.getByLabel("Break down by").fill("utm_source");
  await page.getByRole("button", { name: "Show" }).click();
  await page.getByRole("row", { name: /^letter/ }).waitFor();
  assert.match(page.url(), /order=strict/);
  await close();
});

test("who comes back, on how many days, and who is new or gone, opens", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, `/retention?${RANGE}&interval=day&as=counts&begins=recurring`);
  const size = page.getByRole("region", { name: "Retention" }).getByRole("button").first();
  const many = await numberOf(size);
  assert.deepEqual(await opened(page, size), [many, many]);
  await show(built, page, `/stickiness?${RANGE}`);
  const days = page.getByRole("row", { name: /^1 day/ });
  const [[once]] = await built.kith.sql("SELECT count(*) FROM (SELECT profile_id FROM events WHERE profile_id IS NOT NULL GROUP BY 1 HAVING count(DISTINCT date_trunc('day', time)) = 1)");
  assert.equal(await numberOf(days.getByRole("button")), Number(once));
  assert.deepEqual(await opened(page, days.getByRole("button")), [Number(once), Number(once)]);
  await show(built, page, `/lifecycle?${RANGE}`);
  await page.getByRole("button", { name: "Table" }).click();
  const fresh = page.getByRole("region", { name: "Lifecycle" }).getByRole("button").first();
  const newcomers = await numberOf(fresh);
  assert.deepEqual(await opened(page, fresh), [newcomers, newcomers]);
  await close();
});

test("paths are cleaned, drawn, and open", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, `/paths?${RANGE}`);
  await page.getByLabel("Points", { exact: true }).fill("page_path");
  await page.getByText("Cleaning rules").click();
  await page.getByLabel("Renamed").fill("/tea.* => tea");
  await page.getByLabel("The same point in a row is one").check();
  await page.getByRole("button", { name: "Show" }).click();
  await until(() => page.url(), (url) => url.includes("replace="), "the address has the rules");
  await answered(page);
  await page.getByRole("img", { name: "Ways" }).waitFor();
  const first = page.getByRole("region", { name: "Paths" }).getByRole("button").first();
  const walkers = await numberOf(first);
  assert.deepEqual(await opened(page, first), [walkers, walkers]);
  const link = page.getByRole("region", { name: "From point to point" }).getByRole("button").first();
  const [said, listed] = await opened(page, link);
  assert.equal(said, listed);
  await close();
});

test("the people behind a number become a list", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, `/funnel?${RANGE}&steps=${STEPS}`);
  const lost = page.getByRole("row", { name: /^2\. type = order/ }).getByRole("button").last();
  const fell = await numberOf(lost);
  await lost.click();
  await people(page).waitFor();
  await people(page).getByLabel("Name of the list").fill("Looked and left");
  await people(page).getByRole("button", { name: "Save as list" }).click();
  await page.getByRole("heading", { name: "Looked and left" }).waitFor();
  await until(() => page.getByRole("row").count(), (rows) => rows === fell + 1, "all of them");
  await close();
});

test("the window of people is accessible, by keyboard, in light and dark, wide and narrow", async () => {
  for (const [scheme, width] of [["light", 1440], ["dark", 360]]) {
    const { page, close } = await openPage(built, { width, scheme });
    await signIn(built, page);
    await show(built, page, `/funnel?${RANGE}&steps=${STEPS}`);
    const button = page.getByRole("row", { name: /^1\. type/ }).getByRole("button").first();
    await button.focus();
    await page.keyboard.press("Enter");
    await people(page).waitFor();
    assert.deepEqual(await barriers(page), [], scheme);
    await picture(page, `people-behind-${width}`);
    await people(page).getByRole("link").first().click();
    await page.getByRole("button", { name: "Timeline" }).waitFor();
    await close();
  }
});

test("what a breakdown leaves together is called all others", async () => {
  const { page, close } = await openPage(built);
  await signIn(built, page);
  await show(built, page, `/trends?as=values&by=properties.sum&${RANGE}`);
  await page.getByRole("cell", { name: "All others", exact: true }).waitFor();
  assert.equal(await page.getByRole("cell", { name: "Everything", exact: true }).count(), 0);
  await close();
});
