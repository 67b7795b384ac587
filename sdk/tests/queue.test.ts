// The queue outlives the page, is bounded, and is sent by one tab at a time.
import { describe, expect, it, vi } from "vitest";
import { goTo, leaveOffline, leavePage, navigatorHas, openPage, pass, queued, server, visit } from "./support.js";

const OFFLINE = (times = 1) => Array.from({ length: times }, () => new Error("offline"));

describe("across page loads", () => {
  it("what could not be sent is sent by the next page, once", async () => {
    server.script.push(...OFFLINE());
    await visit("offline");
    leaveOffline();
    expect(server.beacons).toHaveLength(0);
    await visit("online");
    expect(server.types()).toEqual([["offline"], ["offline", "online"]]);
    expect(queued()).toEqual([]);
    await pass(120000);
    expect(server.posts).toHaveLength(2);
  });

  it("what was on its way when the page went is sent again, with the same id", async () => {
    server.script.push(new Promise(() => undefined));
    await visit("on its way");
    leavePage();
    expect(server.beacons).toHaveLength(0);
    await openPage();
    await pass(1000);
    // The browser goes on with such a request: it has its time first.
    expect(server.posts).toHaveLength(1);
    await pass(35000);
    expect(server.posts).toHaveLength(2);
    const [first, second] = server.payloads();
    expect(second!.events).toEqual(first!.events);
    expect(queued()).toEqual([]);
  });

  it("the campaign of the landing page goes along", async () => {
    goTo("https://shop.example/?utm_source=mail&utm_campaign=spring");
    server.script.push(...OFFLINE());
    await visit("landing");
    leaveOffline();
    goTo("https://shop.example/next");
    await visit("next");
    expect(server.last().events).toHaveLength(2);
    expect(server.last().context["utm"]).toEqual({ source: "mail", campaign: "spring" });
  });

  it("what is too old to be known as repeated is not sent", async () => {
    server.script.push(...OFFLINE());
    await visit("old");
    leaveOffline();
    vi.setSystemTime(Date.now() + 15 * 86400000);
    await visit("new");
    expect(server.types()).toEqual([["old"], ["new"]]);
    expect(queued()).toEqual([]);
  });

  it("what somebody has broken is passed over", async () => {
    localStorage.setItem("kith-q:shop:1-x", "{broken");
    localStorage.setItem("kith-q:shop:2-x", "{}");
    await visit();
    expect(server.types()).toEqual([["page-view"]]);
    expect(queued()).toEqual([]);
  });
});

describe("bounds", () => {
  it("in number: the oldest make room", async () => {
    const { createOutbox } = await import("../src/outbox.js");
    const outbox = createOutbox("shop");
    const entry = (n: number) => ({ at: Date.now(), session: "S", carry: {}, claimed: 0, event: { id: "e" + n } });
    for (let n = 0; n < 510; n++) outbox.add(entry(n));
    const ids = outbox.all().map(({ event }) => event["id"]);
    expect(ids).toHaveLength(500);
    expect(ids[0]).toBe("e10");
    expect(ids[499]).toBe("e509");
  });

  it("in size: the oldest make room, the newest stays whatever its size", async () => {
    const { createOutbox } = await import("../src/outbox.js");
    const outbox = createOutbox("shop");
    const add = (id: string, length: number) =>
      outbox.add({ at: Date.now(), session: "S", carry: {}, claimed: 0, event: { id, text: "x".repeat(length) } });
    add("a", 600000);
    add("b", 600000);
    expect(outbox.all().map(({ event }) => event["id"])).toEqual(["b"]);
    add("c", 1500000);
    expect(outbox.all().map(({ event }) => event["id"])).toEqual(["c"]);
  });

  it("of the browser: what it does not take is sent from memory", async () => {
    const set = vi.fn(() => {
      throw new DOMException("full", "QuotaExceededError");
    });
    vi.stubGlobal("localStorage", { getItem: () => null, setItem: set, removeItem: () => undefined });
    await visit();
    expect(server.types()).toEqual([["page-view"]]);
    expect(set).toHaveBeenCalled();
  });
});

describe("two tabs", () => {
  const openTwo = async () => {
    server.script.push(...OFFLINE());
    await visit("stored");
    leaveOffline();
    server.posts = [];
    return [await openPage(), await openPage()] as const;
  };

  it("do not both send the stored queue", async () => {
    const [one, two] = await openTwo();
    void one.track("in one");
    void two.track("in two");
    await pass(5000);
    const sent = server.types().flat();
    expect(sent.sort()).toEqual(["in one", "in two", "stored"]);
    expect(queued()).toEqual([]);
  });

  it("do not both send it without locks either", async () => {
    navigatorHas("locks", undefined);
    const [one, two] = await openTwo();
    void one.track("in one");
    void two.track("in two");
    await pass(10000);
    expect(server.types().flat().sort()).toEqual(["in one", "in two", "stored"]);
    expect(Object.keys(localStorage).filter((key) => key.startsWith("kith-lock"))).toEqual([]);
  });

  it("wait for each other", async () => {
    const [one, two] = await openTwo();
    let answer: (scripted: object) => void = () => undefined;
    server.script.push(new Promise((resolve) => (answer = resolve)));
    void one.track("in one");
    await pass(100);
    void two.track("in two");
    await pass(100);
    expect(server.types()).toEqual([["stored", "in one"]]);
    answer({});
    await pass(100);
    expect(server.types()).toEqual([["stored", "in one"], ["in two"]]);
  });

  it("that both found the lease free leave it to the one that wrote last", async () => {
    navigatorHas("locks", undefined);
    await visit("page-view", { events: [] });
    server.posts = [];
    const kith = await openPage();
    void kith.track("mine");
    await pass(60);
    expect(localStorage.getItem("kith-lock:shop")).toBeTruthy();
    localStorage.setItem("kith-lock:shop", Date.now() + 30000 + " theirs");
    await pass(20000);
    expect(server.posts).toHaveLength(0);
    await pass(15000);
    expect(server.types()).toEqual([["mine"]]);
  });

  it("go on when the one that had the lease is gone", async () => {
    navigatorHas("locks", undefined);
    localStorage.setItem("kith-lock:shop", Date.now() + 30000 + " somebody");
    await visit();
    await pass(20000);
    expect(server.posts).toHaveLength(0);
    await pass(15000);
    expect(server.posts).toHaveLength(1);
  });

  it("of which one leaves: what the other sends is left to it", async () => {
    server.script.push(new Promise(() => undefined));
    await visit("being sent");
    await openPage();
    window.dispatchEvent(new Event("pagehide"));
    expect(server.beacons).toHaveLength(0);
  });

  it("tell who waits that another has sent it", async () => {
    const kith = await openPage();
    const answer = kith.track("sent by the other");
    for (const key of queued()) localStorage.removeItem(key);
    await pass(1000);
    expect(await answer).toBeUndefined();
    expect(server.posts).toHaveLength(0);
  });
});
