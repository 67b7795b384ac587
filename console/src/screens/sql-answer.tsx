// The answer to a question in SQL: a table, or a chart where there is one to draw.

import { lazy, Suspense, useState } from "react";

import { raw } from "../api/client";
import { answered, Exact, write } from "../api/json";
import { useMove, useZone } from "../app/place";
import { useSearch } from "../app/router";
import { Bars } from "../charts/chart";
import { cell } from "../questions/places";
import { read } from "../time/zone";
import { Button, Card, Choice, css as ui, Empty, Loading, Problem, Select, Table } from "../ui/basics";
import { curl } from "../ui/as-call";
import { download } from "../ui/files";
import { answers } from "../words/en";
import { sql as words } from "../words/screens";
import { understand } from "../words/understand";

const TimeChart = lazy(() => import("../charts/chart"));

/** Rows that are drawn; a download has all. */
const ROWS_SHOWN_MAX = 500;
/** Bars that are drawn. */
const BARS_MAX = 40;
const MOMENT = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d|$)/;

export type Row = Record<string, unknown>;
/** The events that there are for a question; all where it is empty. */
export type Scope = { from?: string; to?: string; where?: string };
export type Result = { rows: Row[]; isCut: boolean; read: number; milliseconds: number; query: string; scope: Scope };
export type State = { result?: Result; problem?: unknown; running?: AbortController };

const isNarrow = (scope: Scope) => Object.keys(scope).length > 0;
const body = (query: string, scope: Scope) => ({ query, ...(isNarrow(scope) ? { scope } : {}) });

/** The rows of a question. */
export async function rowsOf(query: string, signal: AbortSignal, scope: Scope = {}): Promise<Result> {
  const began = performance.now();
  const answer = await raw("/sql?format=json", { method: "POST", body: write(body(query, scope)), signal });
  const rows = (await answered(answer)) as Row[];
  return { rows, query, scope, isCut: answer.headers.has("x-kith-rows-cut-off"), read: Number(answer.headers.get("x-kith-rows-read") ?? 0), milliseconds: Math.round(performance.now() - began) };
}

export function Answer({ state: { result, problem, running } }: { state: State }) {
  const { as = "table" } = useSearch<{ as?: "table" | "chart" }>();
  const move = useMove();
  if (running && !result) return <Card title={words.rows}><Loading /></Card>;
  if (problem) return <Problem error={problem} />;
  if (!result) return <Card title={words.rows} flush><Empty title={words.idle} /></Card>;
  const { rows, query, scope } = result;
  const foot = (
    <>
      <span>{answers.rows(rows.length)}</span><span>{understand.read(result.read)}, {answers.took(result.milliseconds)}</span>
      {isNarrow(scope) && <span>{words.narrowed}</span>}
      {result.isCut && <span>{words.cut}</span>}
      {as === "table" && rows.length > ROWS_SHOWN_MAX && <span>{words.most(ROWS_SHOWN_MAX)}</span>}
      <Button kind="plain" onClick={() => void navigator.clipboard.writeText(curl({ path: "/sql", body: body(query, scope) }))}>{words.copyCall}</Button>
    </>
  );
  const choice = <Choice label={words.show} value={as} options={[["table", answers.table], ["chart", words.chart]]} onChange={(chosen) => move({ as: chosen === "table" ? undefined : chosen }, true)} />;
  if (as === "chart" && rows.length > 0) return <Chart rows={rows} choice={choice} foot={foot} />;
  return (
    <Card title={words.rows} flush actions={<div className={ui.row}>{choice}<Formats query={query} scope={scope} /></div>} foot={foot}>
      {rows.length === 0 ? <Empty title={words.none} /> : <Rows rows={rows} />}
    </Card>
  );
}

function Rows({ rows }: { rows: readonly Row[] }) {
  const heads = Object.keys(rows[0] ?? {});
  return (
    <Table label={words.rows} heads={heads} numbers={heads.flatMap((head, at) => (isNumber(rows[0]?.[head]) ? [at] : []))}>
      {rows.slice(0, ROWS_SHOWN_MAX).map((row, at) => <tr key={at}>{heads.map((head) => <Cell key={head} value={row[head]} />)}</tr>)}
    </Table>
  );
}

const isNumber = (value: unknown) => typeof value === "number" || value instanceof Exact;

/** The columns of a chart: what lies along it, and the numbers. */
export function columns(rows: readonly Row[]): { along: string; numbers: string[]; isTime: boolean } | null {
  const first = rows[0] ?? {};
  const heads = Object.keys(first);
  const numbers = heads.filter((head) => rows.every((row) => isNumber(row[head]) || row[head] === null) && rows.some((row) => isNumber(row[head])));
  const along = heads.find((head) => !numbers.includes(head));
  if (!along || numbers.length === 0) return null;
  return { along, numbers, isTime: rows.every((row) => typeof row[along] === "string" && MOMENT.test(row[along])) };
}

function Chart({ rows, choice, foot }: { rows: readonly Row[]; choice: React.ReactNode; foot: React.ReactNode }) {
  const zone = useZone();
  const found = columns(rows);
  if (!found) return <Card title={words.chart} actions={choice} foot={foot} flush><Empty title={words.noChart}>{words.noChartHint}</Empty></Card>;
  const { along, numbers, isTime } = found;
  const value = (row: Row, name: string) => (isNumber(row[name]) ? Number(row[name]) : null);
  if (!isTime) {
    const name = numbers[0] ?? "";
    return <Card title={`${name}: ${along}`} actions={choice} foot={foot} flush><Bars title={along} rows={rows.slice(0, BARS_MAX).map((row, at) => ({ name: row[along] === null ? `${at + 1}` : String(row[along]), value: value(row, name) ?? 0 }))} /></Card>;
  }
  const time = (row: Row) => read(String(row[along])).getTime() / 1000;
  const sorted = [...rows].sort((one, other) => time(one) - time(other));
  const lines = numbers.map((name) => ({ name, values: sorted.map((row) => value(row, name)) }));
  return <Suspense fallback={<Loading />}><TimeChart title={words.chart} times={sorted.map(time)} lines={lines} zone={zone} bars={false} precision="minute" actions={choice} foot={foot} /></Suspense>;
}

function Cell({ value }: { value: unknown }) {
  if (value === null || value === undefined) return <td className={ui.quiet}>null</td>;
  return <td className={isNumber(value) ? ui.number : undefined}>{cell(value)}</td>;
}

function Formats({ query, scope }: { query: string; scope: Scope }) {
  const [problem, setProblem] = useState<unknown>(null);
  const save = async (format: string) => {
    if (!format) return;
    try {
      setProblem(null);
      download(`answer.${format}`, await (await raw(`/sql?format=${format}`, { method: "POST", body: write(body(query, scope)) })).blob());
    } catch (error) {
      setProblem(error);
    }
  };
  const options = [["", "…"] as const, ...Object.entries(words.formats)];
  return <div>{problem ? <Problem error={problem} /> : null}<Select label={words.format} options={options} value="" onChange={(event) => void save(event.target.value)} /></div>;
}
