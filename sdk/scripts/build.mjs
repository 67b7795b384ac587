// Builds the two scripts: for the script tag (what the server embeds), and for bundlers.
import { rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";
import { minify } from "terser";

rmSync("dist", { recursive: true, force: true });

const shared = { bundle: true, target: "es2020", legalComments: "none", logLevel: "warning" };

await build({ ...shared, entryPoints: ["src/index.ts"], outfile: "dist/kith.mjs", format: "esm" });

const script = { ...shared, entryPoints: ["src/script.ts"], format: "iife", write: false };
const [{ text }] = (await build(script)).outputFiles;
// Terser, since its result is five per cent smaller than esbuild's own.
const small = await minify(text, { ecma: 2020, compress: { passes: 3, unsafe_arrows: true } });
writeFileSync("dist/kith.js", small.code);
