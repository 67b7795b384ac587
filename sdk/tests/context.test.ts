// What goes along with events: as much as the page allows.
import { describe, expect, it, vi } from "vitest";
import { goTo, openPage, pass, server, visit } from "./support.js";

const context = () => server.last().context as Record<string, any>;
const eventContext = () => server.last().events[0]!["context"] as Record<string, any>;

describe("by default", () => {
  it("browser, screen, time and page go along, as the reference names them", async () => {
    Object.defineProperty(document, "referrer", { configurable: true, value: "https://search.example/?q=shoes" });
    goTo("https://shop.example/shoes?size=42#top");
    await visit();
    expect(context()).toMatchObject({
      time: { local: expect.stringMatching(/^2026-01-05T10:00:00\.\d{3}Z$/), tz: expect.any(String) },
      browser: { local: { browser: { userAgent: navigator.userAgent, language: navigator.language } } },
      screen: { local: { width: screen.width, height: screen.height, innerWidth, innerHeight } },
    });
    expect(Object.keys(context()["screen"].local)).toContain("colorDepth");
    expect(eventContext()["page"]).toEqual({
      url: "https://shop.example/shoes?size=42#top",
      path: "/shoes",
      hash: "#top",
      title: "Shoes",
      referer: { host: "search.example", query: "?q=shoes" },
      history: { length: history.length },
    });
  });

  it("nothing that the page has not allowed", async () => {
    document.cookie = "secret=1";
    document.cookie = "_ga=GA1.1";
    localStorage.setItem("cart", "secret");
    vi.spyOn(performance, "getEntriesByType").mockReturnValue([{ duration: 120 } as PerformanceEntry]);
    await visit();
    expect(Object.keys(context()).sort()).toEqual(["browser", "screen", "time"]);
    expect(Object.keys(eventContext())).toEqual(["page"]);
    const sent = JSON.stringify(server.payloads());
    for (const word of ["secret", "GA1.1", "cart"]) expect(sent).not.toContain(word);
    expect(server.posts.map((post) => post.url)).toEqual(["https://kith.example/track"]);
  });
});

describe("switched", () => {
  it("off: browser, screen, page, utm and pass", async () => {
    goTo("https://shop.example/?utm_source=mail&__tr_pid=P9&__tr_src=blog");
    const off = { page: false, browser: false, screen: false, utm: false, tracardiPass: false };
    await visit("page-view", { context: off });
    expect(Object.keys(context())).toEqual(["time"]);
    expect(eventContext()).toEqual({});
  });

  it("on: cookies, storage, performance and Google's id", async () => {
    document.cookie = "cart=42";
    document.cookie = "_ga=GA1.1";
    localStorage.setItem("theme", "dark");
    vi.spyOn(performance, "getEntriesByType").mockReturnValue([{ duration: 120 } as PerformanceEntry]);
    await visit("page-view", { context: { cookies: true, storage: true, performance: true, ga: true } });
    expect(context()["ids"]).toEqual({ ga: "GA1.1" });
    expect(context()["storage"].cookies.cookies1).toContain("cart=42");
    expect(context()["storage"].cookies.cookies2).toMatchObject({ cart: "42" });
    expect(context()["storage"].local).toEqual({ theme: "dark" });
    expect(eventContext()).toMatchObject({ ga: "GA1.1", performance: { duration: 120 } });
  });
});

it("cookies and storage are allowed one by one", async () => {
  await visit("page-view", { context: { cookies: true } });
  expect(Object.keys(context()["storage"])).toEqual(["cookies"]);
  await visit("page-view", { context: { storage: true } });
  expect(Object.keys(context()["storage"])).toEqual(["local"]);
});

describe("the page's address", () => {
  it("tells the campaign", async () => {
    goTo("https://shop.example/?utm_source=mail&utm_medium=news&utm_campaign=a%20b&utm_term=t&utm_content=");
    await visit();
    expect(context()["utm"]).toEqual({ source: "mail", medium: "news", campaign: "a b", term: "t" });
  });

  it("hands a profile over", async () => {
    goTo("https://shop.example/?__tr_pid=P9&__tr_src=blog");
    await visit();
    expect(context()["tracardi"]).toEqual({ pass: { profile: "P9", source: "blog" } });
  });

  it("hands it over with what proves it", async () => {
    goTo("https://shop.example/?__tr_pid=P9&__tr_src=blog&__tr_sig=signed");
    await visit();
    expect(context()["tracardi"]).toEqual({ pass: { profile: "P9", source: "blog", signature: "signed" } });
  });
});

describe("the browser's name", () => {
  it.each([
    ["edge", "Mozilla/5.0 Chrome/120.0 Safari/537.36 Edg/120.0"],
    ["opera", "Mozilla/5.0 Chrome/120.0 Safari/537.36 OPR/106.0"],
    ["chrome", "Mozilla/5.0 Chrome/120.0 Safari/537.36"],
    ["chrome", "Mozilla/5.0 (iPhone) CriOS/120.0 Safari/604.1"],
    ["firefox", "Mozilla/5.0 (iPhone) FxiOS/120.0 Safari/604.1"],
    ["firefox", "Mozilla/5.0 Gecko/20100101 Firefox/121.0"],
    ["safari", "Mozilla/5.0 Version/17.0 Safari/605.1.15"],
    ["other", "curl"],
  ])("is not that of another: %s", async (name, userAgent) => {
    const { browserName } = await import("../src/parts/browser.js");
    expect(browserName(userAgent)).toBe(name);
  });
});

describe("what other servers know", () => {
  const external = [{ url: "https://crm.example/me", method: "POST", body: { a: 1 }, storage: "crm", key: "crm" }];

  it("is asked once, and goes along from the first request on", async () => {
    server.script.push({ body: { vip: true } });
    await visit("page-view", { external });
    expect(server.posts[0]).toMatchObject({
      url: "https://crm.example/me",
      init: { method: "POST", body: '{"a":1}' },
    });
    expect(context()["crm"]).toEqual({ vip: true });
    await visit("next", { external });
    expect(context()["crm"]).toEqual({ vip: true });
    expect(server.posts.filter((post) => post.url.includes("crm"))).toHaveLength(1);
  });

  it("does not keep events waiting when it fails", async () => {
    server.script.push(new Error("down"));
    await visit("page-view", { external });
    expect(server.last().events[0]!["type"]).toBe("page-view");
    expect(context()).not.toHaveProperty("crm");
  });

  it("about the place goes along from the next request on, in Kith's form", async () => {
    const place = { country_code: "PL", country_name: "Poland", city: "Warsaw", state: "M", postal: "00", latitude: 52, longitude: 21, IPv4: "1.2.3.4" };
    server.script.push({ body: place });
    await visit("page-view", { context: { location: true } });
    expect(server.posts[0]!.url).toBe("https://geolocation-db.com/json/");
    await visit("next", { context: { location: true } });
    expect(context()["location"]).toEqual({
      country: { name: "Poland", code: "PL" },
      county: "M",
      city: "Warsaw",
      postal: "00",
      latitude: 52,
      longitude: 21,
    });
    expect(server.posts.filter((post) => post.url.includes("geo"))).toHaveLength(1);
  });

  it("about the place may come from the page's own server", async () => {
    server.script.push({ body: { town: "Łódź" } });
    const location = { url: "/where", data: (answer: any) => ({ city: answer.town }) };
    const kith = await visit("page-view", { context: { location } });
    void kith.track("next");
    await pass();
    expect(server.posts[0]!.url).toBe("/where");
    expect(context()["location"]).toEqual({ city: "Łódź" });
  });
});

it("is that of each moment, also where the address changes between two calls of one", async () => {
  const kith = await openPage();
  void kith.track("page-view");
  goTo("https://shop.example/next");
  void kith.track("page-view");
  void kith.track("looked");
  await pass();
  const pages = server.last().events.map((event) => (event["context"] as { page: { path: string } }).page.path);
  expect(pages).toEqual(["/shoes", "/next", "/next"]);
});

it("is read when an event happens, not when it is sent", async () => {
  const kith = await openPage();
  void kith.track("page-view");
  goTo("https://shop.example/next");
  await pass();
  expect(eventContext()["page"].path).toBe("/shoes");
});
