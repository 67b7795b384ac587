// A value that a rule says itself, as it is typed: JSON, and what is none is a text. Free of React.

import { isSame, parse, write } from "../api/json";
import type { Json } from "../questions/places";

/** What is meant by what was typed: `5` is a number, `"5"` and `gold` are texts. */
export function meant(text: string): Json {
  try {
    return parse(text) as Json;
  } catch {
    return text;
  }
}

/** The same value to be typed again: a text that would be something else has its quotes. */
export const typed = (value: Json): string => (typeof value === "string" && isSame(meant(value), value) ? value : write(value));
