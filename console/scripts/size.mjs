// Refuses a console that has grown past its budget: what is loaded before the first screen, and everything.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

const SHELL_KB_MAX = 110;
const ALL_KB_MAX = 600;

const kilobytes = (name) => statSync(join("dist", name)).size / 1000;
const unpacked = (name) => gunzipSync(readFileSync(join("dist", `${name}.gz`))).toString();

/** What the page itself loads, and what each script that it loads needs before it can run. */
function shell() {
  const wanted = [...unpacked("index.html").matchAll(/\/console\/(assets\/[^"]+)/g)].map(([, name]) => name);
  const found = new Set();
  while (wanted.length > 0) {
    const name = wanted.pop();
    if (found.has(name)) continue;
    found.add(name);
    if (!name.endsWith(".js")) continue;
    for (const [, next] of unpacked(name).matchAll(/(?:import|from)\s*["']\.\/([^"']+\.js)["']/g)) wanted.push(`assets/${next}`);
  }
  return [...found];
}

const sum = (names) => names.reduce((all, name) => all + kilobytes(`${name}.gz`), 0);
const all = readdirSync("dist", { recursive: true }).filter((name) => name.endsWith(".gz")).map((name) => name.slice(0, -3));
const measured = [["shell", sum(shell()), SHELL_KB_MAX], ["all", sum(all), ALL_KB_MAX]];
for (const [what, size, most] of measured) console.log(`${what}: ${size.toFixed(1)} kB gzipped, at most ${most}`);
if (measured.some(([, size, most]) => size > most)) process.exit(1);
