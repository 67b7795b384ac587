// Refuses a script that has grown past its budget: every visitor of every page pays for it.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const BYTES_MAX = 6144;

const script = readFileSync("dist/kith.js");
const bytes = gzipSync(script, { level: 9 }).length;
console.log(`dist/kith.js: ${script.length} bytes, ${bytes} gzipped, at most ${BYTES_MAX}`);
if (bytes > BYTES_MAX) process.exit(1);
