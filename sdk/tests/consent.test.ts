// Nothing is stored or sent against the visitor's will.
import { beforeEach, describe, expect, it, vi } from "vitest";
import { goTo, leaveOffline, leavePage, navigatorHas, openPage, pass, parts, queued, server, visit, warned, watchCookies } from "./support.js";

let cookies: string[];
let written: string[];

beforeEach(() => {
  cookies = watchCookies();
  written = [];
  for (const storage of [localStorage, sessionStorage]) {
    const original = storage.setItem.bind(storage);
    vi.spyOn(Object.getPrototypeOf(storage), "setItem").mockImplementation((...[key, value]: unknown[]) => {
      written.push(key as string);
      original(key as string, value as string);
    });
  }
});

const stored = () => [...Object.keys(localStorage), ...Object.keys(sessionStorage), document.cookie].filter(Boolean);

/** The strict sense: not even for a moment. */
function expectNothingEverStored(): void {
  expect(cookies).toEqual([]);
  expect(written).toEqual([]);
  expect(stored()).toEqual([]);
}

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
    expect(written).toEqual([]);
    expect(stored()).toEqual([]);
    for (const text of cookies) expect(text).toContain("Max-Age=-1");
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

describe("named consents", () => {
  it("go to the profile, all at once", async () => {
    const kith = await openPage({ consent: true });
    kith.consent({ newsletter: true, ads: false });
    await pass();
    expect(server.last().events[0]).toMatchObject({
      type: "consent-update",
      properties: { consents: { newsletter: true, ads: false }, partial: true },
    });
  });

  it("refuse when all of them do", async () => {
    const kith = await openPage({ consent: true });
    kith.consent({ newsletter: false, ads: false });
    void kith.track("later");
    await pass();
    expect(server.posts).toHaveLength(0);
  });

  it("refuse when the one that is needed does", async () => {
    const kith = await openPage({ consent: "analytics" });
    kith.consent({ newsletter: true, analytics: false });
    void kith.track("later");
    await pass();
    expect(server.posts).toHaveLength(0);
    kith.consent({ newsletter: false, analytics: true });
    await pass();
    expect(server.types()).toEqual([["consent-update"]]);
  });

  it("about something else leave everything as it is", async () => {
    const kith = await openPage({ consent: "analytics" });
    void kith.track("held");
    kith.consent({ newsletter: true });
    kith.consent({ newsletter: false });
    await pass();
    expect(server.posts).toHaveLength(0);
    expectNothingEverStored();
    kith.consent({ analytics: true });
    kith.consent({ newsletter: true });
    kith.consent({});
    void kith.track("later");
    await pass();
    expect(server.types()).toEqual([
      ["consent-update", "consent-update", "consent-update", "consent-update", "consent-update", "held", "later"],
    ]);
    expect(kith.ids().profile).toBe("P1");
  });

  it.each([[undefined], [true]])("refuse when nothing that was granted is left, also at a later page: consent %s", async (consent) => {
    const setup = consent === undefined ? {} : { consent };
    (await openPage(setup)).consent({ analytics: true, newsletter: true });
    await pass();
    const kith = await openPage(setup);
    kith.consent({ newsletter: false });
    expect(kith.ids().profile).toBe("P1");
    kith.consent({ analytics: false });
    expect(kith.ids()).toEqual({});
    void kith.track("later");
    await pass();
    expect(server.types().flat()).not.toContain("later");
  });

  it.each(["denied", "true", 1, {}, { granted: false }, { granted: true, until: "soon" }])("grant with nothing but true: %j", async (word) => {
    for (const consent of [true, "analytics"]) {
      const kith = await openPage({ consent });
      void kith.track("held");
      kith.consent({ analytics: word as never });
      if (Object(word) !== word) kith.consent(word as never);
      await pass();
    }
    expect(server.posts).toHaveLength(0);
    expect(stored()).toEqual([]);
  });

  it("that were given where nothing was asked are no answer to what is asked later", async () => {
    (await visit()).consent({ newsletter: true });
    await pass();
    const before = server.posts.length;
    await visit("later", { consent: "analytics" });
    expect(server.posts).toHaveLength(before);
  });

  it("tell the server of a withdrawal before everything is forgotten", async () => {
    const kith = await visit();
    const { session } = server.last();
    kith.consent({ newsletter: false });
    expect(localStorage.getItem("tracardi-profile-id")).toBeNull();
    await pass();
    expect(server.last()).toMatchObject({
      session,
      profile: { id: "P1" },
      events: [{ type: "consent-update", properties: { consents: { newsletter: false }, partial: true } }],
    });
    expect(Object.keys(server.last().context)).toEqual([]);
  });

  it.each([["unreachable", new Error("offline")], ["busy", { status: 503 }]])(
    "taken back while the server is %s reach it from a later page, before everything else",
    async (_, failure) => {
      const kith = await visit("page-view", { consent: true });
      kith.consent({ newsletter: true });
      await pass();
      server.script.push(failure, failure);
      kith.consent(false);
      await pass(100);
      leaveOffline();
      expect(stored()).toEqual([expect.stringContaining("kith-q:")]);
      server.script = [];
      const next = await openPage({ consent: true });
      next.consent({ newsletter: true });
      void next.track("later");
      await pass(1000);
      const last = server.payloads().slice(-2);
      expect(last.map(({ events }) => events.map((event) => event["type"]))).toEqual([
        ["consent-update"],
        ["consent-update", "later"],
      ]);
      expect(last[0]).toMatchObject({ profile: { id: "P1" }, events: [{ properties: { consents: {} } }] });
    },
  );

  it("go before everything else that waits", async () => {
    const kith = await openPage();
    void kith.track("page-view");
    void kith.track("looked");
    kith.consent({ newsletter: true });
    await pass();
    expect(server.types()).toEqual([["consent-update", "page-view", "looked"]]);
  });
});

describe("categories", () => {
  const categories = { marketing: ["ad-*"], research: ["survey-answered"] };
  const open = () => openPage({ consent: "analytics", categories });

  it("let go what the visitor has agreed to, hold the rest, and drop what was declined", async () => {
    const kith = await open();
    void kith.track("page-view");
    void kith.track("ad-seen");
    void kith.track("survey-answered");
    void kith.track("liked", {}, { category: "marketing" });
    kith.consent({ analytics: true, marketing: false });
    await pass();
    expect(server.types().flat()).toEqual(["consent-update", "page-view"]);
    kith.consent({ analytics: true, research: true });
    await pass();
    expect(server.types().flat()).toEqual(["consent-update", "page-view", "consent-update", "survey-answered"]);
  });

  it("are remembered", async () => {
    (await open()).consent({ analytics: true, marketing: true });
    await pass();
    const next = await open();
    void next.track("ad-seen");
    await pass();
    expect(server.types().flat()).toContain("ad-seen");
  });

  it("are declined for their events alone", async () => {
    const kith = await openPage({ categories });
    kith.consent({ marketing: false });
    for (const one of [kith, await openPage({ categories })]) {
      void one.track("page-view");
      void one.track("ad-seen");
      await pass();
    }
    expect(server.types().flat()).toEqual(["consent-update", "page-view", "page-view"]);
  });

  it("are remembered from before, and what was said to them before the rest", async () => {
    localStorage.setItem("kith-categories", '{"research":true}');
    const kith = await open();
    kith.consent({ marketing: true });
    kith.consent({ analytics: true });
    for (const type of ["ad-seen", "survey-answered"]) void kith.track(type);
    await pass();
    expect(server.types().flat()).toEqual(expect.arrayContaining(["ad-seen", "survey-answered"]));
  });

  it("hold everything in memory while the part that knows them has not come", async () => {
    parts.areGone = true;
    const kith = await open();
    kith.consent({ analytics: true, marketing: false });
    void kith.track("ad-seen");
    await pass(1000);
    expect(server.posts).toHaveLength(0);
    expect(queued()).toEqual([]);
    parts.areGone = false;
    window.dispatchEvent(new Event("online"));
    await pass(1000);
    expect(server.types().flat()).toEqual(["consent-update"]);
    expect(warned().length).toBeGreaterThan(0);
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
