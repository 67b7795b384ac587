// Pages made for the reference, with loaders that do what its own do.

import assert from "node:assert/strict";
import { test } from "node:test";

import { complaints, person } from "./browser.mjs";
import { SOURCE, until } from "./kith.mjs";
import { stage } from "./stage.mjs";

const built = stage();

const count = (where) => async () =>
  Number((await built.kith.sql(`SELECT count(*) FROM events WHERE ${where}`))[0][0]);

/** A page of somebody new; what it says goes to the console. */
async function open(path, prepare) {
  const context = await built.browser.newContext();
  const page = await context.newPage();
  const said = complaints(page);
  if (prepare) {
    await page.goto(`${built.site.url}/empty`);
    await page.evaluate(prepare);
  }
  await page.goto(built.site.url + path);
  const ready = () =>
    page.evaluate(
      () =>
        new Promise((resolve) =>
          window.onTracardiReady.bind(({ context, config, tracker }) =>
            resolve({ context, source: config.source.id, isIt: tracker === window.tracardi.default }),
          ),
        ),
    );
  return { context, page, ready, said };
}

for (const path of ["/theirs", "/theirs-plain", "/theirs-older", "/theirs-verbatim"]) {
  test(`a loader of the reference works: ${path}`, async () => {
    const { context, page, ready, said } = await open(path);
    const { context: answer, isIt, source } = await ready();
    assert.ok(answer.profile.id);
    assert.deepEqual([isIt, source], [true, SOURCE]);
    await until(count(`type = 'queued' AND profile_id = '${answer.profile.id}'`), (n) => n === 1, "the queue, once");
    await page.evaluate(() => window.tracker.track("late", { n: 1 }));
    await until(count(`type = 'late' AND profile_id = '${answer.profile.id}'`), (n) => n === 1, "later calls");
    assert.deepEqual(said.filter((text) => !text.includes("404")), []);
    await context.close();
  });
}

test("the whole interface is there", async () => {
  const { context, page, ready } = await open("/theirs");
  await ready();
  const seen = await page.evaluate(async () => {
    const tracker = window.tracardi.default;
    const heard = [];
    const off = tracker.on("track", ({ payload }) => heard.push(payload.event));
    tracker.once("trackEnd", () => heard.push("end"));
    await tracker.track("one", { n: 1 }, {}, () => heard.push("callback"));
    const fired = await tracker.track("two", {}, { fire: true });
    off();
    await tracker.track("three");
    await tracker.identify("C-7", { email: "bo@example.com" });
    tracker.setAnonymousId("anon-1");
    tracker.storage.setItem("mine", { a: 1 });
    const known = {
      user: tracker.user("userId"),
      email: tracker.user("traits.email"),
      anonymous: tracker.getState("user.anonymousId"),
      last: tracker.getState("track.last.event"),
      stored: tracker.storage.getItem("mine"),
      config: window.config.source.id,
    };
    tracker.storage.removeItem("mine");
    await new Promise((done) => tracker.ready(done));
    await tracker.reset();
    return {
      heard,
      fired: [fired.status, typeof fired.data.profile.id],
      known,
      after: [tracker.user("userId"), tracker.storage.getItem("mine") ?? null],
    };
  });
  assert.deepEqual(seen.heard.sort(), ["callback", "end", "one", "two"]);
  assert.deepEqual(seen.fired, [200, "string"]);
  assert.deepEqual(seen.known, {
    user: "C-7",
    email: "bo@example.com",
    anonymous: "anon-1",
    last: "three",
    stored: { a: 1 },
    config: SOURCE,
  });
  assert.deepEqual(seen.after, [null, null]);
  await context.close();
});

test("it is ready also when the first request fails", async () => {
  await built.kith.goAway();
  const context = await built.browser.newContext();
  const page = await context.newPage();
  await built.kith.comeBack();
  await page.goto(`${built.site.url}/empty`);
  await page.route("**/track", (route) => route.abort());
  await page.goto(`${built.site.url}/theirs`);
  const told = await page.evaluate(
    () => new Promise((resolve) => window.onTracardiReady.bind(({ context }) => resolve(context))),
  );
  assert.equal(told.profile.id, null);
  assert.ok(told.session.id);
  await context.close();
});

test("who was known to the reference's script stays the same person in the same visit", async () => {
  const first = await open("/theirs");
  const { context: before } = await first.ready();
  await first.context.close();
  // What its script leaves in a browser: JSON in the storage, and a session that lasts half an hour.
  const { context, page, ready } = await open(
    "/theirs",
    `localStorage.setItem("tracardi-profile-id", JSON.stringify("${before.profile.id}"));
     document.cookie = "tracardi-session-id=${before.session.id}; Path=/; Max-Age=1800";`,
  );
  const { context: after } = await ready();
  assert.equal(after.profile.id, before.profile.id);
  assert.equal(after.session.id, before.session.id);
  const kept = await page.evaluate(() => localStorage.getItem("tracardi-profile-id"));
  assert.ok(kept.includes(before.profile.id));
  await context.close();
});

test("its visits last half an hour, also when the browser was closed meanwhile", async () => {
  const somebody = await person();
  const visit = async () => {
    const context = await somebody.open();
    const page = await context.newPage();
    await page.goto(`${built.site.url}/theirs`);
    const told = await page.evaluate(
      () => new Promise((resolve) => window.onTracardiReady.bind(({ context }) => resolve(context))),
    );
    await context.close();
    return told.session.id;
  };
  assert.equal(await visit(), await visit());
  await somebody.forget();
});
