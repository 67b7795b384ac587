// Clicks: on what the page has marked, on links to others, on files.
import type { Lent } from "../parts.js";
import type { Properties } from "../types.js";
import { linkOf } from "./links.js";

const FILES = /\.(pdf|docx?|xlsx?|pptx?|od[tsp]|csv|txt|rtf|epub|zip|7z|rar|gz|tar|dmg|exe|msi|apk|mp3|mp4|mov|avi|wav)$/i;
const TEXT_CHARACTERS_MAX = 200;

export function measureClicks({ kith, setup, attempt }: Lent): void {
  const { clicks, links } = setup.auto!;

  function marked(event: Event): void {
    const path = event.composedPath() as HTMLElement[];
    const element = path.find((one) => one.dataset?.["kithEvent"]);
    if (!element) return;
    const { kithEvent, ...rest } = element.dataset;
    const properties: Properties = {};
    for (const [name, value] of Object.entries(rest)) {
      if (/^kith[A-Z]/.test(name)) properties[name[4]!.toLowerCase() + name.slice(5)] = value;
    }
    void kith.track(kithEvent!, properties);
  }

  function followed(event: Event): void {
    const link = linkOf(event);
    if (!link || !/^https?:$/.test(link.protocol)) return;
    const about = { url: link.href, text: link.innerText.trim().slice(0, TEXT_CHARACTERS_MAX) };
    const name = link.pathname.split("/").pop()!;
    if (link.download || FILES.test(name)) void kith.track("file-downloaded", { ...about, name });
    else if (link.host !== location.host) void kith.track("link-clicked", about);
  }

  for (const click of ["click", "auxclick"]) {
    if (clicks && click === "click") document.addEventListener(click, (event) => attempt(() => marked(event)), true);
    if (links) document.addEventListener(click, (event) => attempt(() => followed(event)), true);
  }
}
