// Charts with the table of their numbers behind them: nothing is told by a picture alone.

import { type RefObject, useEffect, useRef, useState } from "react";

import { shown } from "../time/zone";
import { Button, Card, css as ui, number, rounded, Table } from "../ui/basics";
import { Count } from "../ui/people-behind";
import { csv, download, timed } from "../ui/files";
import { answers as words } from "../words/en";
import { understand } from "../words/understand";
import { png } from "./picture";
import { draw, type Drawn } from "./time";
import css from "./chart.module.css";

type Props = Drawn & { title: string; precision: "day" | "minute"; foot?: React.ReactNode; actions?: React.ReactNode; /** Where somebody begins: with the numbers. */ asTable?: boolean };

export default function TimeChart({ title, precision, foot, actions, asTable = false, ...drawn }: Props) {
  const [isTable, setTable] = useState(asTable);
  const place = useRef<HTMLDivElement>(null);
  const heads = [understand.time, ...drawn.lines.map((line) => line.name)];
  const rows = drawn.times.map((time, at) => [shown(new Date(time * 1000), drawn.zone, precision), ...drawn.lines.map((line) => line.values[at] ?? null)] as const);
  const switches = (
    <div className={ui.row}>
      {actions}
      <Button aria-pressed={isTable} onClick={() => setTable(!isTable)}>{words.table}</Button>
      {!isTable && <Button onClick={() => void png(place.current, title, drawn.lines).then((picture) => picture && download(`${title}.png`, picture))}>{words.png}</Button>}
      <Button onClick={() => download(`${title}.csv`, csv([timed(heads, [0], drawn.zone), ...rows]))}>{words.csv}</Button>
    </div>
  );
  return (
    <Card title={title} actions={switches} foot={foot} flush={isTable}>
      {isTable ? (
        <Table label={title} heads={heads} numbers={drawn.lines.map((_, at) => at + 1)}>{rows.map(([time, ...values], at) => <tr key={time}><td className={ui.time}>{time}</td>{values.map((value, line) => <td key={line} className={ui.number}><Cell value={value} name={`${drawn.lines[line]?.name}, ${time}`} {...(drawn.onPoint ? { onOpen: () => drawn.onPoint?.(line, at) } : {})} /></td>)}</tr>)}</Table>
      ) : <Picture title={title} drawn={drawn} place={place} />}
    </Card>
  );
}

function Cell({ value, name, onOpen }: { value: number | null; name: string; onOpen?: () => void }) {
  if (value === null) return "–";
  return onOpen ? <Count value={value} name={name} onOpen={onOpen}>{rounded(value)}</Count> : rounded(value);
}

function Picture({ title, drawn, place }: { title: string; drawn: Drawn; place: RefObject<HTMLDivElement | null> }) {
  const latest = useRef(drawn);
  latest.current = drawn;
  const { times, lines, zone, bars } = drawn;
  const key = JSON.stringify([times, lines, zone, bars]);
  useEffect(() => {
    if (!place.current) return;
    return draw(place.current, { ...drawn, ...(drawn.onRange ? { onRange: (from, to) => latest.current.onRange?.(from, to) } : {}), ...(drawn.onPoint ? { onPoint: (line, at) => latest.current.onPoint?.(line, at) } : {}) });
    // The key holds everything that is drawn.
  }, [key]);
  return <div ref={place} className={css.chart} data-opens={drawn.onPoint ? true : undefined} role="img" aria-label={title} />;
}

/** The most frequent of something, each with a bar; a click leads to its events. */
export function Bars({ title, rows, onOpen }: { title: string; rows: readonly { name: string; value: number; note?: string }[]; onOpen?: (name: string, at: number) => void }) {
  const most = Math.max(1, ...rows.map((row) => row.value));
  return (
    <ul className={ui.bars} aria-label={title}>
      {rows.map((row, at) => (
        <li key={row.name} className={ui.bar}>
          <svg aria-hidden="true" preserveAspectRatio="none" viewBox="0 0 100 10"><rect width={(100 * row.value) / most} height="10" rx="0" /></svg>
          {onOpen ? <button type="button" className={css.name} onClick={() => onOpen(row.name, at)}>{row.name}</button> : <span>{row.name}</span>}
          {row.note && <span className={ui.quiet}>{row.note}</span>}
          <b>{number(row.value)}</b>
        </li>
      ))}
    </ul>
  );
}
