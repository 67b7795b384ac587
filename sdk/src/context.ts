// What of the browser goes along with each payload. What Kith has no use for, only pages of the reference send.
import type { ContextOptions, Properties } from "./types.js";

export function payloadContext(wanted: ContextOptions): Properties {
  return {
    time: time(),
    ...(wanted.browser !== false && { browser: { local: { browser: pick(navigator, "userAgent language") } } }),
    ...(wanted.screen !== false && { screen: { local: screenSize() } }),
  };
}

let tz: string | undefined;

function time(): Properties {
  // Browsers take long to tell.
  tz ??= Intl.DateTimeFormat().resolvedOptions().timeZone;
  return { local: new Date().toISOString(), tz };
}

function screenSize(): Properties {
  return {
    ...pick(screen, "width height colorDepth"),
    ...pick(window, "innerWidth innerHeight"),
    orientation: screen.orientation?.type,
  };
}

function pick(from: object, names: string): Properties {
  const pairs = names.split(" ").map((name) => [name, (from as Properties)[name]]);
  return Object.fromEntries(pairs);
}
