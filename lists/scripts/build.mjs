// Writes dist/crawlers.txt: patterns of the user agents of crawlers, one a line.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";

const list = JSON.parse(
  readFileSync("node_modules/crawler-user-agents/crawler-user-agents.json", "utf8"),
);

/** Libraries are what backends send with, and driven browsers are how a shop is tested. */
const NO_CRAWLERS = new Set(["http-library", "browser-automation"]);

/** Names that also stand in the user agents of people's browsers: applications with a browser inside, browsers, and telephones. */
const OF_PEOPLE = new Set(["Viber", "WhatsApp", "Sogou", "Blackboard", "Butterfly", "Synapse"]);

/** Mail services that fetch a picture when somebody opens the mail that it stands in. */
const FOR_PEOPLE = new Set(["GoogleImageProxy", "YahooMailProxy", "FastmailUA"]);

const patterns = list
  .filter(({ pattern }) => !FOR_PEOPLE.has(pattern))
  .filter(({ tags = [] }) => !tags.some((tag) => NO_CRAWLERS.has(tag)))
  .map(({ pattern }) => pattern)
  // The list writes some as paths are written in JavaScript.
  .map((pattern) => pattern.replaceAll("\\/", "/"))
  .filter((pattern) => !OF_PEOPLE.has(pattern));

if (patterns.length < 500) throw new Error("the list has changed its shape");
rmSync("dist", { recursive: true, force: true });
mkdirSync("dist");
writeFileSync("dist/crawlers.txt", `${patterns.join("\n")}\n`);
