// What every test stands on: Kith, a shop's pages, a browser.

import { after, before } from "node:test";

import { launch } from "./browser.mjs";
import { startKith } from "./kith.mjs";
import { startSite } from "./site.mjs";

/** The owner's names for the script and its door, beside its own. */
const NAMED = { KITH_SCRIPT_PATH: "/shop", KITH_SCRIPT_FILE: "s.js" };

/** Built before the first test of a file and gone after the last; empty until then. */
export function stage() {
  const built = {};
  before(async () => {
    built.kith = await startKith({ env: NAMED });
    built.site = await startSite(built.kith.url);
    built.browser = await launch();
  });
  after(async () => {
    await built.browser.close();
    built.site.stop();
    await built.kith.stop();
  });
  return built;
}
