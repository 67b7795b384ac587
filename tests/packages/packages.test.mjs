// What people install, installed from its file into a place of its own, started and used.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { isUsed, run, said } from "./start.mjs";

const packaging = join(import.meta.dirname, "../../packaging");
let folder, bundle, files;

/** Makes packages of the bundle, not pressed: that takes most of the time. */
const make = (how, from, into) => run(join(packaging, how), [from, into, "--level", "0"]);
/** The only file of the folder whose name is so. */
const file = (pattern) => join(files, names.find((name) => pattern.test(name)));
let names = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "kith-packages-"));
  files = join(folder, "files");
  await make("bundle.py", process.env.KITH, files);
  names = await readdir(files);
  bundle = file(/\.tar\.gz$/);
  await Promise.all(["wheel.py", "npm.py", "debian.py"].map((how) => make(how, bundle, files)));
  names = await readdir(files);
});

after(() => rm(folder, { recursive: true, force: true }));

test("the bundle is whole, is used where it is unpacked, and says what is in it", async () => {
  const place = join(folder, "unpacked");
  await mkdir(place);
  await run("sha256sum", ["--check", `${bundle}.sha256`], { cwd: files });
  await run("tar", ["xzf", bundle, "-C", place, "--strip-components=1"]);
  await run("sha256sum", ["--check", "SHA256SUMS"], { cwd: place });
  await isUsed(join(place, "kith"), folder);
  const bill = JSON.parse(await readFile(join(place, "sbom.cdx.json"), "utf8"));
  const parts = bill.components.map((part) => part.name);
  const terms = await readFile(join(place, "LICENCES.txt"), "utf8");
  for (const part of ["tokio", "libsqlite3-sys", "duckdb", "react", "swagger-ui"]) {
    assert.ok(parts.includes(part), `the bill of materials has no ${part}`);
    assert.match(terms, new RegExp(`^${part} \\d`, "m"));
  }
  // For tests alone, and for building alone.
  for (const part of ["insta", "cc", "vite"]) assert.ok(!parts.includes(part), part);
});

test("a wheel is installed by pip, and becomes the program", async () => {
  const place = join(folder, "python");
  await run("python3", ["-m", "venv", place]);
  const how = ["install", "--quiet", "--no-index", "--disable-pip-version-check"];
  await run(join(place, "bin/pip"), [...how, file(/\.whl$/)]);
  await isUsed(join(place, "bin/kith"), folder);
  // `pipx run` and `uvx` start what is called like the package.
  assert.match(await said(join(place, "bin/kith-server"), "version"), /^kith \d/);
});

test("npm installs the program of this machine, and a signal reaches it", async () => {
  const place = join(folder, "npm");
  await mkdir(place);
  await writeFile(join(place, "package.json"), "{}");
  const how = ["install", "--offline", "--no-audit", "--no-fund", "--loglevel=error", "--cache", join(folder, "cache")];
  const [starter, carrier] = [file(/^kith-server-\d.*\.tgz$/), file(/^kith-server-linux-.*\.tgz$/)];
  await run("npm", [...how, starter, carrier], { cwd: place });
  await isUsed(join(place, "node_modules/.bin/kith"), folder);
  await rm(join(place, "node_modules/@kith", carrierName(carrier)), { recursive: true });
  const alone = await run(join(place, "node_modules/.bin/kith"), ["version"]).catch((error) => error);
  assert.equal(alone.code, 1);
  assert.match(alone.stderr, /is not installed/);
});

const carrierName = (path) => path.match(/kith-(server-linux-\w+)-/)[1];

test("Debian's package brings a program that is found, and a service that systemd understands", async (context) => {
  const place = join(folder, "debian");
  await run("dpkg", ["-x", file(/\.deb$/), place]);
  await isUsed(join(place, "usr/bin/kith"), folder, ["--config", join(place, "etc/kith/kith.toml")]);
  const unit = await readFile(join(place, "usr/lib/systemd/system/kith.service"), "utf8");
  assert.match(unit, /^StartLimitIntervalSec=0$/m);
  const own = join(folder, "kith.service");
  await writeFile(own, unit.replace("/usr/bin/kith", join(place, "usr/bin/kith")));
  const verified = await run("systemd-analyze", ["verify", own]).catch((error) => error);
  if (verified.code === "ENOENT") return context.diagnostic("there is no systemd; the service was not looked at");
  assert.equal(verified.code ?? 0, 0, verified.stderr);
  assert.equal(verified.stderr, "", "it has nothing to say");
});

test("Debian's package makes the service's folder, where data is brought before the first start", async (context) => {
  const place = join(folder, "scripts");
  await run("dpkg", ["-e", file(/\.deb$/), place]);
  // Who would change the machine only says so.
  const calls = join(folder, "calls");
  for (const name of ["adduser", "install", "chown", "chmod", "systemctl"]) {
    await writeFile(join(place, name), `#!/bin/sh\necho "${name} $*" >>${calls}\n`, { mode: 0o755 });
  }
  await run("sh", [join(place, "postinst"), "configure"], { env: { PATH: `${place}:${process.env.PATH}` } });
  const said = (await readFile(calls, "utf8")).split("\n");
  assert.match(said[0], /^adduser --system .* kith$/);
  if (existsSync("/var/lib/kith")) return context.diagnostic("this machine has the folder");
  assert.equal(said[1], "install -d -o kith -g kith -m 0700 /var/lib/kith");
});

test("the wheel is made again byte for byte", async () => {
  const again = join(folder, "again");
  await mkdir(again);
  const wheel = file(/\.whl$/);
  await make("wheel.py", bundle, again);
  const same = await run("cmp", [wheel, join(again, wheel.split("/").at(-1))]).catch((error) => error);
  assert.equal(same.code ?? 0, 0, same.stdout);
});
