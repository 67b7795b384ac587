// Mergers as lanes, one for each profile: where each is, and which turns into which. Free of React.

type Merge = { loser: string; winner: string; undone: string | null };
export type Drawn = { width: number; rows: { through: number[]; from: number; to: number; holds: boolean }[] };

export const STEP = 14;
export const EDGE = 8;
/** Beside each other; what is further to the right is drawn at the edge. */
const LANES_MAX = 12;

/** For each merger in turn: the lanes that only pass, and which one turns into which. */
export function lanes(merges: readonly Merge[], own: string): Drawn {
  const all = [...new Set([own, ...merges.flatMap(({ winner, loser }) => [winner, loser])])];
  const lane = (id: string) => Math.min(all.indexOf(id), LANES_MAX - 1);
  const over = new Set<string>();
  const rows = merges.map(({ loser, winner, undone }) => {
    const alive = all.filter((id) => !over.has(id));
    const holds = undone === null;
    if (holds) over.add(loser);
    const through = alive.filter((id) => !(holds && id === loser)).map(lane);
    return { through: [...new Set(through)], from: lane(loser), to: lane(winner), holds };
  });
  return { width: EDGE * 2 + STEP * (Math.min(all.length, LANES_MAX) - 1), rows };
}
