// Nothing is stored or sent against the visitor's will.
import { beforeEach, describe, expect, it, vi } from "vitest";
import {
  expectNothingEverStored, expectNothingWritten, goTo, leaveOffline, leavePage, navigatorHas, openPage, parts, pass, server,
  stored, visit, warned, watchStored,
} from "./support.js";

beforeEach(watchStored);

describe("before consent", () => {
  it("nothing is stored and nothing sent", async () => {
    const kith = await visit("page-view", { consent: true, external: [{ url: "/x", storage: "x", key: "x" }], context: { location: true } });
    void kith.track("fired", {}, { fire: true });
    void kith.track("beacon", {}, { asBeacon: true });
    await pass(60000);
    document.dispatchEvent(new Event("visibilitychange"));
    window.dispatchEvent(new Event("online"));
    leavePage();
    await pass(1000);
    expect(server.posts).toHaveLength(0);
    expect(server.beacons).toHaveLength(0);
    expect(kith.ids()).toEqual({});
    expectNothingEverStored();
  });

  it("events are held and sent once it is given, with the time at which they happened", async () => {
    const kith = await openPage({ consent: true });
    const answer = kith.track("held", { n: 1 });
    await pass(5000);
    kith.consent(true);
    await pass();
    expect(server.types()).toEqual([["held"]]);
    expect(server.last().events[0]!["time"]).toEqual({ create: "2026-01-05T10:00:00.000Z" });
    expect((await answer)?.profile.id).toBe("P1");
    expect(document.cookie).toContain("tracardi-session-id=");
  });

  it("what is held goes as it was asked for, whatever the page does with the options later", async () => {
    const kith = await openPage({ consent: true });
    const options = { fire: true, mark: "first" };
    void kith.track("first", {}, options);
    Object.assign(options, { fire: false, mark: "second" });
    void kith.track("second", {}, options);
    kith.consent(true);
    await pass();
    expect(server.types()).toEqual([["first"], ["second"]]);
    expect(server.payloads().map(({ events }) => events[0]!["options"])).toEqual([
      { fire: true, mark: "first" },
      { fire: false, mark: "second" },
    ]);
  });

  it("what is held stays as it was", async () => {
    const kith = await openPage({ consent: true });
    const properties = { sku: "42" };
    void kith.track("held", properties);
    properties.sku = "43";
    kith.consent(true);
    await pass();
    expect(server.last().events[0]!["properties"]).toEqual({ sku: "42" });
  });

  it("what was stored before the page began to ask is neither used nor sent", async () => {
    server.script.push({}, new Error("offline"));
    const before = await visit();
    void before.track("queued");
    await pass();
    leaveOffline();
    const kith = await openPage({ consent: true });
    await pass(60000);
    leavePage();
    expect(server.posts).toHaveLength(2);
    expect(server.beacons).toHaveLength(0);
    expect(kith.ids()).toEqual({});
  });

  it("so much is held and no more; page views give way to orders, and what is lost is told", async () => {
    const kith = await openPage({ consent: true });
    void kith.track("order-completed");
    const first = kith.track("page-view", { text: "x".repeat(400000) });
    for (let n = 0; n < 3; n++) void kith.track("looked", { n, text: "x".repeat(300000) });
    expect(await first).toBeUndefined();
    kith.consent(true);
    await pass(1000);
    const sent = [...server.kept.values()];
    const types = sent.map((event) => event["type"]);
    expect(types).toEqual(expect.arrayContaining(["order-completed", "looked", "events-lost"]));
    expect(types).not.toContain("page-view");
    const lost = sent.find((event) => event["type"] === "events-lost")!["properties"];
    expect(lost).toEqual({ types: { "page-view": 1, looked: 3 - types.filter((type) => type === "looked").length || undefined } });
    expect(warned()).toHaveLength(1);
  });

  it("a consent that was given is remembered", async () => {
    const kith = await openPage({ consent: true });
    kith.consent(true);
    await visit("on the next page", { consent: true });
    expect(server.types()).toEqual([["on the next page"]]);
  });
});

describe("a refusal", () => {
  it("drops what was held, and nothing was ever stored", async () => {
    const kith = await openPage({ consent: true });
    const answer = kith.track("held");
    kith.consent(false);
    void kith.track("later");
    await pass(60000);
    leavePage();
    expect(await answer).toBeUndefined();
    expect(server.posts).toHaveLength(0);
    expect(server.beacons).toHaveLength(0);
    expectNothingWritten();
  });

  it("removes what there was", async () => {
    const kith = await visit("page-view", { consent: true, external: [] });
    kith.consent(true);
    await pass();
    server.script.push(new Error("offline"));
    void kith.track("queued");
    await pass();
    expect(stored().length).toBeGreaterThan(3);
    kith.consent(false);
    expect(stored()).toEqual([expect.stringContaining("kith-q:")]);
    await pass(60000);
    // Nothing stays but the word to the server, until it has heard it.
    expect(server.types()).toEqual([["page-view"], ["queued"], ["consent-update"]]);
    expect(stored()).toEqual([]);
  });

  it.each([{}, { status: 503 }])("counts for answers that are still to come: %j", async (scripted) => {
    let answer: (scripted: object) => void = () => undefined;
    const kith = await openPage();
    server.script.push(new Promise((resolve) => (answer = resolve)));
    void kith.track("page-view");
    await pass();
    kith.consent(false);
    answer(scripted);
    await pass(5000);
    expect(Object.keys(localStorage)).toEqual(["kith-consent"]);
    expect(document.cookie).toBe("");
    expect(server.posts).toHaveLength(1);
  });

  it("is remembered where consent is not asked for", async () => {
    const kith = await openPage();
    kith.consent(false);
    await visit();
    expect(server.posts).toHaveLength(0);
    (await openPage()).consent(true);
    await visit();
    expect(server.types()).toEqual([["page-view"]]);
  });

  it("in one tab counts in the other", async () => {
    const one = await openPage({ consent: true });
    const two = await openPage({ consent: true });
    one.consent(true);
    void two.track("with consent");
    await pass();
    one.consent(false);
    void two.track("without");
    await pass(1000);
    expect(server.types()).toEqual([["with consent"], ["consent-update"]]);
    expect(stored()).toEqual([]);
  });

  it("in this tab ends when another one is told otherwise", async () => {
    const one = await openPage({ consent: true });
    const two = await openPage({ consent: true });
    one.consent(false);
    two.consent(true);
    void one.track("after");
    await pass();
    expect(server.types()).toEqual([["after"]]);
  });

  it("sends nothing of the page, and asks it nothing", async () => {
    goTo("https://shop.example/?token=SECRET");
    const beforeSend = vi.fn((event: object) => event as never);
    const kith = await visit("page-view", { beforeSend, maskQuery: ["token"] });
    beforeSend.mockClear();
    kith.consent(false);
    await pass();
    expect(server.last().events).toMatchObject([{ type: "consent-update", properties: { consents: {} }, context: {} }]);
    expect(Object.keys(server.last().events[0]!["context"] as object)).toEqual([]);
    expect(server.posts.map(({ init }) => init.body).join()).not.toContain("SECRET");
    expect(beforeSend).not.toHaveBeenCalled();
  });

  it("also removes what the parts have stored before they came", async () => {
    localStorage.setItem("crm", "{}");
    parts.areGone = true;
    const kith = await openPage({ external: [{ url: "/crm", storage: "crm", key: "crm" }] });
    await pass();
    kith.consent(false);
    parts.areGone = false;
    window.dispatchEvent(new Event("online"));
    await pass();
    expect(Object.keys(localStorage)).toEqual(["kith-consent"]);
    expect(warned().length).toBeGreaterThan(0);
  });

  it("can be taken back", async () => {
    const kith = await openPage({ consent: true });
    kith.consent(false);
    kith.consent(true);
    void kith.track("after");
    await pass();
    expect(server.types()).toEqual([["after"]]);
  });
});

describe("Do Not Track and Global Privacy Control", () => {
  const signals: [name: string, value: unknown][] = [
    ["doNotTrack", "1"],
    ["globalPrivacyControl", true],
  ];

  it.each(signals)("are honoured when asked: %s", async (name, value) => {
    navigatorHas(name, value);
    const onInit = vi.fn();
    const kith = await visit("page-view", { respectDoNotTrack: true, consent: true, events: [["auto"]], onInit });
    expect(onInit).not.toHaveBeenCalled();
    kith.consent(true);
    expect(await kith.track("later")).toBeUndefined();
    await pass(1000);
    leavePage();
    expect(server.posts).toHaveLength(0);
    expect(server.beacons).toHaveLength(0);
    expectNothingEverStored();
  });

  it.each(signals)("are not when not asked: %s", async (name, value) => {
    navigatorHas(name, value);
    await visit();
    expect(server.posts).toHaveLength(1);
  });

  it("that say nothing change nothing", async () => {
    navigatorHas("doNotTrack", "0");
    navigatorHas("globalPrivacyControl", false);
    await visit("page-view", { respectDoNotTrack: true });
    expect(server.posts).toHaveLength(1);
  });
});
