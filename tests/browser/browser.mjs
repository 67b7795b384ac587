// Chromium, with a profile on disk when it must be closed and opened again.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { chromium } from "playwright-core";

const settings = {
  executablePath: process.env.BROWSER,
  // As root, which is what machines that build run as, Chromium has no sandbox.
  args: ["--no-sandbox", "--disable-dev-shm-usage"],
};

export const launch = (more = {}) => chromium.launch({ ...settings, ...more });

/** A person's browser, which remembers. */
export async function person() {
  const folder = await mkdtemp(join(tmpdir(), "kith-person-"));
  return {
    open: () => chromium.launchPersistentContext(folder, settings),
    forget: () => rm(folder, { recursive: true, force: true }),
  };
}

/** The ids in use, once the server has answered. */
export async function ids(page) {
  const known = await page.waitForFunction(() => {
    const now = window.kith && window.kith.ids && window.kith.ids();
    return now && now.profile && now.session && now;
  });
  return known.jsonValue();
}

/** Everything a page complains about, as it comes. */
export function complaints(page) {
  const said = [];
  page.on("console", (message) => message.type() === "error" && said.push(message.text()));
  page.on("pageerror", (error) => said.push(String(error)));
  return said;
}
