// The queue outlives the page, is bounded, and is sent by one tab at a time.
import { describe, expect, it, vi } from "vitest";
import type { Entry } from "../src/outbox.js";
import type { Rank } from "../src/ranked.js";
import { goTo, leaveOffline, leavePage, openPage, pass, queued, server, SETUP, visit, warned } from "./support.js";

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

  it("what was never sent is sent however old it seems, since the clock may be wrong", async () => {
    server.script.push(...OFFLINE());
    await visit("old");
    leaveOffline();
    vi.setSystemTime(Date.now() + 40 * 86400000);
    await visit("new");
    await pass(1000);
    expect([...server.kept.values()].map((event) => event["type"]).sort()).toEqual(["new", "old"]);
    expect(queued()).toEqual([]);
  });

  it("what may have arrived too long ago to be known as repeated is counted as lost", async () => {
    const kith = await openPage();
    void kith.track("given to the browser");
    leavePage();
    vi.setSystemTime(Date.now() + 40 * 86400000);
    await visit("new");
    await pass(1000);
    const types = [...server.kept.values()].map((event) => event["type"]);
    expect(types.sort()).toEqual(["events-lost", "new"]);
    expect(warned()).toEqual([["kith:", "lost", { "given to the browser": 1 }]]);
  });

  it("what is lost is counted by its type, also by one that all objects have something by", async () => {
    const kith = await openPage();
    for (const type of ["constructor", "__proto__"]) void kith.track(type);
    leavePage();
    vi.setSystemTime(Date.now() + 40 * 86400000);
    await visit("new");
    await pass(1000);
    const lost = [...server.kept.values()].find((event) => event["type"] === "events-lost")!;
    expect(JSON.stringify(lost["properties"])).toBe('{"types":{"constructor":1,"__proto__":1}}');
    expect(warned()).toHaveLength(1);
  });

  it("what the script before this one has stored is sent, as it happened", async () => {
    const [at, by] = [Date.now() - 60000, "00000000-0000-4000-8000-000000000001"];
    const store = (number: number, type: string) => {
      const head = JSON.stringify({ rank: 2, at, session: "S", carry: "{}", claimed: 0, by });
      const event = JSON.stringify({ id: type, type, properties: {} });
      localStorage.setItem("kith-q:shop:" + at + (1000000 + number) + by, head + "\n" + event);
    };
    store(1, "second");
    store(0, "first");
    await visit("now", { context: { page: false } });
    await pass(1000);
    expect(server.types().flat()).toEqual(["first", "second", "now"]);
    expect(server.payloads()[0]!.session.id).toBe("S");
    expect(queued()).toEqual([]);
  });

  it("what happened in one moment is sent in its order by the next page", async () => {
    server.script.push(...OFFLINE());
    const kith = await openPage();
    const types = Array.from({ length: 30 }, (_, n) => "event-" + n);
    for (const type of types) void kith.track(type);
    await pass();
    leaveOffline();
    await visit("next");
    expect(server.types().pop()).toEqual([...types, "next"]);
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
  const outboxOf = async (lost: (entry: Entry) => void) => {
    vi.resetModules();
    const { createOutbox } = await import("../src/outbox.js");
    const { createEvents } = await import("../src/event.js");
    const { createKeep } = await import("../src/names.js");
    const events = createEvents(SETUP, createKeep(SETUP));
    const lose = (entry: Entry) => {
      outbox.remove(entry);
      lost(entry);
    };
    const outbox = createOutbox("shop", lose, () => undefined);
    const add = (rank: Rank, id: string, length: number) =>
      outbox.add({ ...events.of(id, { text: "x".repeat(length) }), rank, session: "S" });
    return { add, outbox };
  };
  const idOf = ({ type }: Entry) => type;

  it("what is least worth gives way, the oldest first, and never a consent", async () => {
    const lost: string[] = [];
    const { add, outbox } = await outboxOf((entry) => lost.push(idOf(entry)));
    add(1, "order", 4e6);
    add(0, "consent", 4e6);
    for (let n = 0; n < 4; n++) add(3, "view" + n, 2e6);
    add(2, "looked", 1e6);
    expect(lost[0]).toBe("view0");
    expect(lost.every((id) => id.startsWith("view"))).toBe(true);
    add(1, "another order", 15e6);
    expect(lost).toContain("order");
    expect(outbox.all().map(idOf)).toEqual(["consent", "another order"]);
  });

  it("the storage is the page's: so much of it is taken, and the rest waits in memory", async () => {
    const { add, outbox } = await outboxOf(() => undefined);
    for (let n = 0; n < 5; n++) add(3, "view" + n, 600000);
    outbox.persist(Infinity);
    expect(queued()).toHaveLength(3);
    expect(outbox.all()).toHaveLength(5);
    add(1, "order", 10);
    expect(queued()).toHaveLength(4);
  });

  it("what neither browser nor storage takes is counted when the page goes, and told", async () => {
    server.script.push(...OFFLINE(9));
    const kith = await openPage();
    for (let n = 0; n < 6; n++) void kith.track("page-view", { text: "x".repeat(500000) });
    await pass();
    leavePage();
    server.script = [];
    await openPage();
    await pass(5000);
    const kept = [...server.kept.values()];
    expect(kept.filter((event) => event["type"] === "page-view")).toHaveLength(3);
    expect(kept.find((event) => event["type"] === "events-lost")!["properties"]).toEqual({ types: { "page-view": 3 } });
    expect(warned()).toHaveLength(1);
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

  it("do not wait for each other, and each sends its own", async () => {
    const [one, two] = await openTwo();
    server.script.push(new Promise(() => undefined));
    void one.track("in one");
    await pass(100);
    void two.track("in two");
    await pass(100);
    expect(server.types()).toEqual([["stored", "in one"], ["in two"]]);
  });

  it("of which one has crashed: the other sends what it was sending, when that has had its time", async () => {
    server.script.push(new Promise(() => undefined));
    await visit("crashed");
    await openPage();
    await pass(20000);
    expect(server.posts).toHaveLength(1);
    await pass(15000);
    expect(server.types()).toEqual([["crashed"], ["crashed"]]);
    await pass(30000);
    expect(server.posts).toHaveLength(2);
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
    await pass(1);
    for (const key of queued()) localStorage.removeItem(key);
    await pass(1000);
    expect(await answer).toBeUndefined();
    expect(server.posts).toHaveLength(0);
  });
});
