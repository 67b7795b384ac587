// The real binary on a folder of its own, and what it knows.

import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const BINARY = process.env.KITH;
const run = promisify(execFile);

export const SOURCE = "shop";

/** Starts Kith on a port of its own, unless it says where, with these settings. */
export async function startKith({ listen = "127.0.0.1:0", env = {} } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "kith-browser-"));
  await run(BINARY, ["source", "add", "Shop", "--id", SOURCE, "--data-dir", folder]);
  let { child, url, said } = await serve(folder, listen, env);
  const end = async () => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await ended;
  };
  return {
    url,
    /** What the server has said until it listened, and after. */
    said,
    /** Cannot be reached from now on. */
    goAway: end,
    /** Where it was, with all that it had. */
    async comeBack() {
      ({ child } = await serve(folder, new URL(url).host, env));
    },
    /** Rows of an answer, as lists of texts. */
    async sql(query) {
      const { stdout } = await run(BINARY, ["sql", query, "--data-dir", folder]);
      const lines = stdout.trim().split("\n").slice(1);
      return lines.map((line) => line.split(","));
    },
    /** What a command says. */
    async command(...words) {
      return (await run(BINARY, [...words, "--data-dir", folder])).stdout;
    },
    /** The password of an administrator who is added. */
    async user(email) {
      const { stdout } = await run(BINARY, ["user", "add", email, "--data-dir", folder]);
      return stdout.trim().split(" ").at(-1);
    },
    async stop() {
      await end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function serve(folder, listen, env) {
  // Nobody here asks a balancer's question before the end.
  const options = { env: { KITH_HTTP_DRAIN_SECONDS: "0", ...process.env, ...env } };
  const child = spawn(BINARY, ["serve", "--listen", listen, "--data-dir", folder], options);
  let heard = "";
  child.stdout.on("data", (text) => (heard += text));
  return { child, url: await listening(child), said: () => heard };
}

function listening(child) {
  return new Promise((resolve, reject) => {
    let said = "";
    child.stdout.on("data", (text) => {
      said += text;
      const found = said.match(/listens on (http:\/\/\S+)/);
      if (found) resolve(found[1]);
    });
    child.stderr.resume();
    child.once("exit", (code) => reject(new Error(`kith ended with ${code}: ${said}`)));
  });
}

/** Asks until the answer is as it should be; fails with the last one after so many seconds. */
export async function until(ask, isRight, what, seconds = 10) {
  let last;
  for (let attempt = 0; attempt < 10 * seconds; attempt++) {
    last = await ask();
    if (isRight(last)) return last;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${what}: ${JSON.stringify(last)}`);
}
