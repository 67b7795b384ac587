// The ES module.
import { createKith } from "./kith.js";
import type { Kith } from "./types.js";

export type * from "./types.js";

export const kith: Kith = createKith();
export default kith;
