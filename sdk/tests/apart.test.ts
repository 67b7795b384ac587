// What belongs to one visitor, visit, view or source stays with it, whatever becomes of the page.
import { describe, expect, it, vi } from "vitest";
import { clearCookies, goTo, leaveOffline, leavePage, openPage, parts, pass, queued, server, stored, visit, warned } from "./support.js";

const MINUTE = 60000;
const PASS = "?__tr_pid=P9&__tr_src=blog&__tr_sig=signed";
const eventOf = (type: string) => server.payloads().flatMap(({ events }) => events).find((event) => event["type"] === type)!;
const payloadOf = (type: string) => server.payloads().find((payload) => payload?.events.some((event) => event["type"] === type))!;

describe("who signs out", () => {
  it("is not handed over again by the address that brought them, in no tab and after no reload", async () => {
    goTo("https://shop.example/" + PASS + "&a=1");
    const kith = await visit("of-ann");
    expect(payloadOf("of-ann").context["tracardi"]).toEqual({ pass: { profile: "P9", source: "blog", signature: "signed" } });
    kith.reset();
    void kith.track("of-bob");
    await pass();
    await visit("reloaded");
    for (const type of ["of-bob", "reloaded"]) {
      expect(payloadOf(type).context["tracardi"]).toBeUndefined();
      expect((eventOf(type)["context"] as any).page.url).toBe("https://shop.example/?__tr_src=blog&__tr_sig=signed&a=1");
    }
    goTo("https://shop.example/" + PASS.replace("signed", "anew"));
    await visit("handed over anew");
    expect(payloadOf("handed over anew").context["tracardi"]).toMatchObject({ pass: { profile: "P9" } });
  });

  it("before consent leaves nothing to the next, and nothing is stored", async () => {
    goTo("https://shop.example/" + PASS);
    const kith = await openPage({ consent: true });
    void kith.identify({ email: "ann@example.com" });
    kith.reset();
    void kith.track("of-bob");
    expect(stored()).toEqual([]);
    kith.consent(true);
    await pass(1000);
    const [ann, bob] = [payloadOf("identification"), payloadOf("of-bob")];
    expect(ann.session.id).not.toBe(bob.session.id);
    expect(ann.profile).toBeNull();
    expect(ann.context["tracardi"]).toBeDefined();
    expect(bob.context["tracardi"]).toBeUndefined();
    expect(kith.ids().session).toBe(bob.session.id);
  });

  it("takes along what was fetched about them, also what is still under way", async () => {
    const external = [{ url: "/me", storage: "me", key: "me" }];
    let late: (answer: object) => void = () => undefined;
    server.script.push(new Promise((resolve) => (late = resolve)), { body: { name: "Bob" } });
    const kith = await openPage({ external });
    await pass();
    kith.reset();
    late({ body: { name: "Ann" } });
    void kith.track("of-bob");
    await pass(1000);
    void kith.track("again");
    await pass();
    expect(localStorage.getItem("me")).toBe('{"name":"Bob"}');
    expect(payloadOf("again").context["me"]).toEqual({ name: "Bob" });
    expect(JSON.stringify(server.payloads())).not.toContain("Ann");
  });
});

describe("the end of a view", () => {
  const setup = { auto: { views: true, time: true } };

  it("is of who has seen it: who signs out, and nobody after them", async () => {
    const kith = await visit("looked", setup);
    await pass(3000);
    const { session } = kith.ids();
    kith.reset();
    await pass();
    expect(payloadOf("visible-time").session.id).toBe(session);
    leavePage();
    expect(server.beacons).toHaveLength(0);
    expect(kith.ids().session).toBeUndefined();
  });

  it("begins no visit half an hour later", async () => {
    const kith = await visit("looked", setup);
    const { session } = kith.ids();
    await pass(31 * MINUTE);
    leavePage();
    const { session: sent, events } = await server.beacons[0]!.payload;
    expect(events.map(({ type }) => type)).toEqual(["visible-time"]);
    expect(sent.id).toBe(session);
  });

  it("that was there before the part was: the next one is counted", async () => {
    parts.areGone = true;
    const kith = await openPage({ auto: { views: true } });
    await pass(0);
    goTo("https://shop.example/home");
    parts.areGone = false;
    const { default: auto } = await import("../src/parts/auto.js");
    const track = vi.fn();
    auto({ kith: { ...kith, track }, setup: { auto: { views: true } }, attempt: (call: () => void) => call(), kept: { read: () => undefined }, url: "https://shop.example/shoes" } as never);
    expect(track.mock.calls).toEqual([["page-view"]]);
    warned();
  });

  it("is not where the next comes from, when the browser shows the page again", async () => {
    Object.defineProperty(document, "referrer", { configurable: true, value: "https://search.example/" });
    await openPage({ auto: { views: true } });
    await pass();
    window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
    await pass();
    const hosts = server.payloads().flatMap(({ events }) => events).map((event) => (event["context"] as any).page.referer.host);
    expect(hosts).toEqual(["search.example", "shop.example"]);
    delete (document as { referrer?: string }).referrer;
  });
});

describe("a storage that the page empties", () => {
  it("takes no event with it", async () => {
    const kith = await openPage();
    void kith.track("order-completed");
    void kith.track("looked");
    await Promise.resolve();
    localStorage.clear();
    await pass();
    expect(server.types()).toEqual([["order-completed", "looked"]]);
  });

  it("nor one that waits, whoever signs out, nor a refusal", async () => {
    const kith = await visit();
    server.script.push(new Error("offline"), new Error("offline"));
    void kith.track("order-completed");
    await pass();
    localStorage.clear();
    kith.reset();
    localStorage.clear();
    leaveOffline();
    expect(queued()).toHaveLength(1);
    server.script = [];
    await visit("next");
    await pass(1000);
    expect(payloadOf("order-completed").profile).toEqual({ id: "P1" });
    const again = await visit();
    again.consent(false);
    localStorage.clear();
    await pass();
    expect(server.last().events).toMatchObject([{ type: "consent-update" }]);
  });

  it("is told from another page that has sent it", async () => {
    const kith = await openPage();
    void kith.track("sent by the other");
    await pass(1);
    for (const key of queued()) localStorage.removeItem(key);
    await pass(1000);
    expect(server.posts).toHaveLength(0);
  });
});

it("sources whose names begin alike have queues of their own", async () => {
  server.script.push(new Error("offline"));
  await visit("of-eu", { source: "shop:eu" });
  leaveOffline();
  await visit("of-shop");
  await pass(1000);
  expect(server.payloads().slice(1).flatMap(({ events }) => events.map(({ type }) => type))).toEqual(["of-shop"]);
  expect(queued()).toHaveLength(1);
  await visit("later", { source: "shop:eu" });
  await pass(1000);
  expect(payloadOf("of-eu").source.id).toBe("shop:eu");
  expect(queued()).toEqual([]);
  clearCookies();
});

describe("a consent that is given in another tab", () => {
  it("lets go what this one holds, at once or when it is left", async () => {
    const [one, two] = [await openPage({ consent: true }), await openPage({ consent: true })];
    void one.track("held");
    two.consent(true);
    await pass(0);
    window.dispatchEvent(new StorageEvent("storage", { key: "kith-consent" }));
    await pass();
    expect(server.types()).toEqual([["held"]]);
    leavePage();
    two.consent(false);
    await pass();
    const [three, four] = [await openPage({ consent: true }), await openPage({ consent: true })];
    void three.track("held until it goes");
    four.consent(true);
    await pass(0);
    leavePage();
    const beacons = await Promise.all(server.beacons.map(({ payload }) => payload));
    expect(beacons.flatMap(({ events }) => events.map(({ type }) => type))).toEqual(["held until it goes"]);
  });
});

it("what the script itself says needs no category", async () => {
  const categories = { analytics: ["*"] };
  const kith = await openPage({ categories });
  kith.consent({ analytics: true });
  void kith.track("looked");
  await pass();
  kith.consent({ analytics: false });
  void kith.track("looked");
  await pass();
  expect(server.types()).toEqual([["consent-update", "looked"], ["consent-update"]]);
  expect(server.last().events[0]).toMatchObject({ properties: { consents: { analytics: false }, partial: true } });
});
