// The script tag, with the snippets as they stand in the README.
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { clearCookies, navigatorHas, pass, server, warned } from "./support.js";

const page = window as any;
const NAMES = ["kith", "options", "tracker", "tracardi", "response", "onTracardiReady", "documentReady"];

const forget = () => NAMES.forEach((name) => delete page[name]);
beforeEach(forget);
afterEach(forget);

const snippet = (name: string) => readFileSync(`snippets/${name}.html`, "utf8");

/** Runs a page's inline scripts, each for itself; a `const` is seen by the later ones. */
function runInline(html: string): void {
  for (const [, code] of html.matchAll(/<script>([^]*?)<\/script>/g)) {
    (0, eval)(code!.replace(/\bconst options\b/, "globalThis.options"));
  }
}

const injected = () => document.head.querySelectorAll("script");
beforeEach(() => {
  document.head.innerHTML = "";
  // The script itself is not fetched here: `load` runs it.
  vi.spyOn(document.head, "appendChild").mockImplementation((node) => {
    (node as HTMLScriptElement).type = "text/plain";
    document.head.insertBefore(node, null);
    return node;
  });
});

/** Under the names of the reference's script, pages have all of it at once. */
async function load(): Promise<void> {
  vi.resetModules();
  const there = { auto: await import("../src/parts/auto.js"), extras: await import("../src/parts/extras.js") };
  vi.doMock("../src/load.js", () => ({ loadPart: async (name: "auto") => there[name].default }));
  await import("../src/liliput.js");
}

it.each(["kith", "reference"])("the README shows the snippet: %s", (name) => {
  expect(readFileSync("README.md", "utf8")).toContain("```html\n" + snippet(name).trimEnd() + "\n```");
});

describe("the snippet for new pages", () => {
  it("takes calls before the script is there", async () => {
    runInline(snippet("kith"));
    page.kith.track("early", { n: 1 });
    page.kith.identify({ email: "ann@example.com" });
    expect(injected()[0]!.src).toBe("https://kith.example/tracker/kith.js");
    await load();
    page.kith.track("late");
    await pass();
    expect(server.types()).toEqual([["page-view", "early", "identification", "late"]]);
    expect(server.last().source.id).toBe("YOUR-SOURCE-ID");
    expect(server.posts[0]!.url).toBe("https://kith.example/track");
  });

  it("works on a page with an element of its name", async () => {
    page.kith = document.createElement("div");
    runInline(snippet("kith"));
    await load();
    await pass();
    expect(server.types()).toEqual([["page-view"]]);
  });

  it("takes calls of other trackers, and of whoever has kept it, then and later", async () => {
    runInline(snippet("kith"));
    const kept = page.kith;
    const eu = kept.tracker("eu");
    expect(kept.tracker("eu")).toBe(eu);
    eu.init({ url: "https://eu.example", source: "of-eu" });
    eu.track("early");
    await load();
    const answer = eu.track("late");
    kept.track("late");
    await pass();
    const sent = server.posts.map(({ url, payload }) => [url, payload.source.id, ...payload.events.map(({ type }) => type)]);
    expect(sent).toEqual([
      ["https://kith.example/track", "YOUR-SOURCE-ID", "page-view", "late"],
      ["https://eu.example/track", "of-eu", "early", "late"],
    ]);
    expect((await answer).profile.id).toBe("P1");
    expect(page.kith.tracker("eu").ids().profile).toBe("P1");
  });

  it("has trackers of any name, also of one that all objects have something by", async () => {
    runInline(snippet("kith"));
    for (const name of ["constructor", "__proto__"]) {
      page.kith.tracker(name).init({ url: "https://eu.example", source: name });
      page.kith.tracker(name).track("early");
    }
    await load();
    for (const name of ["constructor", "__proto__", "toString"]) void page.kith.tracker(name).track("late");
    await pass();
    const sent = server.posts.map(({ payload }) => [payload.source.id, ...payload.events.map(({ type }) => type)]);
    expect(sent).toEqual([["YOUR-SOURCE-ID", "page-view"], ["constructor", "early", "late"], ["__proto__", "early", "late"]]);
  });

  it("is not needed: the script alone will do", async () => {
    await load();
    page.kith.init({ url: "https://kith.example", source: "shop" });
    page.kith.track("page-view");
    await pass();
    expect(server.types()).toEqual([["page-view"]]);
  });

  it("may stand in the page twice", async () => {
    runInline(snippet("kith"));
    await load();
    const first = page.kith;
    await load();
    expect(page.kith).toBe(first);
  });

  it("passes the page's nonce on to the script", () => {
    const element = document.createElement("script");
    element.nonce = "n1";
    Object.defineProperty(document, "currentScript", { configurable: true, value: element });
    for (const name of ["kith", "reference"]) runInline(snippet(name));
    vi.advanceTimersByTime(1);
    Object.defineProperty(document, "currentScript", { configurable: true, value: null });
    expect(Array.from(injected(), (script) => script.nonce)).toEqual(["n1", "n1"]);
  });

  it("survives a call of what there is not", async () => {
    page.kith = { q: [["fly", []], ["init", [{ url: "https://kith.example", source: "shop" }]], ["track", ["x"]]] };
    await load();
    await pass();
    expect(server.types()).toEqual([["x"]]);
    expect(warned()).toHaveLength(1);
  });
});

/** A page as the reference documents it. */
function referencePage(more: object = {}, outside: object = {}): void {
  page.options = {
    tracker: {
      url: { script: "https://kith.example/tracker", api: "https://kith.example" },
      source: { id: "shop" },
      ...more,
    },
    ...outside,
  };
  const loader = [...snippet("reference").matchAll(/<script>([^]*?)<\/script>/g)][1]![1]!;
  (0, eval)(loader.slice(0, loader.indexOf("})(window, document, options);")) + "})(window, document, options);");
  vi.advanceTimersByTime(1);
}

describe("a page made for the reference", () => {
  it("works with the snippet of the README", async () => {
    const log = vi.spyOn(console, "log").mockReturnValue();
    runInline(snippet("reference"));
    await load();
    await pass();
    expect(server.types()).toEqual([["page-view"]]);
    expect(log).toHaveBeenCalledWith("P1");
  });

  it("has its options, its queue and its events of the page load in one request", async () => {
    referencePage({
      auto: { events: [["auto", { a: 1 }]] },
      profile: { id: "theirs" },
    });
    page.tracker.track("queued", { q: 1 }, {});
    await load();
    page.tracker.track("late", {}, { context: { c: 1 } });
    await pass();
    expect(server.types()).toEqual([["queued", "auto", "late"]]);
    expect(server.last()).toMatchObject({
      source: { id: "shop" },
      profile: { id: "theirs" },
      device: { id: expect.stringMatching(/^[0-9a-f-]{36}$/) },
      events: [{ properties: { q: 1 } }, { properties: { a: 1 } }, { context: { c: 1 } }],
    });
    page.tracker.track("after", {}, {});
    await pass();
    expect(server.types()).toEqual([["queued", "auto", "late"], ["after"]]);
    const { browser, screen: size } = server.last().context as any;
    expect(browser.local).toMatchObject({ browser: { javaEnabled: false, cookieEnabled: true }, device: { platform: navigator.platform } });
    expect(Object.keys(size.local)).toEqual(expect.arrayContaining(["availWidth", "availHeight", "pixelDepth"]));
  });

  it("loads the script from where it says", () => {
    referencePage();
    expect(injected()[0]!.src).toBe("https://kith.example/tracker/liliput.min.js");
    document.head.innerHTML = "";
    referencePage({ url: { script: "/own.js", api: "x" } });
    expect(injected()[0]!.getAttribute("src")).toBe("/own.js");
  });

  it("fires and sends beacons", async () => {
    referencePage();
    await load();
    page.tracker.track("fired", {}, { fire: true });
    page.tracker.track("beacon", {}, { asBeacon: true });
    await pass(0);
    expect(server.types()).toEqual([["fired"], ["beacon"]]);
    expect(server.payloads()[0]!.events[0]!["options"]).toEqual({ fire: true });
  });

  it("is told once when it is ready, with the first answer, and late comers at once", async () => {
    referencePage();
    const early = vi.fn();
    const late = vi.fn();
    page.onTracardiReady.bind(early);
    await load();
    page.tracker.track("one");
    await pass();
    page.tracker.track("two");
    await pass();
    page.onTracardiReady.bind(late);
    expect(early).toHaveBeenCalledTimes(1);
    expect(late).toHaveBeenCalledTimes(1);
    const [ready] = early.mock.calls[0]!;
    expect(ready.context).toMatchObject({ task: "T", profile: { id: "P1" } });
    expect(ready.tracker).toBe(page.tracker);
    expect(ready.helpers).toBe(page.tracardi.default.plugins.tracardi);
    expect(ready.config.source.id).toBe("shop");
  });

  it("may have a loader that tells nobody who comes late", async () => {
    referencePage();
    const call = vi.fn();
    page.onTracardiReady = { bind: () => undefined, call };
    await load();
    page.tracker.track("one");
    await pass();
    page.tracker.track("two");
    await pass();
    expect(call).toHaveBeenCalledTimes(1);
    const late = vi.fn();
    page.onTracardiReady.bind(late);
    expect(late).toHaveBeenCalledWith(call.mock.calls[0]![0]);
  });

  it("may put payload options into the response", async () => {
    page.response = { context: { debugger: true } };
    referencePage();
    await load();
    page.tracker.track("page-view");
    await pass();
    expect(server.last().options).toEqual({ debugger: true });
  });

  it("keeps who somebody is only where something may be kept, and nothing after a refusal", async () => {
    referencePage({ settings: { consent: true } });
    await load();
    page.tracker.identify("u-7", { email: "ann@example.com" });
    expect([page.tracker.user("userId"), ...Object.keys(localStorage)]).toEqual(["u-7"]);
    await page.kith.consent(true), await pass();
    expect(localStorage.getItem("__user_id")).toBe('"u-7"');
    await page.kith.consent(false), await pass();
    expect([page.tracker.user("userId"), ...Object.keys(localStorage)]).toEqual([null]);
  });

  it("has helpers", async () => {
    referencePage();
    await load();
    const { helpers } = await new Promise<any>((resolve) => {
      page.onTracardiReady.bind(resolve);
      page.tracker.track("page-view");
      void pass();
    });
    await pass();
    const sent = helpers.track("now", { n: 1 });
    await pass(0);
    const response = await sent;
    expect(response.json).toBeTypeOf("function");
    expect(response.data.profile.id).toBe("P1");
    expect(server.types()).toEqual([["page-view"], ["now"]]);

    expect(await helpers.track("beacon", {}, { asBeacon: true })).toBeUndefined();
    expect(server.types()).toContainEqual(["beacon"]);

    const [clicked, heard] = [vi.fn(), vi.fn()];
    helpers.onClick(document.body, clicked);
    helpers.addListener(document.body, "custom", heard);
    document.body.dispatchEvent(new Event("click"));
    document.body.dispatchEvent(new Event("custom"));
    expect([clicked, heard].map((call) => call.mock.calls.length)).toEqual([1, 1]);
    expect(() => helpers.onClick(null, clicked)).not.toThrow();
    expect(warned()).toHaveLength(1);
  });

  it.each(["inside", "outside"])("has listeners, %s the tracker", async (where) => {
    const onInit = vi.fn();
    const listeners = { listeners: { onInit } };
    referencePage(...((where === "inside" ? [listeners] : [{}, listeners]) as [object, object]));
    await load();
    expect(onInit).toHaveBeenCalledTimes(1);
    const [{ session, tracker, helpers }] = onInit.mock.calls[0]! as any;
    expect(session.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(tracker.track).toBeTypeOf("function");
    expect(helpers.track).toBeTypeOf("function");
    expect(server.posts).toHaveLength(0);
  });

  it("is told when there are no cookies, and nothing is sent", async () => {
    navigatorHas("cookieEnabled", false);
    const onCookiesDisabled = vi.fn();
    referencePage({ listeners: { onCookiesDisabled } });
    await load();
    page.tracker.track("page-view");
    await pass();
    expect(onCookiesDisabled).toHaveBeenCalledWith({ tracker: expect.anything(), helpers: expect.anything() });
    expect(server.posts).toHaveLength(0);
  });

  it.each(["doNotTrack", "globalPrivacyControl"])("honours %s when asked, in loader and script", async (name) => {
    navigatorHas(name, name === "doNotTrack" ? "1" : true);
    referencePage({ settings: { respectDoNotTrack: true }, auto: { events: [["auto"]] } });
    expect(injected()).toHaveLength(0);
    await load();
    page.tracker.track("page-view");
    await pass();
    expect(server.posts).toHaveLength(0);
    expect(Object.keys(localStorage)).toEqual([]);
  });

  it("has links, triggers and external data where it had them", async () => {
    document.body.innerHTML = '<i data-tracardi-tag="t"></i><a href="https://other.example/">there</a>';
    server.script.push({ body: { vip: true } });
    referencePage({
      settings: { trackExternalLinks: ["other.example"] },
      auto: { triggers: [{ tag: "t", trigger: "onMouseOver", data: { event: "over" } }] },
      external: [{ url: "/crm", storage: "crm", key: "crm" }],
      context: { page: false },
    });
    await load();
    await pass(0);
    document.querySelector("i")!.dispatchEvent(new Event("mouseover"));
    await pass();
    const payload = server.last();
    expect(payload.events[0]).toMatchObject({ type: "over", context: {} });
    expect(payload.context).toMatchObject({ crm: { vip: true } });
    expect(payload.events[0]!["context"]).toEqual({});
    const link = document.querySelector("a")!;
    link.dispatchEvent(new Event("click", { bubbles: true }));
    expect(link.href).toBe("https://other.example/?__tr_pid=P1&__tr_src=shop");
  });

  it("keeps ids where it looks for them", async () => {
    referencePage();
    await load();
    page.tracker.track("page-view");
    await pass();
    for (const key of ["tracardi-profile-id", "__tr_pid", "__tr_id"]) expect(localStorage.getItem(key)).toBe("P1");
    const { session, device } = server.last();
    expect(localStorage.getItem("tracardi-device-id")).toBe(device!.id);
    expect(document.cookie).toContain("tracardi-session-id=" + session.id);
    expect(document.cookie).toContain("__tr_pid=P1");
  });

  it("sends what its loader knows of the graphics card", async () => {
    referencePage({}, { context: { gpu: { vendor: { name: "V" } } } });
    await load();
    page.tracker.track("page-view");
    await pass();
    expect(server.last().context["device"]).toEqual({ gpu: { vendor: { name: "V" } } });
  });

  it("may use the library's own methods after loading", async () => {
    referencePage();
    await load();
    page.tracker.page({ p: 1 });
    page.tracker.identify("C-1", { email: "ann@example.com" });
    await pass();
    expect(server.last().events).toMatchObject([
      { type: "page-view", properties: { p: 1 } },
      { type: "identification", properties: { id: "C-1", email: { main: "ann@example.com" } } },
    ]);
  });

  it("may have a loader that repeats its queue by itself", async () => {
    referencePage();
    page.tracker = { track: () => undefined };
    await load();
    page.tracardi.default.track("repeated");
    await pass();
    expect(server.types()).toEqual([["repeated"]]);
    expect(page.tracker).toBe(page.tracardi.default);
  });

  it("recovers a cleared storage through the session", async () => {
    referencePage();
    await load();
    page.tracker.track("page-view");
    await pass();
    localStorage.clear();
    page.tracker.track("next");
    await pass();
    const [first, second] = server.payloads();
    expect(second!.profile).toBeNull();
    expect(second!.session).toEqual(first!.session);
    clearCookies();
  });

  it("may stand beside the API for new pages", async () => {
    referencePage();
    await load();
    page.kith.track("of both");
    await pass();
    expect(server.types()).toEqual([["of both"]]);
    expect(page.kith.ids().profile).toBe("P1");
  });
});
