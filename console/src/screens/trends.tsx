// Trends: how much happens over time, of several things beside each other, against the time before.

import { useQueries } from "@tanstack/react-query";
import { useSearch } from "../app/router";
import { lazy, Suspense, useState } from "react";

import { api, held } from "../api/client";
import { params, useMove, useSetRange, useWhen, type When } from "../app/place";
import { asked, laidOut, type Series } from "../time/buckets";
import { Button, Card, Check, Choice, css, Field, Loading, number, Page, Problem, Table } from "../ui/basics";
import { AsCall } from "../ui/as-call";
import { answers } from "../words/en";
import { understand as words } from "../words/screens";
import type { Line } from "../charts/time";
import { countsSql } from "./filters";

const TimeChart = lazy(() => import("../charts/chart"));

const SERIES_MAX = 6;
type As = "lines" | "bars" | "values";
type Said = { series?: string; by?: string; as?: As; compare?: string };

/** Filters, one a series, as the address has them. */
const split = (text: string) => (text ? text.split("\n") : [""]).slice(0, SERIES_MAX);

export default function Trends() {
  const when = useWhen();
  const { series = "", by = "", as = "lines", compare = "" } = useSearch<Said>();
  const move = useMove();
  const filters = split(series);
  return (
    <Page title={words.trends} about={words.trendsAbout}>
      <Card>
        <SeriesForm key={`${series}|${by}`} filters={filters} by={by} onAsk={(filters, by) => move({ series: filters.join("\n"), by })}>
          <Choice label={words.lines} value={as} options={[["lines", words.lines], ["bars", words.bars], ["values", words.values]]} onChange={(chosen) => move({ as: chosen === "lines" ? undefined : chosen })} />
          <Check checked={compare === "yes"} onChange={(event) => move({ compare: event.target.checked ? "yes" : undefined })}>{words.compare}</Check>
        </SeriesForm>
      </Card>
      <Answer when={when} filters={filters} by={by} as={as} isCompared={compare === "yes"} />
    </Page>
  );
}

function SeriesForm({ filters, by, onAsk, children }: { filters: string[]; by: string; onAsk: (filters: string[], by: string) => void; children: React.ReactNode }) {
  const [typed, setTyped] = useState(filters);
  const [field, setField] = useState(by);
  const set = (at: number, text: string) => setTyped(typed.map((one, index) => (index === at ? text : one)));
  return (
    <form className={css.stack} onSubmit={(event) => (event.preventDefault(), onAsk(typed, field))}>
      {typed.map((text, at) => (
        <div className={css.row} key={at}>
          <div className={css.grow}><Field label={words.filterFor(String.fromCharCode(65 + at))} placeholder={`type = "page-view" (${words.all})`} value={text} onChange={(event) => set(at, event.target.value)} /></div>
          {typed.length > 1 && <Button aria-label={`${words.remove} ${String.fromCharCode(65 + at)}`} onClick={() => setTyped(typed.filter((_, index) => index !== at))}>✕</Button>}
        </div>
      ))}
      <div className={css.row}>
        <div className={css.grow}><Field label={words.by} placeholder={words.byHint} value={field} onChange={(event) => setField(event.target.value)} /></div>
        {typed.length < SERIES_MAX && <Button onClick={() => setTyped([...typed, ""])}>{words.addSeries}</Button>}
        <Button type="submit" kind="main">{words.ask}</Button>
      </div>
      <div className={css.row}>{children}</div>
    </form>
  );
}

function Answer({ when, filters, by, as, isCompared }: { when: When; filters: string[]; by: string; as: As; isCompared: boolean }) {
  const setRange = useSetRange();
  const interval = asked(when.interval, when, when.zone);
  const ranges = [when.params, ...(isCompared ? [params(when.previous)] : [])];
  const queries = ranges.flatMap((range) => filters.map((where) => ({ ...range, interval, ...(where ? { where } : {}), ...(by ? { group: by } : {}) })));
  const found = useQueries({
    queries: queries.map((query) => ({
      queryKey: ["trend", query],
      queryFn: async ({ signal }: { signal: AbortSignal }) => {
        const began = performance.now();
        const { result } = await held(api.GET("/api/events/histogram", { params: { query }, signal }));
        return { result, milliseconds: Math.round(performance.now() - began) };
      },
    })),
  });
  const error = found.find((one) => one.error)?.error;
  if (error) return <Problem error={error} again={() => found.forEach((one) => void one.refetch())} />;
  if (found.some((one) => !one.data)) return <Loading />;
  const all = found.map((one) => laidOut(one.data?.result ?? [], when.interval, when.zone));
  const { times, lines } = merged(all, filters, by);
  const took = found.reduce((sum, one) => sum + (one.data?.milliseconds ?? 0), 0);
  const first = { ...when.params, interval, ...(filters[0] ? { where: filters[0] } : {}), ...(by ? { group: by } : {}) };
  const foot = <><span>{when.zone}</span><span>{answers.took(took)}</span><AsCall path="/api/events/histogram" params={queries[0] ?? {}} sql={filters.length === 1 ? countsSql(first) : undefined} /></>;
  if (as === "values") return <Totals lines={lines} foot={foot} />;
  const precision = when.interval === "minute" || when.interval === "hour" ? "minute" : "day";
  return <Suspense fallback={<Loading />}><TimeChart title={words.count} times={times} lines={lines} zone={when.zone} bars={as === "bars" && lines.length === 1} precision={precision} onRange={(from, to) => setRange({ from, to })} foot={foot} /></Suspense>;
}

/** One axis for all; the time before lies under the time of now, interval by interval. */
export function merged(all: Series[], filters: string[], by: string): { times: number[]; lines: Line[] } {
  const now = all.slice(0, filters.length);
  const times = [...new Set(now.flatMap((series) => series.times))].sort((a, b) => a - b);
  const name = (at: number) => filters[at]?.trim() || words.all;
  const named = (at: number, group: string | null) => (by ? `${filters.length > 1 ? `${name(at)} · ` : ""}${group ?? words.others}` : name(at));
  const lines = now.flatMap((series, at) => series.groups.map(({ name: group, counts }) => {
    const own = new Map(series.times.map((time, index) => [time, counts[index] ?? 0]));
    return { name: named(at, group), values: times.map((time) => own.get(time) ?? 0) };
  }));
  const before = all.slice(filters.length).flatMap((series, at) => series.groups.map(({ name: group, counts }) => (
    { name: `${named(at, group)}, ${words.previous}`, values: times.map((_, index) => counts[index] ?? null), dashed: true }
  )));
  return { times, lines: [...lines, ...before] };
}

function Totals({ lines, foot }: { lines: Line[]; foot: React.ReactNode }) {
  const total = (line: Line) => line.values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
  return (
    <Card title={words.total} flush foot={foot}>
      <Table label={words.total} heads={[words.series, words.count]} numbers={[1]}>
        {lines.map((line) => <tr key={line.name}><td>{line.name}</td><td className={css.number}>{number(total(line))}</td></tr>)}
      </Table>
    </Card>
  );
}
