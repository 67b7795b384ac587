// Texts that several tabs keep in one place, which has a bound. Free of React.

import { write } from "../api/json";

const bytes = (text: string) => new TextEncoder().encode(write(text)).length + 1;

/** As many of these as fit, of the first ones so many at most; one that is too long is left out, and not cut. */
export function fitting(texts: readonly string[], bytesMax: number, most: number): string[] {
  let left = bytesMax;
  return texts.filter((text) => {
    const fits = bytes(text) <= left;
    if (fits) left -= bytes(text);
    return fits;
  }).slice(0, most);
}

/** Mine, and those of others that are kept there: whatever I have kept there before was mine. */
export const beside = (mine: readonly string[], before: ReadonlySet<string>, kept: readonly string[]): string[] => [...mine, ...kept.filter((text) => !before.has(text) && !mine.includes(text))];
