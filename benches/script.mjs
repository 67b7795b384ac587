#!/usr/bin/env node
// The browser script in a busy page: how long ten thousand calls of `track` in a loop block it, in a real Chromium, each time in a
// page of its own that has called nothing before. Prints the calls, the calls with all that the script puts off to the end of the
// page's run, the main thread's own time of it, and the longest task of the sending that follows.
//
//   KITH=target/release/kith BROWSER=$(scripts/browser.sh) benches/script.mjs [pages, 12 unless said]
//
// SCRIPT=sdk/dist/kith.js measures that file, and not the one that Kith was built with. Exits with 1 when the promise does not
// hold: each page is blocked for less than 100 ms.

import { readFileSync } from "node:fs";

import { ids, launch } from "../tests/browser/browser.mjs";
import { startKith } from "../tests/browser/kith.mjs";
import { startSite } from "../tests/browser/site.mjs";

const PAGES = Number(process.argv[2] ?? 12);
const CALLS = 10000;
const BLOCKED_MS_MAX = 100;
/** How long somebody watches the sending, which goes on for longer. */
const SENDING_MS = 2000;

const kith = await startKith();
const site = await startSite(kith.url);
const browser = await launch();

/** Runs in the page: the calls, and what is put off to the end of them. */
async function loop(calls) {
  const begun = performance.now();
  for (let n = 0; n < calls; n++) void window.kith.track("looped", { n });
  const called = performance.now() - begun;
  await new Promise((done) => setTimeout(done));
  return { called, blocked: performance.now() - begun };
}

/** Runs in the page: the longest that anything else waited while events were sent, in milliseconds. */
async function longestTask(milliseconds) {
  let longest = 0;
  const seen = new PerformanceObserver((list) => list.getEntries().forEach((task) => (longest = Math.max(longest, task.duration))));
  seen.observe({ type: "longtask" });
  await new Promise((done) => setTimeout(done, milliseconds));
  return longest;
}

async function measured() {
  const context = await browser.newContext();
  const page = await context.newPage();
  const script = process.env.SCRIPT;
  if (script) await page.route("**/tracker/kith.js", (route) => route.fulfill({ contentType: "text/javascript", body: readFileSync(script) }));
  await page.goto(`${site.url}/`);
  await ids(page);
  const devtools = await context.newCDPSession(page);
  await devtools.send("Performance.enable", { timeDomain: "threadTicks" });
  const ownMs = async () => {
    const { metrics } = await devtools.send("Performance.getMetrics");
    return 1000 * metrics.find(({ name }) => name === "TaskDuration").value;
  };
  const before = await ownMs();
  const took = await page.evaluate(loop, CALLS);
  const own = (await ownMs()) - before;
  const sending = await page.evaluate(longestTask, SENDING_MS);
  await context.close();
  return { ...took, own, sending };
}

const pages = [];
for (let number = 0; number < PAGES; number++) pages.push(await measured());
await browser.close();
site.stop();
await kith.stop();

console.log(`| ${CALLS} calls, ${PAGES} pages | fastest, ms | median, ms | slowest, ms |\n|---|---|---|---|`);
for (const [key, what] of Object.entries({ called: "the calls", blocked: "with what is put off", own: "the main thread's own time", sending: "longest task of sending (0: none of 50)" })) {
  const all = pages.map((page) => page[key]).sort((a, b) => a - b);
  const [fastest, median, slowest] = [all[0], all[PAGES >> 1], all.at(-1)].map((ms) => ms.toFixed(0));
  console.log(`| ${what} | ${fastest} | ${median} | ${slowest} |`);
}
const holds = pages.every(({ blocked }) => blocked < BLOCKED_MS_MAX);
console.log(`less than ${BLOCKED_MS_MAX} ms: ${holds ? "holds" : "DOES NOT HOLD"}`);
process.exit(holds ? 0 : 1);
