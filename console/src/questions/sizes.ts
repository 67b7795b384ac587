// How many were in something over time, from how many are in it now and who came and went. Free of React.

/** How many were in it at the end of each interval, of which the last one has not ended yet. */
export function sizes(now: number, entered: readonly (number | null)[], left: readonly (number | null)[]): number[] {
  const all: number[] = [];
  let size = now;
  for (let at = entered.length - 1; at >= 0; at--) {
    all.unshift(size);
    size += (left[at] ?? 0) - (entered[at] ?? 0);
  }
  return all;
}
