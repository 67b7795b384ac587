// The document that Kith prints is exact enough for a typed client, which gets what its types say.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFile, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

import { SOURCE, startKith } from "../browser/kith.mjs";

/** Fields and parameters that `use.ts` reads or sends. */
const USED = "access_token,roles,consents,valid,next,cursor,where,steps,sessions,who".split(",");
/** What has happened once the program is through, the latest first. */
const TYPES = "consent-update,purchase,page-view,visit-started,session-opened,profile-created";

const here = import.meta.dirname;
const run = promisify(execFile);
let folder, document;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "kith-client-"));
  for (const file of ["use.ts", "tsconfig.json", "package.json"]) {
    await copyFile(join(here, file), join(folder, file));
  }
  await symlink(join(here, "node_modules"), join(folder, "node_modules"));
  document = (await run(process.env.KITH, ["openapi"])).stdout;
});

after(() => rm(folder, { recursive: true, force: true }));

/** A tool that is installed beside this file. */
const tool = (name, ...args) => run(join(here, "node_modules/.bin", name), args, { cwd: folder });

/** What the compiler says about the program and the types of this document; nothing when it compiles. */
async function compile(document) {
  await writeFile(join(folder, "openapi.json"), document);
  await tool("openapi-typescript", "openapi.json", "-o", "kith.ts");
  const made = tool("tsc", "--noEmit", "false", "--pretty", "false");
  return made.then(
    () => "",
    (error) => error.stdout,
  );
}

/** The document with other names for some fields and parameters, wherever they are. */
function renamed(document, names) {
  const other = (name) => (names.includes(name) ? `${name}_renamed` : name);
  const entries = (object) => Object.entries(object).map(([name, value]) => [other(name), value]);
  const parsed = JSON.parse(document, (key, value) => {
    if (key === "properties") return Object.fromEntries(entries(value));
    if (key === "required" && Array.isArray(value)) return value.map(other);
    return key === "name" && typeof value === "string" ? other(value) : value;
  });
  return JSON.stringify(parsed);
}

test("a client of another document does not compile, and the error names what is missing", async () => {
  const said = await compile(renamed(document, USED));
  for (const name of USED) assert.ok(said.includes(`'${name}'`), `${name} in ${said}`);
});

test("a client of the document compiles, and does what it says", async () => {
  assert.equal(await compile(document), "");
  const kith = await startKith();
  try {
    const { use } = await import(pathToFileURL(join(folder, "use.js")));
    const username = "ann@example.com";
    const password = await kith.user(username);
    const { profile, ...seen } = await use(kith.url, { username, password }, SOURCE);
    assert.ok(profile);
    assert.deepEqual(seen, {
      person: { types: TYPES.split(","), sessions: ["monday"] },
      bought: [12],
      steps: [1, 1],
      changes: { lines: ["command line: put source shop"], next: null },
    });
  } finally {
    await kith.stop();
  }
});
