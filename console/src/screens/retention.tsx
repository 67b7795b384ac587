// Retention: how many of those who came for the first time come back.

import { useSearch } from "../app/router";
import { useState } from "react";

import { api, held, type Schemas } from "../api/client";
import { useMove, useWhen } from "../app/place";
import { read, shown } from "../time/zone";
import { Button, Card, Choice, css, Empty, Field, number, Page, Select, Table } from "../ui/basics";
import { Shown, useAsked } from "../ui/asked";
import { AsCall } from "../ui/as-call";
import { csv, download } from "../ui/files";
import { answers } from "../words/en";
import { understand as words } from "../words/screens";

type Said = { first?: string; again?: string; interval?: string; periods?: string; as?: "percent" | "counts" };
type Cohort = { name: string; size: number; counts: number[] };

const INTERVAL = "week";
const PERIODS = "8";

export default function Retention() {
  const said = useSearch<Said>();
  const when = useWhen();
  const { first = "", again = "", interval = INTERVAL, periods = PERIODS, as = "percent" } = said;
  const move = useMove();
  const query = { ...when.params, ...(first ? { first } : {}), ...(again ? { again } : {}), interval, periods: Number(periods) || Number(PERIODS) };
  const asked = useAsked(["retention", query], async (signal) => (await held(api.GET("/api/events/retention", { params: { query }, signal }))).result);
  return (
    <Page title={words.retention} about={words.retentionAbout}>
      <Card><Form key={JSON.stringify(said)} first={first} again={again} interval={interval} periods={periods} onAsk={move} /></Card>
      <Shown asked={asked}>
        {(rows, milliseconds) => {
          const cohorts = laid(rows, query.periods);
          const heads = [words.cohort, words.size, ...Array.from({ length: query.periods + 1 }, (_, at) => String(at))];
          const save = () => download("retention.csv", csv([heads, ...cohorts.map(({ name, size, counts }) => [name, size, ...counts])]));
          const actions = <div className={css.row}><Choice label={words.percent} value={as} options={[["percent", words.percent], ["counts", words.counts]]} onChange={(chosen) => move({ as: chosen === "percent" ? undefined : chosen })} /><Button onClick={save}>{answers.csv}</Button></div>;
          return (
            <Card title={words.retention} flush actions={actions} foot={<><span>UTC</span><span>{answers.took(milliseconds)}</span><AsCall path="/api/events/retention" params={query} /></>}>
              {cohorts.length === 0 ? <Empty title={words.nobody} /> : (
                <Table label={words.retention} heads={heads} numbers={heads.map((_, at) => at).slice(1)}>
                  {cohorts.map(({ name, size, counts }) => (
                    <tr key={name}><td className={css.time}>{name}</td><td className={css.number}>{number(size)}</td>{counts.map((count, at) => <Share key={at} count={count} size={size} isPercent={as === "percent"} />)}</tr>
                  ))}
                </Table>
              )}
            </Card>
          );
        }}
      </Shown>
    </Page>
  );
}

/** A cell says its number; the shade behind it only helps. */
function Share({ count, size, isPercent }: { count: number; size: number; isPercent: boolean }) {
  const share = size === 0 ? 0 : count / size;
  return <td className={css.number} style={{ background: `color-mix(in srgb, var(--accent) ${Math.round(share * 28)}%, transparent)` }}>{isPercent ? `${Math.round(100 * share)} %` : number(count)}</td>;
}

/** A row for each cohort, with every period. */
export function laid(rows: readonly Schemas["RetentionRow"][], periods: number): Cohort[] {
  const cohorts = new Map<string, number[]>();
  for (const { cohort, period, people } of rows) {
    const name = shown(read(cohort), "UTC", "day");
    const counts = cohorts.get(name) ?? Array.from({ length: periods + 1 }, () => 0);
    counts[period] = people;
    cohorts.set(name, counts);
  }
  return [...cohorts].map(([name, counts]) => ({ name, size: counts[0] ?? 0, counts }));
}

function Form({ first, again, interval, periods, onAsk }: { first: string; again: string; interval: string; periods: string; onAsk: (change: Record<string, string | undefined>) => void }) {
  const [typed, setTyped] = useState({ first, again, interval, periods });
  const set = (name: string) => (event: { target: { value: string } }) => setTyped({ ...typed, [name]: event.target.value });
  const ask = () => onAsk({ ...typed, interval: typed.interval === INTERVAL ? undefined : typed.interval, periods: typed.periods === PERIODS ? undefined : typed.periods });
  return (
    <form className={css.row} onSubmit={(event) => (event.preventDefault(), ask())}>
      <div className={css.grow}><Field label={words.first} placeholder={words.any} value={typed.first} onChange={set("first")} /></div>
      <div className={css.grow}><Field label={words.again} placeholder={words.any} value={typed.again} onChange={set("again")} /></div>
      <Select label={words.interval} options={Object.entries(words.intervals)} value={typed.interval} onChange={set("interval")} />
      <Field label={words.periods} type="number" min={1} max={60} value={typed.periods} onChange={set("periods")} />
      <Button type="submit" kind="main">{words.ask}</Button>
    </form>
  );
}
