// What deploys Kith sets what there is to set: a variable of another name would keep it from starting.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "../..");
const read = (path) => readFileSync(join(root, path), "utf8");

/** Each key of the default settings, as a variable. */
function variables() {
  const names = new Set(["KITH_CONFIG"]);
  let section = "";
  for (const line of read("src/config/default.toml").split("\n")) {
    section = line.match(/^\[([\w.]+)\]$/)?.[1] ?? section;
    const key = line.match(/^(\w+) = /)?.[1];
    if (key) names.add(["KITH", ...section.split(".").filter(Boolean), key].join("_").toUpperCase());
  }
  return names;
}

test("every variable in what deploys Kith is a setting", () => {
  const known = variables();
  assert.ok(known.has("KITH_ACCOUNTS_OIDC_CLIENT_SECRET") && known.size > 60, `${known.size}`);
  const files = execFileSync("git", ["ls-files", "deploy", "packaging"], { cwd: root, encoding: "utf8" }).trim().split("\n");
  const used = files.flatMap((file) => read(file).match(/\bKITH_[A-Z_]+\b/g) ?? []);
  assert.ok(used.includes("KITH_HTTP_DRAIN_SECONDS"), "the test sees none");
  assert.deepEqual(used.filter((name) => !known.has(name)), []);
});
