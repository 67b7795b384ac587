// What failed is sent again, later and later; what was refused is not.
import { describe, expect, it, vi } from "vitest";
import { openPage, pass, queued, server, visit, warned } from "./support.js";

const OFFLINE = () => new Error("offline");

describe("a failure", () => {
  it.each([
    ["no connection", OFFLINE()],
    ["408", { status: 408 }],
    ["429", { status: 429 }],
    ["500", { status: 500 }],
    ["503", { status: 503 }],
    ["an answer that is no JSON", { body: new Error("no JSON") }],
  ])("is repeated with the same ids: %s", async (_, scripted) => {
    server.script.push(scripted);
    await visit();
    expect(queued()).toHaveLength(1);
    await pass(2000);
    expect(server.posts).toHaveLength(2);
    const [first, second] = server.payloads();
    expect(second!.events).toEqual(first!.events);
    expect(queued()).toEqual([]);
  });

  it("is repeated later and later", async () => {
    server.script.push(...Array.from({ length: 20 }, OFFLINE));
    await visit();
    const times: number[] = [];
    for (let seconds = 0; seconds < 900; seconds++) {
      const before = server.posts.length;
      await pass(1000);
      if (server.posts.length > before) times.push(seconds);
    }
    // Three quarters of 1, 2, 4 … seconds, with a chance of one half; at most 300.
    const gaps = times.slice(1).map((time, index) => time - times[index]!);
    expect(times[0]).toBeLessThan(1);
    expect(gaps.slice(0, 6).map((gap, index) => gap / (0.75 * 2 ** (index + 1)))).toSatisfy(
      (ratios: number[]) => ratios.every((ratio) => ratio > 0.5 && ratio < 1.5),
    );
    expect(Math.max(...gaps)).toBeLessThanOrEqual(226);
  });

  it("is not repeated by all visitors at once", async () => {
    const { backoff } = await import("../src/backoff.js");
    vi.mocked(Math.random).mockReturnValueOnce(0).mockReturnValueOnce(0.99);
    expect(backoff(3, 0)).toBe(2000);
    expect(backoff(3, 0)).toBeCloseTo(3980);
  });

  it("begins anew after a success", async () => {
    server.script.push(OFFLINE(), OFFLINE(), OFFLINE());
    const kith = await visit();
    await pass(10000);
    expect(queued()).toEqual([]);
    const before = server.posts.length;
    server.script.push(OFFLINE());
    void kith.track("next");
    await pass(1000);
    expect(server.posts).toHaveLength(before + 2);
  });

  it("keeps new events waiting, fired ones too", async () => {
    server.script.push(OFFLINE());
    const kith = await visit("first");
    void kith.track("second");
    void kith.track("third", {}, { fire: true });
    await pass(100);
    expect(server.posts).toHaveLength(1);
    await pass(1000);
    expect(server.types()).toEqual([["first"], ["first", "second", "third"]]);
  });

  it("ends when the browser is connected again", async () => {
    server.script.push(...Array.from({ length: 8 }, OFFLINE));
    await visit();
    await pass(40000);
    server.script = [];
    const before = server.posts.length;
    window.dispatchEvent(new Event("online"));
    await pass(1);
    expect(server.posts).toHaveLength(before + 1);
  });

  it("of a fired event resolves once it got through", async () => {
    server.script.push({ status: 503 });
    const kith = await openPage();
    const answer = kith.track("fired", {}, { fire: true });
    await pass(5000);
    expect((await answer)?.profile.id).toBe("P1");
  });
});

describe("Retry-After", () => {
  it.each([
    ["seconds", "30"],
    ["a date", "Mon, 05 Jan 2026 10:00:30 GMT"],
  ])("is respected: %s", async (_, text) => {
    server.script.push({ status: 503, headers: { "Retry-After": text } });
    const kith = await visit();
    window.dispatchEvent(new Event("online"));
    void kith.track("fired", {}, { fire: true });
    window.dispatchEvent(new Event("pagehide"));
    await pass(29000);
    expect(server.posts).toHaveLength(1);
    expect(server.beacons).toHaveLength(0);
    await pass(2500);
    expect(server.posts).toHaveLength(2);
  });

  it("is respected when it is longer than browsers can wait, and the page has its peace", async () => {
    const wait = vi.spyOn(window, "setTimeout");
    server.script.push({ status: 503, headers: { "Retry-After": "2592000" } });
    await visit();
    wait.mockClear();
    await pass(1000);
    expect(wait.mock.calls.length).toBeLessThan(3);
    for (const [, milliseconds] of wait.mock.calls) expect(milliseconds).toBeLessThan(2 ** 31);
    await pass(2592000000 - 2000);
    expect(server.posts).toHaveLength(1);
    await pass(2500);
    expect(server.posts).toHaveLength(2);
  });
});

describe("a refusal", () => {
  it.each([400, 401, 403, 404, 422])("is not repeated: %i", async (status) => {
    server.script.push({ status, body: { code: "x", message: "no such source" } });
    const kith = await openPage();
    const answer = kith.track("page-view");
    await pass(60000);
    expect(server.posts).toHaveLength(1);
    expect(queued()).toEqual([]);
    expect(await answer).toBeUndefined();
    expect(warned()).toEqual([["kith:", "refused", status, "no such source"]]);
  });

  it.each([413, 422])("of many is a refusal of the one that does not fit: %i", async (status) => {
    const kith = await openPage();
    for (const type of ["a", "bad", "c", "d"]) void kith.track(type);
    server.script.push({ status }, { status }, {}, { status }, {});
    await pass(1000);
    expect(server.types()).toEqual([["a", "bad", "c", "d"], ["a", "bad"], ["a"], ["bad"], ["c", "d"]]);
    expect([...server.kept.values()].map((event) => event["type"])).toEqual(["a", "c", "d"]);
    expect(warned()).toHaveLength(1);
  });
});

describe("a request that hangs", () => {
  it("is given up and repeated", async () => {
    const kith = await openPage();
    let aborted = false;
    server.script.push(new Promise<Error>((_, fail) => {
      setTimeout(() => { aborted = true; fail(new Error("aborted")); }, 25000);
    }) as never);
    const original = fetch;
    vi.stubGlobal("fetch", (url: string, init: RequestInit) =>
      Promise.race([
        original(url, init),
        new Promise((_, fail) => init.signal!.addEventListener("abort", () => fail(new Error("gone")))),
      ]),
    );
    void kith.track("page-view");
    await pass(22000);
    expect(aborted).toBe(false);
    expect(server.posts).toHaveLength(2);
    expect(queued()).toEqual([]);
    await pass(10000);
  });
});
