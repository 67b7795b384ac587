// What was tried: events before and after beside each other, and who would become one. Free of React.

type Typed = { type: string };

/** Each event with the one that it has become: of the same type, in the same order. What has no other stands alone. */
export function paired<T extends Typed>(before: readonly T[], after: readonly T[]): [T | null, T | null][] {
  const left = [...after];
  const pairs = before.map((one): [T | null, T | null] => {
    const at = left.findIndex((other) => other.type === one.type);
    return [one, at < 0 ? null : (left.splice(at, 1)[0] ?? null)];
  });
  return [...pairs, ...left.map((one): [T | null, T | null] => [null, one])];
}

/** Ids of the people who would become one with somebody else, each once: a payload may speak of several people in turn. */
export const united = (turns: readonly { unites: readonly string[] }[]): string[] => [...new Set(turns.flatMap((turn) => turn.unites))];
