// A shop's own pages, from another origin than Kith's, as in life.

import { createServer } from "node:http";
import { readFile } from "node:fs/promises";

import { SOURCE } from "./kith.mjs";
import { referencePage } from "./loader.mjs";

const NONCE = "r4nd0m";
const snippet = (name) => readFile(new URL(`../../sdk/snippets/${name}.html`, import.meta.url), "utf8");

const page = (head) => `<!doctype html><title>Shop</title>${head}<h1>Shop</h1>`;
const withNonce = (html) => html.replaceAll("<script>", `<script nonce="${NONCE}">`);
const policy = (kith) =>
  `default-src 'none'; script-src 'nonce-${NONCE}'; connect-src ${kith}; base-uri 'none'`;

const TRUSTED = "; require-trusted-types-for 'script'; trusted-types kith";

/** A page that shares its process with nobody loads only what says that it may be. */
const ISOLATED = {
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-opener-policy": "same-origin",
};

/** What such a page embeds. */
const embedding = (kith) => `<script src="${kith}/tracker/kith.js"></script>
  <img src="${kith}/track.gif?source=${SOURCE}&type=embedded">`;

const AUTO = `auto: {
  views: true, links: true, clicks: true, scroll: true, time: true, errors: true,
  forms: { "#interest": ["topic", "secret", "note", "private"] }
}`;

const AUTOMATIC = `<button id="marked" data-kith-event="bought" data-kith-sku="42">Buy</button>
  <a id="away" href="https://elsewhere.example/a">away</a> <a id="file" href="/list.pdf">list</a>
  <form id="interest"><input name="topic"><input name="secret" type="password"><input name="note">
  <label data-kith-private><input name="private"></label></form><div style="height: 3000px"></div>`;

const CAREFUL = `maskQuery: ["voucher"], trackExternalLinks: ["other.example"],
  beforeSend: function (event) { return event.type !== "unwanted" && event; }`;

/** Pages of the reference, with what may differ between them. */
function theirs(kith) {
  const options = (url) => ({ tracker: { url, source: { id: SOURCE } } });
  const away = options({ script: `${kith}/tracker`, api: kith });
  const more = 'tracker.track("queued", { n: 1 }, {});';
  return {
    "/theirs": page(referencePage(away, { more })),
    "/theirs-plain": page(referencePage(away, { more, isModule: false })),
    "/theirs-older": page(referencePage(away, { more, file: "tracker.min.js" })),
    // From this page's own origin, where a proxy stands before Kith.
    "/theirs-verbatim": page(referencePage(options({ script: "/tracker/liliput.min.js", api: "" }), { more })),
  };
}

/** What a proxy hands on to Kith, so that it seems to be of this site. */
async function handOn(kith, request, response) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const { method, headers } = request;
  const body = method === "POST" ? Buffer.concat(chunks) : undefined;
  const type = headers["content-type"] ?? "text/plain";
  const answer = await fetch(kith + request.url, { method, body, headers: { "content-type": type, "user-agent": headers["user-agent"] } });
  response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") });
  response.end(Buffer.from(await answer.arrayBuffer()));
}

/** A page that has the next one ready before anybody asks for it. */
const PRERENDERING = `<script type="speculationrules">
  {"prerender": [{"urls": ["/?prerendered"], "eagerness": "immediate"}]}
</script><a href="/?prerendered">on</a>`;

/** A page that says what the script must be, and its parts; `spoilt` is another file than its part says. */
async function sealed(kith, html, spoilt) {
  const { script, integrity, parts } = await (await fetch(`${kith}/tracker/manifest.json`)).json();
  const known = Object.entries(parts).map(([name, part]) => [kith + part.script, name === spoilt ? integrity : part.integrity]);
  const map = JSON.stringify({ integrity: Object.fromEntries(known) });
  const element = `s.integrity = "${integrity}"; s.crossOrigin = "anonymous"; s.src = src;`;
  const named = html.replace("/tracker/kith.js", script).replace("s.src = src;", element);
  return `<script type="importmap">${map}</script>` + named;
}

/** A page of our own snippet, with `options` added to those of `init`. */
function own(html, options) {
  return html.replace(/source: "([^"]*)"/, `source: "$1", ${options}`);
}

/** Serves the pages; `kith` is its URL. */
export async function startSite(kith) {
  const fill = (html) => html.replaceAll("https://kith.example", kith).replaceAll("YOUR-SOURCE-ID", SOURCE);
  const [plain, reference] = (await Promise.all([snippet("kith"), snippet("reference")])).map(fill);
  const quiet = plain.replace(/^.*kith\.track\(.*$/m, "");
  const counting = own(plain, "auto: { clicks: true }");
  const pages = {
    "/": page(plain),
    "/quiet": page(quiet),
    "/consent": page(own(plain, "consent: true")),
    "/reference": page(reference),
    "/strict": page(withNonce(plain)),
    "/empty": page(""),
    "/isolated": page(embedding(kith)),
    "/prerendering": page(PRERENDERING),
    ...theirs(kith),
    "/auto": page(own(quiet, AUTO)) + AUTOMATIC,
    "/sealed": page(await sealed(kith, counting)) + AUTOMATIC,
    "/spoilt": page(await sealed(kith, counting, "auto")) + AUTOMATIC,
    "/careful": page(own(plain, CAREFUL)),
    "/shared": page(own(plain, 'cookieDomain: "shop.localhost"')),
    "/trusted": page(withNonce(own(quiet, "auto: { views: true }"))),
    // As through a proxy of this site, which hands the folder on.
    "/named": page(own(quiet, 'path: "/shop", auto: { views: true }').replaceAll(kith, "").replace("/tracker/kith.js", "/shop/s.js")),
  };
  const server = createServer((request, response) => {
    if (/^\/(track|tracker|shop)(\/|$)/.test(request.url)) return void handOn(kith, request, response);
    const html = pages[new URL(request.url, "http://site").pathname];
    const headers = { "content-type": "text/html; charset=utf-8" };
    if (request.url.startsWith("/trusted")) headers["content-security-policy"] = policy(kith) + TRUSTED;
    if (request.url.startsWith("/strict")) headers["content-security-policy"] = policy(kith);
    if (request.url.startsWith("/isolated")) Object.assign(headers, ISOLATED);
    response.writeHead(html ? 200 : 404, headers).end(html);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  // By name: `localhost` is not the IP address, so it is another site than Kith's.
  return { url: `http://localhost:${server.address().port}`, stop: () => server.close() };
}
