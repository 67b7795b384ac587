// What has not gone out when the page goes, goes as a beacon.
import { describe, expect, it, vi } from "vitest";
import { leavePage, navigatorHas, openPage, pass, queued, server, URL_, visit } from "./support.js";

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
    leavePage();
    expect(server.beacons.length).toBeGreaterThan(1);
    for (const { blob } of server.beacons) expect(blob.size).toBeLessThan(60000);
    expect((await beaconTypes()).flat()).toHaveLength(10);
  });

  it("nothing goes out when nothing waits", async () => {
    await visit();
    leavePage();
    expect(server.beacons).toHaveLength(0);
  });

  it("a request that outlives the page takes the place of a beacon that was not taken", async () => {
    server.beaconsTaken = false;
    const kith = await openPage();
    void kith.track("leaving");
    leavePage();
    await pass(0);
    expect(server.types()).toEqual([["leaving"]]);
    expect(server.posts[0]!.init.keepalive).toBe(true);
  });

  it("what neither takes stays for the next page", async () => {
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
  it("sends a beacon at once, and nothing else", async () => {
    const kith = await openPage();
    const answer = kith.track("clicked", { to: "/" }, { asBeacon: true });
    expect(await beaconTypes()).toEqual([["clicked"]]);
    expect(await answer).toBeUndefined();
    await pass(60000);
    expect(server.posts).toHaveLength(0);
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
