// Trends: how much happens over time, of several things beside each other, against the time before.

import { lazy, Suspense } from "react";

import { api, held, type Schemas } from "../api/client";
import { params, useMove, useSetRange, useWhen, type When } from "../app/place";
import { useSearch } from "../app/router";
import { type Kind, laid } from "../questions/lines";
import { LETTERS, readAll, type Series, writtenAll } from "../questions/series";
import { Shown, useAsked } from "../ui/asked";
import { Card, Check, Choice, css, Loading, Page, rounded, Table } from "../ui/basics";
import { Count, PeopleBehind, useBehind } from "../ui/people-behind";
import { Foot, scope } from "../ui/told";
import { trends as words, understand as common } from "../words/understand";
import { TrendsForm } from "./trends-form";

const TimeChart = lazy(() => import("../charts/chart"));

type As = "lines" | "bars" | "table" | "values";
type Said = { series?: string; by?: string; now?: string; formula?: string; smooth?: string; every?: string; as?: As; compare?: string };
type Question = Schemas["TrendsQuestion"];
/** Which number is open. */
type Cell = { series: string; date?: string; group?: string; before?: boolean };

const SHOWN: readonly (readonly [As, string])[] = [["lines", words.lines], ["bars", words.bars], ["table", words.table], ["values", words.values]];

export default function Trends() {
  const said = useSearch<Said>();
  const { as = "lines", compare = "" } = said;
  const when = useWhen();
  const move = useMove();
  const question = asked(said, when);
  return (
    <Page title={words.title} about={words.about}>
      <Card>
        <TrendsForm key={JSON.stringify([said.series, said.by, said.formula, said.now, said.smooth, said.every])} said={said} onAsk={move}>
          <Choice label={words.shown} value={as} options={SHOWN} onChange={(chosen) => move({ as: chosen === "lines" ? undefined : chosen })} />
          <Check checked={compare === "yes"} onChange={(event) => move({ compare: event.target.checked ? "yes" : undefined })}>{words.compare}</Check>
        </TrendsForm>
      </Card>
      <Answer key={as} question={question} when={when} as={as} isCompared={compare === "yes"} />
    </Page>
  );
}

/** The question that an address asks. */
function asked({ series = "", by = "", now = "", formula = "", smooth = "", every = "", as }: Said, when: When): Question {
  const formulas = formula.split(",").map((one) => one.trim()).filter(Boolean);
  return {
    scope: scope(when), series: readAll(series), interval: as === "values" ? "all" : every || when.interval,
    ...(formulas.length > 0 ? { formulas } : {}), ...(by ? { by: { field: by, now: now === "yes" } } : {}), ...(smooth && as !== "values" ? { smooth: Number(smooth) } : {}),
  };
}

function Answer({ question, when, as, isCompared }: { question: Question; when: When; as: As; isCompared: boolean }) {
  const setRange = useSetRange();
  const { cell, open, close } = useBehind<Cell>();
  const before: Question = { ...question, scope: scope({ ...when, params: params(when.previous) }) };
  const told = useAsked(["trends", question, isCompared], async (signal) => {
    const ask = (body: Question) => held(api.POST("/api/questions/trends", { body, signal }));
    const [now, earlier] = await Promise.all([ask(question), isCompared ? ask(before) : null]);
    return { now, earlier };
  });
  const called = (kind: Kind) => name(question.by ? { ...kind, group: kind.group ?? common.others } : kind, question.series);
  return (
    <Shown asked={told}>
      {({ now, earlier }) => {
        const foot = <Foot zone={when.zone} told={now} path="/api/questions/trends" body={question} />;
        const people = cell && <PeopleBehind of={{ trends: { question: cell.before ? before : question, series: cell.series, date: cell.date ?? null, group: cell.group ?? null } }} onClose={close} />;
        if (as === "values") return <><Values now={now.result} earlier={earlier?.result ?? []} called={called} onOpen={open} foot={foot} />{people}</>;
        const { times, dates, lines } = laid(now.result, earlier?.result ?? [], called);
        const dated = [...new Set((earlier?.result ?? []).map((row) => row.date ?? ""))];
        const onPoint = (line: number, at: number) => {
          const { series, group, isBefore } = lines[line] ?? { series: "A", group: null, isBefore: false };
          const date = (isBefore ? dated : dates)[at];
          if (date) open({ series, date, ...(group === null ? {} : { group }), ...(isBefore ? { before: true } : {}) });
        };
        const precision = question.interval === "minute" || question.interval === "hour" ? "minute" : "day";
        return <><Suspense fallback={<Loading />}><TimeChart title={words.title} times={times} lines={lines} zone={when.zone} bars={as === "bars"} asTable={as === "table"} precision={precision} onRange={(from, to) => setRange({ from, to })} onPoint={onPoint} foot={foot} /></Suspense>{people}</>;
      }}
    </Shown>
  );
}

function Values({ now, earlier, called, onOpen, foot }: { now: Schemas["TrendRow"][]; earlier: Schemas["TrendRow"][]; called: (kind: Kind) => string; onOpen: (cell: Cell) => void; foot: React.ReactNode }) {
  const kind = (row: Schemas["TrendRow"]): Kind => ({ series: row.series, group: row.group ?? null, isBefore: false, isSmooth: false });
  const heads = [words.series, words.value, ...(earlier.length > 0 ? [words.before] : [])];
  const value = (row: Schemas["TrendRow"] | undefined, isBefore: boolean) => {
    if (row?.value === undefined) return "–";
    const { series, group } = row;
    return <Count value={row.value} name={called(kind(row))} onOpen={() => onOpen({ series, ...(group === undefined ? {} : { group }), ...(isBefore ? { before: true } : {}) })}>{rounded(row.value)}</Count>;
  };
  return (
    <Card title={common.total} flush foot={foot}>
      <Table label={common.total} heads={heads} numbers={[1, 2]}>
        {now.map((row) => (
          <tr key={`${row.series} ${row.group}`}>
            <td>{called(kind(row))}</td><td className={css.number}>{value(row, false)}</td>
            {earlier.length > 0 && <td className={css.number}>{value(earlier.find((one) => one.series === row.series && one.group === row.group), true)}</td>}
          </tr>
        ))}
      </Table>
    </Card>
  );
}

/** What a line is called: what its series measures, its group, and whether it is of the time before. */
function name({ series, group, isBefore, isSmooth }: Kind, all: readonly Series[]): string {
  const own = all[LETTERS.indexOf(series as (typeof LETTERS)[number])];
  const isTold = writtenAll(all).trim() !== "";
  const what = own ? `${all.length > 1 ? `${series}: ` : ""}${described(own)}` : series;
  const isGrouped = group !== null;
  const text = isGrouped ? (all.length > 1 || isTold ? `${what} · ${group}` : group) : what;
  const named = isSmooth ? words.averaged(text) : text;
  return isBefore ? `${named}, ${words.before}` : named;
}

function described({ measure, field, percentile, where }: Series): string {
  const what = measure && measure !== "count" ? `${measure === "percentile" ? `p${percentile}` : words.measures[measure] ?? measure}${field ? ` ${field}` : ""}` : "";
  return [what, where].filter(Boolean).join(", ") || common.all;
}
