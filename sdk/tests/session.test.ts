// A visit lasts half an hour from its last activity, at most as long as the browser, in all tabs.
import { describe, expect, it, vi } from "vitest";
import { clearCookies, cookie, goTo, openPage, pass, refuseCookies, server, visit, watchCookies } from "./support.js";

const MINUTE = 60000;
const sessions = () => server.payloads().map((payload) => payload.session.id);

describe("the session", () => {
  it("slides: half an hour from the last activity", async () => {
    const kith = await visit();
    await pass(25 * MINUTE);
    void kith.track("still here");
    await pass(25 * MINUTE);
    void kith.track("still here");
    await pass();
    expect(new Set(sessions()).size).toBe(1);
    await pass(31 * MINUTE);
    void kith.track("back");
    await pass();
    expect(new Set(sessions()).size).toBe(2);
  });

  it("goes on at the next page", async () => {
    await visit();
    await visit();
    expect(new Set(sessions()).size).toBe(1);
    expect(cookie("tracardi-session-id")).toBe(sessions()[0]);
  });

  it("ends with the browser, and the profile stays", async () => {
    await visit();
    // What a browser forgets when it is closed: cookies without a life of their own.
    for (const name of ["kith-open", "__tr_pid", "__tr_id"]) document.cookie = name + "=; Path=/; Max-Age=-1";
    expect(cookie("tracardi-session-id")).toBeDefined();
    await visit();
    expect(new Set(sessions()).size).toBe(2);
    expect(server.last().profile).toEqual({ id: "P1" });
  });

  it("is shared by tabs, also by those that opened at the same moment", async () => {
    const one = await openPage();
    const two = await openPage();
    void one.track("in one");
    // Each tab has begun a session; the cookie keeps the one that was written last.
    document.cookie = "tracardi-session-id=theirs; Path=/; Max-Age=1800";
    void two.track("in two");
    await pass();
    expect(server.types().flat().sort()).toEqual(["in one", "in two"]);
    expect(new Set(sessions())).toEqual(new Set(["theirs"]));
  });

  it("of an event is the one in which it happened", async () => {
    server.script.push(new Error("offline"));
    await visit("before");
    const before = sessions()[0];
    server.script.push(...Array.from({ length: 40 }, () => new Error("offline")));
    await pass(45 * MINUTE);
    // What is answered about an earlier visit does not end this one.
    server.script = [{ session: "another" }];
    await visit("after");
    await pass(6 * MINUTE);
    const delivered = server.payloads();
    expect(server.kept.size).toBe(2);
    const sessionOf = (type: string) =>
      delivered.reverse().find((payload) => payload.events.some((event) => event["type"] === type))!.session.id;
    expect(sessionOf("before")).toBe(before);
    expect(sessionOf("after")).not.toBe(before);
    expect(cookie("tracardi-session-id")).toBe(sessionOf("after"));
    expect(sessionOf("after")).not.toBe("another");
  });

  it("is found in the storage where there are no cookies", async () => {
    refuseCookies();
    await visit();
    await visit();
    expect(new Set(sessions()).size).toBe(1);
    await pass(31 * MINUTE);
    await visit();
    expect(new Set(sessions()).size).toBe(2);
  });
});

describe("cookies", () => {
  const written = async () => {
    const cookies = watchCookies();
    await visit();
    return cookies;
  };

  it("are for this site alone, and for encrypted connections where there are such", async () => {
    const cookies = await written();
    expect(cookies.length).toBeGreaterThan(0);
    for (const text of cookies) {
      expect(text).toContain("; Path=/");
      expect(text).toContain("; SameSite=Lax");
      expect(text).toContain("; Secure");
    }
    const session = cookies.find((text) => text.startsWith("tracardi-session-id="));
    expect(session).toContain("; Max-Age=1800;");
  });

  it("work without https, too", async () => {
    goTo("http://shop.example/");
    for (const text of await written()) expect(text).not.toContain("Secure");
  });

  it("hold the profile where there is no storage", async () => {
    vi.stubGlobal("localStorage", undefined);
    await visit();
    await visit();
    expect(server.last().profile).toEqual({ id: "P1" });
    clearCookies();
    await visit();
    expect(server.last().profile).toBeNull();
  });
});
