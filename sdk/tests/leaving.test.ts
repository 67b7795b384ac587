// What has not gone out when the page goes, goes as a beacon.
import { describe, expect, it, vi } from "vitest";
import { leavePage, navigatorHas, openPage, parts, pass, queued, server, URL_, visit, warned } from "./support.js";

const beaconTypes = async () =>
  (await Promise.all(server.beacons.map((beacon) => beacon.payload))).map((payload) =>
    payload.events.map((event) => event["type"]),
  );

describe("on pagehide", () => {
  it("all that waits goes out as one beacon, in plain text", async () => {
    const kith = await openPage();
    void kith.track("first");
    void kith.track("second");
    leavePage();
    expect(server.beacons).toHaveLength(1);
    expect(server.beacons[0]!.url).toBe(URL_ + "/track");
    expect(server.beacons[0]!.blob.type).toBe("text/plain");
    expect(await beaconTypes()).toEqual([["first", "second"]]);
    const payload = await server.beacons[0]!.payload;
    expect(payload.source).toEqual({ id: "shop" });
    expect(payload.session.id).toBeTruthy();
  });

  it("as several when it is more than browsers let go", async () => {
    const kith = await openPage();
    for (let index = 0; index < 10; index++) void kith.track("large", { text: "é".repeat(8000) });
    void kith.track("order-completed");
    leavePage();
    const given = (await beaconTypes()).flat();
    expect(given).toContain("order-completed");
    expect(given.length).toBeGreaterThan(2);
    // What the browser did not take is sent by the next page at once, and what it took later.
    await openPage();
    await pass(1000);
    const rest = server.types().flat();
    expect(rest).toHaveLength(11 - given.length);
    expect(rest).not.toContain("order-completed");
    await pass(31000);
    expect(server.kept.size).toBe(11);
  });

  it("nothing goes out when nothing waits", async () => {
    await visit();
    leavePage();
    expect(server.beacons).toHaveLength(0);
  });

  it("what the browser does not take stays for the next page", async () => {
    server.beaconsTaken = false;
    const kith = await openPage();
    void kith.track("huge", { text: "x".repeat(70000) });
    leavePage();
    expect(server.posts).toHaveLength(0);
    await openPage();
    await pass();
    expect(server.types()).toEqual([["huge"]]);
    expect(server.posts[0]!.init.keepalive).toBe(false);
  });

  it("the next page makes sure, with the same ids", async () => {
    const kith = await openPage();
    void kith.track("leaving");
    leavePage();
    await visit("next");
    expect(server.types()).toEqual([["next"]]);
    await pass(31000);
    expect(server.types()).toEqual([["next"], ["leaving"]]);
    const [beacon] = server.beacons;
    expect(server.last().events).toEqual((await beacon!.payload).events);
    expect(queued()).toEqual([]);
  });

  it("offline nothing is given away", async () => {
    navigatorHas("onLine", false);
    const kith = await openPage();
    void kith.track("offline");
    leavePage();
    expect(server.beacons).toHaveLength(0);
    expect(queued()).toHaveLength(1);
  });

  it("a page that comes back goes on", async () => {
    const kith = await openPage();
    void kith.track("leaving");
    window.dispatchEvent(new Event("pagehide"));
    await pass(20000);
    expect(server.posts).toHaveLength(0);
    await pass(20000);
    expect(server.posts).toHaveLength(1);
    void kith.track("back");
    await pass();
    expect(server.types()).toEqual([["leaving"], ["back"]]);
  });
});

describe("what waits for a part that has not come when the page goes", () => {
  const setup = { maskQuery: ["token"] };

  it.each([[setup], [{ beforeSend: (event: object) => event }], [{ categories: {} }]])("is told as lost by the next page: %j", async (setup) => {
    parts.areGone = true;
    const kith = await openPage(setup as object);
    void kith.track("order-completed");
    void kith.track("page-view");
    leavePage();
    parts.areGone = false;
    expect(server.beacons).toHaveLength(0);
    await visit("next", setup as object);
    const [lost] = [...server.kept.values()].filter(({ type }) => type === "events-lost");
    expect(lost).toMatchObject({ properties: { types: { "order-completed": 1, "page-view": 1 } } });
    await visit("next", setup as object);
    expect([...server.kept.values()].filter(({ type }) => type === "events-lost")).toHaveLength(1);
    expect(warned()).toContainEqual(["kith:", "lost", { "order-completed": 1, "page-view": 1 }]);
  });

  it("is remembered only while the visitor agrees", async () => {
    parts.areGone = true;
    const kith = await openPage({ ...setup, consent: true });
    void kith.track("held");
    const leave = () => window.dispatchEvent(new Event("pagehide"));
    leave();
    expect(Object.keys(localStorage)).toEqual([]);
    kith.consent(true);
    leave();
    expect(JSON.parse(localStorage.getItem("kith-lost")!)).toEqual({ held: 1 });
    kith.consent(false);
    expect(Object.keys(localStorage)).toEqual([]);
    await pass();
    warned();
  });

  it("comes while the page does", async () => {
    Object.defineProperty(document, "readyState", { configurable: true, value: "loading" });
    const kith = await openPage(setup);
    void kith.track("early");
    await pass();
    expect(queued()).toHaveLength(1);
    delete (document as { readyState?: string }).readyState;
    leavePage();
    expect(await beaconTypes()).toEqual([["early"]]);
  });
});

describe("when the page is hidden", () => {
  it("what waits goes out, since it may never be shown again", async () => {
    const kith = await openPage();
    void kith.track("hidden");
    document.dispatchEvent(new Event("visibilitychange"));
    await pass(1);
    expect(server.types()).toEqual([["hidden"]]);
  });
});

describe("asBeacon", () => {
  it("sends at once what outlives the page, and waits for nothing", async () => {
    server.script.push(new Promise(() => undefined));
    const kith = await openPage();
    const answer = kith.track("clicked", { to: "/" }, { asBeacon: true });
    expect(await answer).toBeUndefined();
    expect(server.types()).toEqual([["clicked"]]);
    expect(server.posts[0]!.init.keepalive).toBe(true);
  });

  it("is sent again when the server had no time", async () => {
    server.script.push({ status: 503 });
    const kith = await openPage();
    for (let n = 0; n < 100; n++) void kith.track("clicked", { n, text: "x".repeat(1000) }, { asBeacon: true });
    await pass(20000);
    expect(server.kept.size).toBe(100);
    expect(queued()).toEqual([]);
  });

  it("waits where there is no connection", async () => {
    navigatorHas("onLine", false);
    server.script.push(new Error("offline"));
    const kith = await openPage();
    void kith.track("clicked", {}, { asBeacon: true });
    await pass();
    expect(server.beacons).toHaveLength(0);
    expect(queued()).toHaveLength(1);
    await pass(2000);
    expect(server.kept.size).toBe(1);
  });

  it("works where there are no beacons", async () => {
    navigatorHas("sendBeacon", undefined);
    const kith = await openPage();
    void kith.track("clicked", {}, { asBeacon: true });
    await pass(0);
    expect(server.types()).toEqual([["clicked"]]);
    vi.clearAllTimers();
  });
});
