// The page never suffers, whatever it gives us, whatever it lacks.
import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import { freshKith, navigatorHas, openPage, pass, server, SETUP, visit, warned } from "./support.js";
import type { Kith } from "../src/types.js";

const fresh: () => Promise<Kith> = freshKith;

describe("never throws", () => {
  const circular: Record<string, unknown> = {};
  circular["self"] = circular;

  it.each([
    ["no type", [undefined]],
    ["a type that is no text", [{}]],
  ])("track with %s", async (_, call) => {
    const kith = await openPage();
    const answer = (kith.track as (...args: unknown[]) => unknown)(...call);
    void kith.track("good");
    await pass();
    expect(await answer).toBeUndefined();
    expect(server.types()).toEqual([["good"]]);
    expect(warned()).toHaveLength(1);
  });

  it.each([["null", null], ["a text", "x"], ["a list", [1]]])("track with properties that are %s", async (_, properties) => {
    const kith = await openPage();
    void kith.track("x", properties as never, null as never);
    await pass();
    expect(server.last().events[0]!["properties"]).toEqual({});
  });

  it("init without what it needs", async () => {
    for (const options of [undefined, {}, { url: "x" }, { source: "x" }]) {
      (await fresh()).init(options as never);
      expect(warned()).toEqual([["kith:", "no url or source"]]);
    }
    (await fresh()).init({ url: 5, source: 5 } as never);
    expect(warned()).toHaveLength(1);
  });

  it("when the page's own functions do", async () => {
    const boom = () => {
      throw new Error("boom");
    };
    const kith = await openPage({ onInit: boom, onAnswer: boom, options: boom, events: [["auto"]] });
    const answer = kith.track("page-view");
    await pass();
    expect(server.types()).toEqual([["auto", "page-view"]]);
    expect((await answer)?.profile.id).toBe("P1");
    expect(localStorage.getItem("tracardi-profile-id")).toBe("P1");
    expect(warned()).toHaveLength(3);
  });

  it("when the answer is none of Kith's", async () => {
    for (const body of [null, 5, "text", [], {}, { ux: 5, profile: 5, session: null }]) {
      server.script.push({ body });
      const kith = await openPage();
      const answer = kith.track("x");
      await pass();
      await answer;
    }
    expect(server.posts).toHaveLength(6);
    expect(localStorage.getItem("tracardi-profile-id")).toBeNull();
    warned();
  });

  it("with wrong lists of events, triggers and links", async () => {
    await visit("page-view", { events: 5 as never, triggers: 5 as never, trackExternalLinks: 5 as never, external: 5 as never });
    expect(server.types()).toEqual([["page-view"]]);
    expect(warned().length).toBeGreaterThan(0);
  });

  it("where the browser has nothing", async () => {
    vi.stubGlobal("localStorage", undefined);
    vi.stubGlobal("IntersectionObserver", undefined);
    navigatorHas("sendBeacon", undefined);
    const kith = await visit("page-view", { triggers: [{ tag: "x", trigger: "onVisible", data: { event: "x" } }] });
    void kith.track("next", {}, { asBeacon: true });
    await pass(1000);
    expect(server.types().flat().sort()).toEqual(["next", "page-view"]);
  });

  it("on a server, where there is no page", async () => {
    for (const name of ["window", "document", "navigator", "localStorage", "location"]) vi.stubGlobal(name, undefined);
    const kith = await fresh();
    expect(() => kith.init(SETUP)).not.toThrow();
    warned();
    vi.unstubAllGlobals();
  });
});

describe("sends whatever it is given", () => {
  const circular: Record<string, unknown> = {};
  circular["self"] = circular;

  it.each([
    ["a big number", { n: BigInt("12345678901234567890") }, { n: "12345678901234567890" }, 0],
    ["what JSON cannot hold", circular, {}, 1],
    ["a getter that throws", { get boom() { throw new Error("boom"); } }, {}, 1],
  ])("%s", async (_, properties, kept, complaints) => {
    void (await openPage()).track("x", properties as never);
    await pass();
    expect(server.last().events).toMatchObject([{ type: "x", properties: kept }]);
    expect(warned()).toHaveLength(complaints);
  });

  it("also where an old library has given lists and texts a JSON of their own", async () => {
    const lists = Array.prototype as { toJSON?: unknown };
    const texts = String.prototype as { toJSON?: unknown };
    lists.toJSON = function (this: unknown[]) { return "[" + this.join() + "]"; };
    texts.toJSON = function (this: string) { return '"' + this + '"'; };
    const kith = await openPage();
    void kith.track("x", { list: [1, "a", { b: [] }], text: "t" });
    await pass();
    delete lists.toJSON;
    delete texts.toJSON;
    expect(server.last().events).toMatchObject([
      { type: "x", properties: { list: [1, "a", { b: [] }], text: "t" }, context: { page: { title: "Shoes" } } },
    ]);
  });

  it("also where an old library has given every object something, and nothing of that", async () => {
    const objects = Object.prototype as { extend?: unknown };
    objects.extend = () => undefined;
    const kith = await openPage();
    kith.consent({ newsletter: true });
    void kith.track("x", { n: 1 });
    await pass(5000);
    delete objects.extend;
    expect(server.types()).toEqual([["consent-update", "x"]]);
    expect(JSON.stringify(server.last().events)).not.toContain("extend");
  });

  it("without crypto.randomUUID, as on plain http", async () => {
    vi.stubGlobal("crypto", { getRandomValues: crypto.getRandomValues.bind(crypto) });
    await visit();
    expect(server.last().events[0]!["id"]).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe("a strict Content-Security-Policy", () => {
  const names = readdirSync("src", { recursive: true }) as string[];
  const sources = names.filter((name) => name.endsWith(".ts")).map((name) => readFileSync("src/" + name, "utf8")).join("\n");

  it("is not broken by the source", () => {
    expect(sources).not.toMatch(/\beval\(|new Function|innerHTML|insertAdjacentHTML|document\.write|setTimeout\("|\.onclick/);
  });

  it("gives its nonce to the script's own element, from which it is taken", async () => {
    const element = document.createElement("script");
    element.nonce = "own";
    Object.defineProperty(document, "currentScript", { configurable: true, value: element });
    vi.resetModules();
    const { own, pageNonce } = await import("../src/nonce.js");
    Object.defineProperty(document, "currentScript", { configurable: true, value: null });
    expect(pageNonce(own)).toBe("own");
  });

  it("or to another script of the page, when a module asks", async () => {
    vi.resetModules();
    const { own, pageNonce } = await import("../src/nonce.js");
    expect(pageNonce(own)).toBeUndefined();
    const script = document.createElement("script");
    script.type = "text/plain";
    // Browsers hide the value from the attribute.
    script.setAttribute("nonce", "");
    script.nonce = "other";
    document.body.append(script);
    expect(pageNonce(own)).toBe("other");
  });
});
