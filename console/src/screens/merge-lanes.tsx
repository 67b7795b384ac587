// Mergers as lanes, one for each profile: time goes down, and whoever ends turns into whoever lives on.

import { type Drawn, EDGE, STEP } from "./lanes";
import css from "./merge-lanes.module.css";

export function Lanes({ drawn: { width, rows }, at }: { drawn: Drawn; at: number }) {
  const row = rows[at];
  if (!row) return null;
  const x = (lane: number) => EDGE + STEP * lane;
  const turn = `M${x(row.from)} 0 C ${x(row.from)} 20, ${x(row.to)} 12, ${x(row.to)} 32`;
  return (
    <svg className={css.lanes} width={width} viewBox={`0 0 ${width} 32`} preserveAspectRatio="none">
      {row.through.map((lane) => <line key={lane} x1={x(lane)} x2={x(lane)} y1="0" y2="32" />)}
      <path d={turn} data-undone={row.holds ? undefined : ""} />
    </svg>
  );
}
