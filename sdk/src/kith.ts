// What new pages use: `kith.init`, then `track`, `identify`, `consent`, in any order.
import type { Kith, Properties, TrackOptions } from "./types.js";
import { createClient, type Client } from "./client.js";
import { guarded } from "./guard.js";
import { checked, type Setup } from "./setup.js";
import type { Reply } from "./transport.js";

export interface PageKith extends Kith {
  init(setup: Setup): void;
  /** As `track`, with all that is known about the answer. */
  request: Client["track"];
}

export function createKith(): PageKith {
  let client: Client | undefined;
  /** What was called before `init`. */
  const early: ((client: Client) => void)[] = [];

  function whenReady(call: (client: Client) => void): void {
    if (client) call(client);
    else early.push(call);
  }

  function init(given: Setup): void {
    const setup = client ? undefined : checked(given);
    if (!setup) return;
    const started = (client = createClient(setup));
    for (const call of early) call(started);
  }

  function request(type: string, properties?: unknown, options?: TrackOptions) {
    return new Promise<Reply | undefined>((resolve) =>
      whenReady((ready) => resolve(ready.track(type, properties, options))),
    );
  }

  const track: Kith["track"] = (...call) => request(...call).then((reply) => reply?.data);

  return {
    init: guarded(init),
    request,
    track,
    identify: (traits) => track("identification", identification(traits)),
    consent: (consent) => whenReady((ready) => ready.consent(consent)),
    ids: () => client?.ids() ?? {},
  };
}

/** A visitor has several addresses; a page usually knows one. */
function identification(traits: Properties): Properties {
  const properties: Properties = { ...traits };
  for (const key of ["email", "phone"]) {
    const value = properties[key];
    if (typeof value === "string") properties[key] = { main: value };
  }
  return properties;
}
