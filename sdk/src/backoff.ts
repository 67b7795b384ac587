// How long to leave a server alone that could not answer.

const FIRST_MS = 1000;
const LONGEST_MS = 300000;

/**
 * Twice as long after each failure, and never the same for all visitors: they would all come back
 * at once.
 */
export function backoff(failures: number, asked: number): number {
  const longest = Math.min(FIRST_MS * 2 ** (failures - 1), LONGEST_MS);
  const own = longest * (0.5 + Math.random() / 2);
  return Math.max(own, asked && asked + Math.random() * FIRST_MS);
}
