// The rehearsal of a new version and the way back, with one version as both: that it goes through, and that it notices.

import assert from "node:assert/strict";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { isUsed, run, said } from "./start.mjs";

const root = join(import.meta.dirname, "../..");
const kith = process.env.KITH;
let folder, backup;

/** What the rehearsal says, and how it ends. */
async function rehearse(old, fresh) {
  const how = [join(root, "scripts/rehearse-upgrade.sh"), old, fresh, backup];
  const { code = 0, stdout } = await run("sh", how, { env: { ...process.env, TMPDIR: folder } }).catch((error) => error);
  return { code, stdout };
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "kith-upgrade-"));
  // What a version of long ago has left is brought to this one's format.
  const data = join(folder, "data");
  await cp(join(root, "tests/fixtures/lake-of-0.1"), data, { recursive: true });
  await isUsed(kith, folder, [], data);
  backup = join(folder, "backup");
  await said(kith, "backup", backup, "--data-dir", data);
});

after(() => rm(folder, { recursive: true, force: true }));

test("up and back again, nothing is missed", async () => {
  const { code, stdout } = await rehearse(kith, kith);
  assert.equal(code, 0, stdout);
  assert.match(stdout, /All went well/);
});

test("a new version that does not start is told of", async () => {
  const broken = join(folder, "broken");
  await writeFile(broken, "#!/bin/sh\n[ \"$1\" = version ] && echo kith 9 && exit\necho it is broken >&2\nexit 1\n", { mode: 0o755 });
  const { code, stdout } = await rehearse(kith, broken);
  assert.equal(code, 1);
  assert.match(stdout, /NOT WELL: the new version does not start: it is broken/);
});
