// Several sites of one domain, each with a storage of its own, share visitor and visit, and their no.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { goTo, leavePage, openPage, pass, server } from "./support.js";
import type { InitOptions } from "../src/types.js";

const SHARED = { cookieDomain: "shop.example" };
let storages: Record<string, Record<string, string>>;
let here: string;

beforeEach(() => {
  storages = {};
  here = "shop.example";
});

afterEach(() => {
  for (const pair of document.cookie.split("; ")) {
    document.cookie = pair.split("=")[0] + "=; Path=/; Domain=shop.example; Max-Age=-1";
  }
});

/** The visitor goes to a page of this site. */
async function goOn(site: string, setup: Partial<InitOptions> = SHARED) {
  leavePage();
  storages[here] = { ...localStorage };
  localStorage.clear();
  here = site + ".shop.example";
  goTo("https://" + here + "/");
  Object.entries(storages[here] ?? {}).forEach(([key, value]) => localStorage.setItem(key, value));
  const kith = await openPage(setup);
  await pass();
  return kith;
}

async function viewOn(site: string, setup?: Partial<InitOptions>) {
  const kith = await goOn(site, setup);
  void kith.track("page-view");
  await pass();
  return kith;
}

/** Somebody whom both sites know. */
async function known(setup?: Partial<InitOptions>) {
  for (const site of ["www", "m"]) await viewOn(site, setup);
  expect(server.last().profile).toEqual({ id: "P1" });
}

describe("a visitor of several sites", () => {
  it("is one, in one visit", async () => {
    await known();
    const [first, second] = server.payloads();
    expect(second!.session).toEqual(first!.session);
  });

  it("who signs out on one is somebody else on the others", async () => {
    await known();
    (await goOn("www")).reset();
    expect((await goOn("m")).ids().profile).toBeUndefined();
    server.profile = "P2";
    await viewOn("m");
    expect(server.last().profile).toBeNull();
    expect((await goOn("www")).ids().profile).toBe("P2");
  });

  it("is kept where the sites begin to share, and where the domain is not theirs", async () => {
    await viewOn("www", {});
    expect((await viewOn("www")).ids().profile).toBe("P1");
    expect((await goOn("m")).ids().profile).toBe("P1");
    await viewOn("else", { cookieDomain: "other.example" });
    expect((await goOn("else", { cookieDomain: "other.example" })).ids().profile).toBe("P1");
  });

  it.each([
    ["had begun where nothing was shared", {}, SHARED],
    ["is on a page that shares nothing", SHARED, {}],
  ])("can sign out for good who %s", async (_, before, after) => {
    const first = (await viewOn("www", before)).ids();
    const kith = await goOn("www", after);
    kith.reset();
    expect(document.cookie).toBe("");
    server.profile = "P2";
    void kith.track("of the next");
    await pass();
    expect(server.last().profile).toBeNull();
    expect(server.last().session.id).not.toBe(first.session);
  });
});

describe("a refusal on one of several sites", () => {
  it("counts on the others, where nothing stays", async () => {
    await known();
    (await goOn("www")).consent(false);
    await pass();
    const many = server.posts.length;
    const kith = await viewOn("m");
    expect(server.posts).toHaveLength(many);
    expect(kith.ids()).toEqual({});
    expect(document.cookie).toBe("kith-refusals=1");
    expect(Object.keys(localStorage).sort()).toEqual(["kith-consent", "kith-refusals"]);
  });

  it("counts in pages that are open", async () => {
    await known();
    const kith = await goOn("m");
    document.cookie = "kith-refusals=1; Path=/; Domain=shop.example";
    const many = server.posts.length;
    void kith.track("later");
    await pass();
    expect(server.posts).toHaveLength(many);
    expect(kith.ids()).toEqual({});
  });

  it("takes nothing from who has agreed anew there since", async () => {
    await known();
    (await goOn("www")).consent(false);
    await pass();
    const agreed = await goOn("www");
    agreed.consent(true);
    server.profile = "P2";
    void agreed.track("page-view");
    await pass();
    const ids = agreed.ids();
    await viewOn("m");
    expect((await goOn("www")).ids()).toEqual(ids);
  });

  it("takes back what was granted on the others, until they are granted something anew", async () => {
    const setup = { ...SHARED, consent: true };
    for (const site of ["www", "m", "www"]) (await goOn(site, setup)).consent(true);
    await known(setup);
    (await goOn("www", setup)).consent(false);
    await pass();
    const many = server.posts.length;
    const kith = await viewOn("m", setup);
    expect(server.posts).toHaveLength(many);
    kith.consent(true);
    await pass();
    expect(server.types().slice(many)).toEqual([["page-view"]]);
    // What www has said is said: also where it says so at every page.
    (await goOn("www", setup)).consent(false);
    await viewOn("m", setup);
    expect(server.types().slice(many)).toEqual([["page-view"], ["page-view"]]);
  });
});
