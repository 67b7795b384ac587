// A shop's own pages, from another origin than Kith's, as in life.

import { createServer } from "node:http";
import { readFile } from "node:fs/promises";

import { SOURCE } from "./kith.mjs";

const NONCE = "r4nd0m";
const snippet = (name) => readFile(new URL(`../../sdk/snippets/${name}.html`, import.meta.url), "utf8");

const page = (head) => `<!doctype html><title>Shop</title>${head}<h1>Shop</h1>`;
const withNonce = (html) => html.replaceAll("<script>", `<script nonce="${NONCE}">`);
const policy = (kith) =>
  `default-src 'none'; script-src 'nonce-${NONCE}'; connect-src ${kith}; base-uri 'none'`;

/** A page that shares its process with nobody loads only what says that it may be. */
const ISOLATED = {
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-opener-policy": "same-origin",
};

/** What such a page embeds. */
const embedding = (kith) => `<script src="${kith}/tracker/kith.js"></script>
  <img src="${kith}/track.gif?source=${SOURCE}&type=embedded">`;

/** A page of our own snippet, with `options` added to those of `init`. */
function own(html, options) {
  return html.replace(/source: "([^"]*)"/, `source: "$1", ${options}`);
}

/** Serves the pages; `kith` is its URL. */
export async function startSite(kith) {
  const fill = (html) => html.replaceAll("https://kith.example", kith).replaceAll("YOUR-SOURCE-ID", SOURCE);
  const [plain, reference] = (await Promise.all([snippet("kith"), snippet("reference")])).map(fill);
  const quiet = plain.replace(/^.*kith\.track\(.*$/m, "");
  const pages = {
    "/": page(plain),
    "/quiet": page(quiet),
    "/consent": page(own(plain, "consent: true")),
    "/reference": page(reference),
    "/strict": page(withNonce(plain)),
    "/empty": page(""),
    "/isolated": page(embedding(kith)),
  };
  const server = createServer((request, response) => {
    const html = pages[new URL(request.url, "http://site").pathname];
    const headers = { "content-type": "text/html; charset=utf-8" };
    if (request.url.startsWith("/strict")) headers["content-security-policy"] = policy(kith);
    if (request.url.startsWith("/isolated")) Object.assign(headers, ISOLATED);
    response.writeHead(html ? 200 : 404, headers).end(html);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  // By name: `localhost` is not the IP address, so it is another site than Kith's.
  return { url: `http://localhost:${server.address().port}`, stop: () => server.close() };
}
