// Keys that mean something everywhere, unless somebody types into a field.

import { go } from "./router";
import { useEffect, useRef } from "react";

import { before, shifted, zoomedOut } from "../time/range";
import { SCREENS } from "./menu";
import { useSetRange, useWhen } from "./place";

/** How long the second key of two may take. */
const SECOND_MS_MAX = 1200;

type Does = { palette: () => void; help: () => void; renew: () => void; save: () => void };

const isTyped = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.shadowRoot !== null);

export function useKeys({ palette, help, renew, save }: Does) {
  const setRange = useSetRange();
  const when = useWhen();
  const first = useRef(0);
  useEffect(() => {
    const does: Record<string, () => void> = {
      "?": help, r: renew, s: save, "[": () => setRange(before(when)), "]": () => setRange(shifted(when, 1)), "-": () => setRange(zoomedOut(when)),
    };
    const pressed = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key === "k") {
        event.preventDefault();
        return palette();
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyped(event.target) || document.querySelector("dialog[open]")) return;
      const isSecond = event.timeStamp - first.current < SECOND_MS_MAX;
      first.current = event.key === "g" ? event.timeStamp : 0;
      const screen = isSecond && SCREENS.find((one) => one.keys === `g ${event.key}`);
      if (screen) return go({ to: screen.path });
      does[event.key]?.();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  });
}
