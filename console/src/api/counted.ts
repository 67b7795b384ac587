// Asks for the metrics.

import { raw } from "./client";
import { type Metrics, parse } from "./metrics";

export async function metrics(signal: AbortSignal): Promise<Metrics> {
  return parse(await (await raw("/metrics", { signal })).text());
}
