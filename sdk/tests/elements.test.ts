// What the script does with the page's elements: triggers, links, and what the server sends.
import { beforeEach, describe, expect, it, vi } from "vitest";
import { openPage, pass, server, visit, warned } from "./support.js";
import type { InitOptions, Trigger } from "../src/types.js";

let see: (entries: { isIntersecting: boolean }[]) => void;
const observer = { observe: vi.fn(), disconnect: vi.fn() };
let threshold: unknown;

beforeEach(() => {
  observer.observe.mockClear();
  observer.disconnect.mockClear();
  vi.stubGlobal(
    "IntersectionObserver",
    class {
      observe = observer.observe;
      disconnect = observer.disconnect;
      constructor(call: typeof see, options: { threshold: number }) {
        see = call;
        threshold = options.threshold;
      }
    },
  );
});

describe("triggers", () => {
  const open = async (trigger: Trigger["trigger"]) => {
    document.body.innerHTML = `<p data-tracardi-tag="hero">text</p><p data-tracardi-tag="other">no</p>`;
    await openPage({
      triggers: [{ tag: "hero", trigger, data: { event: "triggered", properties: { n: 1 } } }],
    });
    await pass();
    return document.querySelectorAll("p");
  };
  const sent = async () => {
    await pass();
    return server.payloads().flatMap((payload) => payload.events.map((event) => event["properties"]));
  };

  it("onVisible: once, when a tenth can be seen", async () => {
    const [marked] = await open("onVisible");
    expect(observer.observe.mock.calls).toEqual([[marked]]);
    expect(threshold).toBe(0.1);
    see([{ isIntersecting: false }]);
    expect(await sent()).toEqual([]);
    see([{ isIntersecting: true }]);
    expect(observer.disconnect).toHaveBeenCalled();
    expect(await sent()).toEqual([{ n: 1 }]);
  });

  it("onMouseOver", async () => {
    const [marked, other] = await open("onMouseOver");
    other!.dispatchEvent(new Event("mouseover"));
    marked!.dispatchEvent(new Event("mouseover"));
    expect(await sent()).toEqual([{ n: 1 }]);
  });

  it("onTextSelect: with the text, when there is some", async () => {
    const [marked] = await open("onTextSelect");
    const selection = vi.fn(() => " ");
    vi.stubGlobal("getSelection", selection);
    marked!.dispatchEvent(new Event("pointerup"));
    selection.mockReturnValue(" some words ");
    marked!.dispatchEvent(new Event("pointerup"));
    expect(await sent()).toEqual([{ n: 1, text: "some words" }]);
  });
});

describe("links to the owner's other sites", () => {
  const click = async (href: string, type = "click", setup: Partial<InitOptions> = {}) => {
    await visit("page-view", { trackExternalLinks: ["shop.example", "Other.example", ".dotted.example"], ...setup });
    document.body.innerHTML = `<a href="${href}"><b>there</b></a>`;
    const link = document.querySelector("a")!;
    link.addEventListener("click", (event) => event.preventDefault());
    document.querySelector("b")!.dispatchEvent(new Event(type, { bubbles: true, cancelable: true }));
    return link.getAttribute("href");
  };

  it.each([
    ["https://other.example/a?b=c#d", "https://other.example/a?b=c&__tr_pid=P1&__tr_src=shop#d"],
    ["https://www.other.example/", "https://www.other.example/?__tr_pid=P1&__tr_src=shop"],
    ["https://dotted.example/", "https://dotted.example/?__tr_pid=P1&__tr_src=shop"],
  ])("hand the profile over: %s", async (href, expected) => {
    expect(await click(href)).toBe(expected);
  });

  it.each(["https://shop.test", "*.shop.test", "https://*.shop.test/", "shop.test:8443", "//SHOP.test/a?b"])(
    "whatever people write around a domain: %s",
    async (domain) => {
      const setup = { trackExternalLinks: [domain] };
      expect(await click("https://www.shop.test:8443/", "click", setup)).toContain("__tr_pid=P1");
    },
  );

  it("with the middle button, too", async () => {
    expect(await click("https://other.example/", "auxclick")).toContain("__tr_pid=P1");
  });

  it.each([
    ["of somebody else", "https://elsewhere.example/"],
    ["of somebody whose name ends alike", "https://another.example.evil/other.example"],
    ["of somebody whose name only ends alike", "https://evilother.example/"],
    ["of this site", "https://shop.example/next"],
    ["for mail", "mailto:a@other.example"],
  ])("but not those %s", async (_, href) => {
    expect(await click(href)).toBe(href);
  });

  it("not while nobody is known", async () => {
    server.profile = null;
    expect(await click("https://other.example/")).toBe("https://other.example/");
  });

  it("not without consent", async () => {
    const href = "https://other.example/";
    expect(await click(href, "click", { consent: true, profile: "P1" })).toBe(href);
  });
});

describe("what the server sends for the page", () => {
  const show = async (ux: unknown[], setup: Partial<InitOptions> = {}) => {
    server.script.push({ more: { ux: ux as never } });
    await visit("page-view", setup);
  };

  it("is put into it", async () => {
    await show([{ tag: "div", props: { id: "hello", "data-x": 1 }, content: "<b>Hi</b>" }]);
    const element = document.body.lastElementChild!;
    expect(element.outerHTML).toBe('<div id="hello" data-x="1">&lt;b&gt;Hi&lt;/b&gt;</div>');
  });

  it("carries the page's nonce", async () => {
    await show([{ tag: "style", content: "p{}" }, { tag: "script", props: { type: "text/plain" } }], { nonce: "n1" });
    for (const tag of ["style", "script"]) expect((document.body.querySelector(tag) as HTMLElement).nonce).toBe("n1");
  });

  it("has its style set without an attribute, which a strict policy would refuse", async () => {
    const set = vi.spyOn(Element.prototype, "setAttribute");
    await show([{ tag: "p", props: { style: "color: red", title: "x" } }]);
    expect((document.body.lastElementChild as HTMLElement).style.color).toBe("red");
    expect(set).toHaveBeenCalledWith("title", "x");
    expect(set).not.toHaveBeenCalledWith("style", "color: red");
  });

  it("does not fail as a whole", async () => {
    await show([null, { tag: "i" }]);
    expect(document.body.innerHTML).toBe("<i></i>");
    expect(warned()).toHaveLength(1);
  });

  it("can be declined", async () => {
    await show([{ tag: "div" }], { ux: false });
    expect(document.body.innerHTML).toBe("");
  });
});
