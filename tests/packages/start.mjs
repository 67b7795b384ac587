// Starts Kith by the command that somebody gets who installs it, and uses it.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

export const run = promisify(execFile);

/** Nothing of what leads a developer's own Kith to its library and its settings. */
const env = { PATH: process.env.PATH, HOME: process.env.HOME };

/** A command that is expected to do well; what it says. */
export const said = async (program, ...words) => (await run(program, words, { env })).stdout;

/** What happens between a start and its end, by this command, in a new folder or in one that is there: a payload is taken,
    and all ends well. */
export async function isUsed(program, folder, options = [], known = undefined) {
  const data = known ?? (await mkdtemp(join(folder, "data-")));
  if (!known) await said(program, "source", "add", "Shop", "--id", "shop", "--data-dir", data);
  const words = ["serve", "--listen", "127.0.0.1:0", "--data-dir", data, ...options];
  const child = spawn(program, words, { env, stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  let heard = "";
  child.stderr.on("data", (text) => (heard += text));
  const url = await new Promise((resolve, reject) => {
    child.stdout.on("data", (text) => {
      heard += text;
      const found = heard.match(/listens on (http:\/\/\S+)/);
      if (found) resolve(found[1]);
    });
    child.once("exit", (code) => reject(new Error(`it ended with ${code}: ${heard}`)));
    child.once("error", reject);
  });
  assert.match(await said(program, "healthcheck", "--listen", new URL(url).host), /takes payloads/);
  const payload = { source: { id: "shop" }, session: { id: "monday" }, events: [{ type: "page-view" }] };
  const answer = await fetch(`${url}/track`, { method: "POST", body: JSON.stringify(payload) });
  assert.equal(answer.status, 200);
  assert.match((await answer.json()).profile.id, /./);
  const history = await said(program, "sql", "SELECT type FROM events WHERE type = 'page-view'", "--data-dir", data);
  assert.match(history, /page-view/);
  child.kill("SIGTERM");
  assert.equal(await ended, 0, "it ended well");
  assert.match(heard, /Kith has stopped/);
}
