// Rows of trends as lines of a chart: one axis for all, the time before under the time of now; free of React.

import type { Schemas } from "../api/client";
import type { Line } from "../charts/time";
import { read } from "../time/zone";

export type Row = Schemas["TrendRow"];
/** What a line is: a series of one group, of now or of the time before. */
export type Kind = { series: string; group: string | null; isBefore: boolean; isSmooth: boolean };
export type Laid = { times: number[]; dates: string[]; lines: (Line & Kind)[] };

const text = ({ series, group }: Row) => JSON.stringify([series, group ?? null]);

/** `called` says what a line is to be called. */
export function laid(rows: readonly Row[], before: readonly Row[], called: (kind: Kind) => string): Laid {
  const dates = [...new Set(rows.flatMap((row) => row.date ?? []))];
  const at = new Map(dates.map((date, index) => [date, index]));
  const lines = [...grouped(rows)].flatMap(([key, own]) => {
    const kind = kindOf(key, false);
    const values = (pick: (row: Row) => number | undefined) => {
      const list: (number | null)[] = dates.map(() => null);
      for (const row of own) list[at.get(row.date ?? "") ?? -1] = pick(row) ?? null;
      return list;
    };
    const plain = { ...kind, name: called(kind), values: values((row) => row.value) };
    if (!own.some((row) => row.smoothed !== undefined)) return [plain];
    const smooth = { ...kind, isSmooth: true };
    return [plain, { ...smooth, name: called(smooth), values: values((row) => row.smoothed), dashed: true }];
  });
  // Both have the same length, so the first interval then lies under the first one now.
  const earlier = [...grouped(before)].map(([key, own]) => {
    const kind = kindOf(key, true);
    const values = own.map((row) => row.value ?? null);
    return { ...kind, name: called(kind), values: dates.map((_, index) => values[index] ?? null), dashed: true };
  });
  return { times: dates.map((date) => read(date).getTime() / 1000), dates, lines: [...lines, ...earlier] };
}

function grouped(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const known = groups.get(text(row));
    if (known) known.push(row);
    else groups.set(text(row), [row]);
  }
  return groups;
}

function kindOf(key: string, isBefore: boolean): Kind {
  const [series, group] = JSON.parse(key) as [string, string | null];
  return { series, group, isBefore, isSmooth: false };
}
