// The ES module.
import { createKith } from "./kith.js";
import type { Part, PartName } from "./parts.js";
import type { Kith } from "./types.js";

export type * from "./types.js";

/** By the bundler's own ways. Pages of the reference have script tags. */
async function load(name: PartName): Promise<Part> {
  const part = await (name === "auto" ? import("./parts/auto.js") : import("./parts/extras.js"));
  return part.default;
}

/** The page's tracker: `kith.init`, then the rest, in any order. */
export const kith: Kith = createKith(load);
export default kith;
