// What a page wants of its events before they go, and of what is measured by itself.
import { describe, expect, it } from "vitest";
import { goTo, openPage, pass, server, visit } from "./support.js";

const sent = () => server.posts.map(({ init }) => init.body).join("\n");

describe("a masked key", () => {
  const setup = { maskQuery: ["token", "user[mail]"] };

  it.each([
    "?token=SECRET",
    "?a=1&TOKEN=SECRET&b=2",
    "?t%6fken=SECRET",
    "?user%5Bmail%5D=SECRET",
    "?user[mail]=SECRET",
    "#token=SECRET",
    "#/cart?token=SECRET",
    "?next=%2Fcart%3Ftoken%3DSECRET",
    "?next=https%3A%2F%2Fx.example%2F%3Fa%3D1%26token%3DSECRET%26b%3D2",
    "?next=" + encodeURIComponent("/a?next=" + encodeURIComponent("/b?token=SECRET&c=3")),
    "?next=/cart?token=SECRET",
    "?next=%2Fcart%3Fuser%255Bmail%255D%3DSECRET",
  ])("has no value in %s", async (query) => {
    goTo("https://shop.example/" + query);
    const kith = await visit("page-view", setup);
    void kith.track("looked", { at: location.href });
    await pass();
    expect(server.types()).toEqual([["page-view"], ["looked"]]);
    expect(sent()).not.toContain("SECRET");
    expect(sent()).toContain("***");
  });

  it("has no value in a text of the page's, either", async () => {
    const kith = await openPage(setup);
    void kith.track("looked", { html: '<a href="/?a=1&amp;token=SECRET">' });
    await pass();
    expect(sent()).toContain("token=***");
    expect(sent()).not.toContain("SECRET");
  });

  it.each(["?tokens=PUBLIC", "?my-token=PUBLIC", "?a=token%3DPUBLIC", "?user.mail.=PUBLIC"])("is no other one: %s", async (query) => {
    goTo("https://shop.example/" + query);
    await visit("page-view", setup);
    expect(sent()).toContain("PUBLIC");
  });
});

describe("forms", () => {
  const submit = async (html: string, fields: string[]) => {
    document.body.innerHTML = `<form id="f">${html}</form>`;
    await openPage({ auto: { forms: { "#f": fields } } });
    await pass();
    document.querySelector("form")!.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
    await pass();
    return (server.last().events[0]!["properties"] as { fields: unknown }).fields;
  };

  it("tell all values of a name", async () => {
    const html = `
      <input type="checkbox" name="topic" value="tea" checked><input type="checkbox" name="topic" value="cups" checked>
      <input type="checkbox" name="topic" value="pots"><input type="checkbox" name="one" value="yes" checked>
      <select name="size" multiple><option selected>S</option><option selected>M</option><option>L</option></select>
      <select name="colour"><option>red</option><option selected>blue</option></select>
      <input name="toString" value="odd">`;
    expect(await submit(html, ["topic", "one", "size", "colour", "toString"])).toEqual({
      topic: ["tea", "cups"],
      one: "yes",
      size: ["S", "M"],
      colour: "blue",
      toString: "odd",
    });
  });

  it("tell telephone numbers, and no cards however they are written", async () => {
    const html = `
      <input name="phone" value="0049 1512 3456789"><input name="other" value="+49 1512 3456789">
      <input name="a" value="4111 1111 1111 1111"><input name="b" value="4111.1111.1111.1111">
      <input name="c" value="5500  0000  0000  0004"><input name="d" value="378282246310005">
      <input name="e" value="123" autocomplete="billing cc-csc"><input name="f" value="pass" autocomplete="section-a new-password">`;
    expect(await submit(html, ["phone", "other", "a", "b", "c", "d", "e", "f"])).toEqual({
      phone: "0049 1512 3456789",
      other: "+49 1512 3456789",
    });
  });
});

describe("what is told when a view has ended", () => {
  it("is told of its page, not of the next one", async () => {
    const kith = await openPage({ auto: { time: true, views: true } });
    await pass(3000);
    history.pushState({}, "", "/cups");
    document.title = "Cups";
    await pass();
    void kith.track("looked");
    await pass();
    const pages = [...server.kept.values()].map(({ type, context }) => [type, (context as any).page.path, (context as any).page.title]);
    expect(pages).toEqual([
      ["page-view", "/shoes", "Shoes"],
      ["visible-time", "/shoes", "Shoes"],
      ["page-view", "/cups", "Cups"],
      ["looked", "/cups", "Cups"],
    ]);
  });
});
