// Builds the scripts: for script tags (what the server embeds), and for bundlers.
import { createHash } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";
import { minify } from "terser";

rmSync("dist", { recursive: true, force: true });
mkdirSync("dist");

const shared = { bundle: true, target: "es2021", legalComments: "none", logLevel: "warning" };

await build({
  ...shared,
  entryPoints: { kith: "src/index.ts" },
  outdir: "dist",
  outExtension: { ".js": ".mjs" },
  chunkNames: "[name]-[hash]",
  format: "esm",
  splitting: true,
});

/**
 * Names that only the script's own modules know: no page (nor one of the reference's), no part, no payload, nothing
 * stored. Some are the browser's as well (`builtins`), of things that the script does not use.
 */
const PRIVATE =
  /^(mayGo|isFine|isMine|adopt|persist|homeless|clear|pin|claim|setCookie|settle|busy|said|place|hear|whole|latest|more|order|slot|fromCookie|state|current|items|heard|again|wait|wake|leave|touch|refuse|shared|tell|count|of|prepared|pack|outbox|all|next|online|text|keep|remove|erase|verdict)$/;

// Terser, since its result is five per cent smaller than esbuild's own.
async function script(name, entry, format, define = {}) {
  const made = { ...shared, entryPoints: [entry], format, write: false, define, minifySyntax: true };
  const [{ text }] = (await build(made)).outputFiles;
  // Nothing here is called with `new`, nor looked into as text: functions may have any form.
  const compress = { passes: 4, inline: 1, hoist_funs: true, lhs_constants: false, unsafe_arrows: true, unsafe_methods: true };
  const options = { ecma: 2020, module: format === "esm", compress };
  if (format === "iife") options.mangle = { properties: { regex: PRIVATE, builtins: true } };
  // Names are given to what is left, which makes them fewer.
  const { code: left } = await minify(text, { ...options, mangle: false });
  const code = (await minify(left, { ...options, compress: false })).code.replace(/^"use strict";/, "");
  writeFileSync(`dist/${name}.js`, code);
  return code;
}

/** The name by which the server knows a file that never changes. */
const named = (text) => createHash("sha256").update(text).digest("hex").slice(0, 10);

const parts = {};
for (const part of ["auto", "extras", "reference"]) {
  parts[part] = named(await script(part, `src/parts/${part}.ts`, "esm"));
}
const define = { PARTS: JSON.stringify(parts) };
await script("kith", "src/script.ts", "iife", define);
await script("liliput", "src/liliput.ts", "iife", define);
