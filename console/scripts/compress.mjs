// Leaves each built file in two compressed shapes, which is how the server keeps and sends them.
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const BEST = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };

const files = readdirSync("dist", { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
for (const file of files) {
  const path = join(file.parentPath, file.name);
  const bytes = readFileSync(path);
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  writeFileSync(`${path}.br`, brotliCompressSync(bytes, BEST));
  rmSync(path);
}
