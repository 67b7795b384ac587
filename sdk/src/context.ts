// What of the browser goes along with each payload.
import type { ContextOptions, Properties } from "./types.js";

/** The browser's name is for pages of the reference; the server knows it by itself. */
export function payloadContext(wanted: ContextOptions, name?: string): Properties {
  const context: Properties = { time: time() };
  if (wanted.browser !== false) context["browser"] = { local: browser(name) };
  if (wanted.screen !== false) context["screen"] = { local: screenSize() };
  return context;
}

let tz: string | undefined;

function time(): Properties {
  // Browsers take long to tell.
  tz ??= Intl.DateTimeFormat().resolvedOptions().timeZone;
  return { local: new Date().toISOString(), tz };
}

function browser(name?: string): Properties {
  const browser = {
    name,
    engine: navigator.product,
    javaEnabled: false,
    ...pick(navigator, "appVersion userAgent language onLine cookieEnabled"),
  };
  return { browser, device: pick(navigator, "platform") };
}

function screenSize(): Properties {
  return {
    ...pick(screen, "width height availWidth availHeight colorDepth pixelDepth"),
    ...pick(window, "innerWidth innerHeight"),
    orientation: screen.orientation?.type,
  };
}

function pick(from: object, names: string): Properties {
  const pairs = names.split(" ").map((name) => [name, (from as Properties)[name]]);
  return Object.fromEntries(pairs);
}
