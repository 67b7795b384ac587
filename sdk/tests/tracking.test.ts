// What a page tracks is sent, and what is answered is used from then on.
import { describe, expect, it, vi } from "vitest";
import { freshKith, openPage, pass, queued, server, START, visit, URL_, warned } from "./support.js";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe("sending", () => {
  it("posts a payload as Kith takes it", async () => {
    const kith = await openPage();
    void kith.track("product-viewed", { sku: "42" }, { context: { test: "B" }, save: false });
    await pass();

    expect(server.posts).toHaveLength(1);
    const { url, init, payload } = server.posts[0]!;
    expect(url).toBe(URL_ + "/track");
    expect(init).toMatchObject({ method: "POST", credentials: "omit", keepalive: true });
    expect(payload).toMatchObject({
      source: { id: "shop" },
      session: { id: expect.stringMatching(UUID) },
      profile: null,
      options: {},
      events: [
        {
          id: expect.stringMatching(UUID),
          type: "product-viewed",
          time: { create: new Date(START).toISOString() },
          properties: { sku: "42" },
          options: { save: false },
          context: { test: "B", page: { title: "Shoes" } },
        },
      ],
    });
    expect(payload.events[0]!["options"]).not.toHaveProperty("context");
  });

  it("needs no preflight: no headers of its own", async () => {
    await visit();
    expect(server.posts[0]!.init.headers).toBeUndefined();
  });

  it("sends the calls of one moment together, and later ones too", async () => {
    const kith = await openPage({ events: [["page-view", { from: "options" }]] });
    void kith.track("first");
    void kith.track("second");
    await pass();
    void kith.track("third");
    await pass();

    expect(server.types()).toEqual([["page-view", "first", "second"], ["third"]]);
  });

  it("fires at once, in a request of its own", async () => {
    const kith = await openPage();
    void kith.track("gathered");
    void kith.track("fired", {}, { fire: true });
    await pass(0);
    expect(server.types()).toEqual([["fired"]]);
    await pass();
    expect(server.types()).toEqual([["fired"], ["gathered"]]);
  });

  it("takes calls before init", async () => {
    const kith = await freshKith();
    void kith.track("early");
    kith.init({ url: URL_ + "/", source: "shop" });
    await pass();
    expect(server.types()).toEqual([["early"]]);
    expect(server.posts[0]!.url).toBe(URL_ + "/track");
  });

  it("is set up once", async () => {
    const kith = await openPage();
    kith.init({ url: "https://other.example", source: "other" });
    void kith.track("page-view");
    await pass();
    expect(server.posts.map((post) => post.url)).toEqual([URL_ + "/track"]);
    expect(warned()).toEqual([["kith:", expect.stringContaining("kith.tracker")]]);
  });

  it("says when, so that the server can tell how wrong the browser's clock is", async () => {
    server.script.push(new Error("offline"));
    await visit();
    await pass(5000);
    const [first, second] = server.payloads();
    expect(first!.sentAt).toBe("2026-01-05T10:00:00.050Z");
    expect(Date.parse(second!.sentAt)).toBeGreaterThan(Date.parse(first!.sentAt));
    expect(second!.events).toEqual(first!.events);
  });

  it("has trackers of several names, each with ids of its own", async () => {
    const kith = await openPage();
    kith.tracker("eu").init({ url: "https://eu.example", source: "eu" });
    void kith.track("a");
    void kith.tracker("eu").track("b");
    await pass();
    expect(server.posts.map(({ url, payload }) => [url, payload.source.id])).toEqual([
      [URL_ + "/track", "shop"],
      ["https://eu.example/track", "eu"],
    ]);
    const [one, other] = server.payloads();
    expect(one!.session.id).not.toBe(other!.session.id);
    server.profile = "P2";
    void kith.tracker("eu").track("c");
    await pass();
    expect(kith.ids().profile).toBe("P1");
    expect(kith.tracker("eu").ids().profile).toBe("P2");
  });

  it.each([
    ["https://kith.example/", "shop", "https://kith.example/shop"],
    ["https://kith.example", "//shop", "https://kith.example/shop"],
    ["https://kith.example/own/", "", "https://kith.example/own"],
    ["", undefined, "https://shop.example/track"],
    ["/own", undefined, "https://shop.example/own/track"],
  ])("goes to no other host, whatever is missing, and whatever the page's base is: %s %s", async (url, path, address) => {
    document.head.innerHTML = '<base href="https://cdn.example/">';
    await visit("page-view", { url, path: path as string });
    document.head.innerHTML = "";
    expect(server.posts[0]!.url).toBe(address);
  });

  it("goes where the owner has named the door", async () => {
    await visit("page-view", { path: "/shop" });
    expect(server.posts[0]!.url).toBe(URL_ + "/shop");
  });

  it("keeps what was given, whatever the page does with it later", async () => {
    const kith = await openPage();
    const properties = { sku: "42" };
    void kith.track("viewed", properties);
    properties.sku = "43";
    await pass();
    expect(server.last().events[0]!["properties"]).toEqual({ sku: "42" });
  });

  it("sends payload options", async () => {
    await visit("page-view", { options: { debugger: true } });
    expect(server.last().options).toEqual({ debugger: true });
  });

  it("splits what is too much for one request", async () => {
    const kith = await openPage();
    for (let index = 0; index < 5; index++) void kith.track("large", { text: "x".repeat(12000) });
    await pass();
    expect(server.posts.length).toBeGreaterThan(1);
    expect(server.types().flat()).toHaveLength(5);
    for (const { init } of server.posts) expect((init.body as string).length).toBeLessThan(30000);
  });
});

describe("the answer", () => {
  it("is what track resolves with, and onAnswer hears", async () => {
    server.script.push({ more: { response: { offer: 7 } } });
    const onAnswer = vi.fn();
    const kith = await openPage({ onAnswer });
    const answer = kith.track("page-view");
    await pass();
    expect((await answer)?.response).toEqual({ offer: 7 });
    expect(onAnswer).toHaveBeenCalledWith(
      expect.objectContaining({ response: { offer: 7 } }),
      server.last(),
    );
  });

  it("gives the profile id, which is stored and sent from then on", async () => {
    const kith = await visit();
    expect(localStorage.getItem("tracardi-profile-id")).toBe("P1");
    expect(localStorage.getItem("__tr_pid")).toBe("P1");
    expect(localStorage.getItem("__tr_id")).toBe("P1");
    void kith.track("next");
    await pass();
    expect(server.last().profile).toEqual({ id: "P1" });
    expect(kith.ids().profile).toBe("P1");

    await visit("on the next page");
    expect(server.last().profile).toEqual({ id: "P1" });
  });

  it("renews the profile id, for fired calls as well", async () => {
    const kith = await visit();
    server.profile = "P2";
    void kith.track("merging", {}, { fire: true });
    await pass();
    expect(localStorage.getItem("tracardi-profile-id")).toBe("P2");
    void kith.track("next", {}, { fire: true });
    await pass();
    expect(server.last().profile).toEqual({ id: "P2" });
    await visit("on the next page");
    expect(server.last().profile).toEqual({ id: "P2" });
  });

  it("without a profile id changes nothing", async () => {
    await visit();
    server.profile = null;
    const kith = await visit();
    void kith.track("next");
    await pass();
    expect(localStorage.getItem("tracardi-profile-id")).toBe("P1");
  });

  it("may name another session, which is taken over", async () => {
    server.script.push({ session: "S2" });
    const kith = await visit();
    void kith.track("next");
    await pass();
    expect(server.last().session.id).toBe("S2");
  });

  it("takes in ids that the reference's library has stored as JSON", async () => {
    localStorage.setItem("tracardi-profile-id", '"theirs"');
    await visit();
    expect(server.last().profile).toEqual({ id: "theirs" });
  });

  it("takes in the newest id that the reference's script has left", async () => {
    localStorage.setItem("tracardi-profile-id", "stale");
    localStorage.setItem("__tr_id", "newest");
    await visit();
    expect(server.last().profile).toEqual({ id: "newest" });
  });

  it("never takes the text null for an id", async () => {
    localStorage.setItem("tracardi-profile-id", "null");
    await visit();
    expect(server.last().profile).toBeNull();
  });

  it("leaves nothing in the queue", async () => {
    await visit();
    expect(queued()).toEqual([]);
  });
});

describe("identify", () => {
  it("says who the visitor is", async () => {
    const kith = await openPage();
    void kith.identify({ email: "ann@example.com", phone: { mobile: "1" }, firstname: "Ann" });
    await pass();
    expect(server.last().events[0]).toMatchObject({
      type: "identification",
      properties: { email: { main: "ann@example.com" }, phone: { mobile: "1" }, firstname: "Ann" },
    });
  });
});

describe("reset", () => {
  it("makes whoever comes next somebody else", async () => {
    const kith = await visit();
    const before = server.last().session.id;
    kith.reset();
    server.profile = "P2";
    void kith.track("next");
    await pass();
    expect(server.last().profile).toBeNull();
    expect(server.last().session.id).not.toBe(before);
    expect(kith.ids().profile).toBe("P2");
  });

  it("leaves to whoever was there before what waits and what is still answered", async () => {
    const kith = await visit();
    const before = server.last().session.id;
    let answer: (scripted: object) => void = () => undefined;
    server.script.push(new Promise((resolve) => (answer = resolve)));
    void kith.track("on its way");
    await pass();
    void kith.track("waits");
    kith.reset();
    void kith.track("after");
    answer({});
    await pass(1000);
    const sent = server.payloads().map(({ events, profile, session }) => [
      events.map((event) => event["type"]).join(),
      profile?.id,
      session.id === before,
    ]);
    expect(sent.slice(1)).toEqual([
      ["on its way", "P1", true],
      ["waits", "P1", true],
      ["after", undefined, false],
    ]);
  });

  it("in one tab does the same for what waits and what is on its way in another", async () => {
    const other = await visit();
    const one = await openPage();
    await pass();
    let answer: (scripted: object) => void = () => undefined;
    server.script.push(new Promise((resolve) => (answer = resolve)));
    void other.track("on its way");
    await pass();
    void other.track("waits");
    await pass();
    one.reset();
    answer({});
    await pass(1000);
    expect(server.last()).toMatchObject({ profile: { id: "P1" }, events: [{ type: "waits" }] });
    void other.track("after");
    await pass();
    expect(server.last()).toMatchObject({ profile: null, events: [{ type: "after" }] });
  });

  it("also where the one before was not known yet", async () => {
    const one = await openPage();
    await pass();
    server.script.push({ status: 503, headers: { "Retry-After": "30" } });
    await visit("waits");
    one.reset();
    server.profile = "P2";
    void one.track("after");
    await pass(60000);
    expect(server.payloads().map(({ profile, events }) => [profile, events[0]!["type"]])).toEqual([
      [null, "waits"],
      [null, "after"],
      [null, "waits"],
    ]);
    expect(one.ids().profile).toBe("P2");
  });
});

describe("a profile given by the page", () => {
  it("goes before the stored one", async () => {
    await visit();
    await visit("page-view", { profile: "mine" });
    expect(server.last().profile).toEqual({ id: "mine" });
  });
});
