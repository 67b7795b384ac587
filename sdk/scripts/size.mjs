// Refuses scripts that have grown past their budget: every visitor of every page pays for it.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const BYTES_MAX = { kith: 7168, auto: 2560, extras: 2560, reference: 2560 };

for (const [name, most] of Object.entries(BYTES_MAX)) {
  const script = readFileSync(`dist/${name}.js`);
  const bytes = gzipSync(script, { level: 9 }).length;
  console.log(`dist/${name}.js: ${script.length} bytes, ${bytes} gzipped, at most ${most}`);
  if (bytes > most) process.exitCode = 1;
}
