// Consents by name: what each of them grants, refuses, and leaves as it is.
import { beforeEach, describe, expect, it } from "vitest";
import { expectNothingEverStored, leaveOffline, openPage, parts, pass, queued, server, stored, visit, warned, watchStored } from "./support.js";

beforeEach(watchStored);

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

  it("that the visitor has not agreed to are not told of, also where there was no room for their events", async () => {
    const kith = await open();
    const text = "x".repeat(400000);
    for (const type of ["ad-seen", "survey-answered"]) void kith.track(type, { text });
    for (let n = 0; n < 2; n++) void kith.track("order-completed", { text });
    kith.consent({ analytics: true, marketing: false });
    await pass(1000);
    expect(server.types().flat()).toEqual(["consent-update", "order-completed", "order-completed"]);
    void kith.track("page-view", { text });
    for (const type of ["ad-seen", "survey-answered"]) void kith.track(type, { text });
    await pass(1000);
    expect(server.types().flat().slice(3)).toEqual(["page-view"]);
    expect(warned()).toHaveLength(1);
  });

  it("that the visitor has agreed to are told of", async () => {
    const kith = await open();
    const text = "x".repeat(400000);
    for (const type of ["page-view", "ad-seen", "survey-answered"]) void kith.track(type, { text });
    for (let n = 0; n < 2; n++) void kith.track("order-completed", { text });
    kith.consent({ analytics: true, marketing: false, research: true });
    await pass(1000);
    const lost = [...server.kept.values()].find(({ type }) => type === "events-lost")!;
    expect(lost["properties"]).toEqual({ types: { "page-view": 1, "survey-answered": 1 } });
    expect(warned()).toHaveLength(1);
  });

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
