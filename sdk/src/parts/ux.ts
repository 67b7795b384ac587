// Puts into the page what the server sends for it.
import type { Ux } from "../types.js";
import { attempt } from "../guard.js";

export function showUx(items: Ux[] | undefined, nonce: string | undefined): void {
  const place = document.body ?? document.documentElement;
  for (const item of items ?? []) attempt(() => place.append(element(item, nonce)));
}

function element({ tag, props = {}, content }: Ux, nonce: string | undefined): HTMLElement {
  const made = document.createElement(tag);
  // A strict Content-Security-Policy lets in only what carries the page's nonce.
  if (nonce) made.nonce = nonce;
  for (const [name, value] of Object.entries(props)) {
    // As an attribute, that policy refuses it.
    if (name === "style") made.style.cssText = String(value);
    else made.setAttribute(name, String(value));
  }
  if (content != null) made.textContent = content;
  return made;
}
