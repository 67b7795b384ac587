// Who listens to what the reference's library does: `on("track", …)`.
import type { Lent } from "../parts.js";
import type { Properties } from "../types.js";

export type Heard = (about: { payload: Properties }) => void;

export interface Bus {
  /** Returns a function that ends it. */
  on(names: string | string[], call: Heard): () => void;
  once(names: string | string[], call: Heard): () => void;
  tell(name: string, payload: Properties): void;
}

export function createBus(attempt: Lent["attempt"]): Bus {
  const all: { name: string; call: Heard }[] = [];

  function on(names: string | string[], call: Heard): () => void {
    const mine = [names].flat().map((name) => ({ name, call }));
    all.push(...mine);
    return () => {
      for (const one of mine) if (all.includes(one)) all.splice(all.indexOf(one), 1);
    };
  }

  function once(names: string | string[], call: Heard): () => void {
    const end = on(names, (about) => {
      end();
      call(about);
    });
    return end;
  }

  function tell(name: string, payload: Properties): void {
    const about = { payload: { type: name, ...payload } };
    for (const one of all.slice()) {
      if (one.name === name || one.name === "*") attempt(() => one.call(about));
    }
  }

  return { on, once, tell };
}
