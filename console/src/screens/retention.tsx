// Retention: how many of those who began come back.

import { api, held, type Schemas } from "../api/client";
import { useMove, useWhen } from "../app/place";
import { useSearch } from "../app/router";
import { shown } from "../time/zone";
import { Shown, useAsked } from "../ui/asked";
import { Button, Card, Choice, css, Empty, Field, number, Page, Select, Table } from "../ui/basics";
import { useKeptHere } from "../ui/edited";
import { FilterField } from "../ui/filter-field";
import { csv, download } from "../ui/files";
import { Count, PeopleBehind, useBehind } from "../ui/people-behind";
import { Foot, scope } from "../ui/told";
import { answers } from "../words/en";
import { retention as words, understand as common } from "../words/understand";

type Said = { first?: string; again?: string; interval?: string; periods?: string; begins?: string; as?: "percent" | "counts" };
type Cohort = { date: string; name: string; size: number; /** Of each period; none where it has not begun. */ counts: (number | null)[] };
type Cell = { cohort: string; period: number };

const INTERVAL = "week";
const PERIODS = "8";
const INTERVALS = ["day", "week", "month"].map((name) => [name, common.intervals[name] ?? name] as const);

export default function Retention() {
  const said = useSearch<Said>();
  const when = useWhen();
  const { first = "", again = "", interval = INTERVAL, periods = PERIODS, begins = "first", as = "percent" } = said;
  const move = useMove();
  const question: Schemas["RetentionQuestion"] = {
    scope: scope(when), ...(first ? { first } : {}), ...(again ? { again } : {}), interval, periods: Number(periods) || Number(PERIODS), recurring: begins === "recurring",
  };
  const { cell, open, close } = useBehind<Cell>();
  const asked = useAsked(["retention", question], (signal) => held(api.POST("/api/questions/retention", { body: question, signal })));
  return (
    <Page title={words.title} about={words.about}>
      <Card><Form key={JSON.stringify([first, again, interval, periods, begins])} said={{ first, again, interval, periods, begins }} onAsk={move} /></Card>
      <Shown asked={asked}>
        {(told) => {
          const cohorts = laid(told.result, question.periods ?? 0, interval, shown(new Date(when.to.getTime() - 1), when.zone, "day"));
          const heads = [words.cohort, words.size, ...Array.from({ length: (question.periods ?? 0) + 1 }, (_, at) => String(at))];
          const save = () => download("retention.csv", csv([heads, ...cohorts.map(({ name, size, counts }) => [name, size, ...counts])]));
          const actions = <div className={css.row}><Choice label={words.shown} value={as} options={[["percent", words.percent], ["counts", words.counts]]} onChange={(chosen) => move({ as: chosen === "percent" ? undefined : chosen })} /><Button onClick={save}>{answers.csv}</Button></div>;
          return (
            <Card title={words.title} flush actions={actions} foot={<Foot zone={when.zone} told={told} path="/api/questions/retention" body={question} />}>
              {cohorts.length === 0 ? <Empty title={common.nobody} /> : (
                <Table label={words.title} heads={heads} numbers={heads.map((_, at) => at).slice(1)}>
                  {cohorts.map(({ date, name, size, counts }) => (
                    <tr key={date}>
                      <td className={css.time}>{name}</td><td className={css.number}><Count value={size} name={name} onOpen={() => open({ cohort: date, period: 0 })} /></td>
                      {counts.map((count, at) => <Share key={at} count={count} size={size} isPercent={as === "percent"} name={`${name}, ${at}`} onOpen={() => open({ cohort: date, period: at })} />)}
                    </tr>
                  ))}
                </Table>
              )}
            </Card>
          );
        }}
      </Shown>
      {cell && <PeopleBehind of={{ retention: { question, ...cell } }} onClose={close} />}
    </Page>
  );
}

/** The day that is so many periods later. */
function later(day: string, periods: number, interval: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  if (interval === "month") date.setUTCMonth(date.getUTCMonth() + periods);
  else date.setUTCDate(date.getUTCDate() + periods * (interval === "week" ? 7 : 1));
  return date.toISOString().slice(0, 10);
}

/** A cell says its number; the shade behind it only helps. */
function Share({ count, size, isPercent, name, onOpen }: { count: number | null; size: number; isPercent: boolean; name: string; onOpen: () => void }) {
  // Nobody can have come yet.
  if (count === null) return <td />;
  const share = size === 0 ? 0 : count / size;
  const text = isPercent ? `${Math.round(100 * share)} %` : number(count);
  return <td className={css.number} style={{ background: `color-mix(in srgb, var(--accent) ${Math.round(share * 20)}%, transparent)` }}><Count value={count} name={name} onOpen={onOpen}>{text}</Count></td>;
}

/** A row for each cohort, with every period that has begun by the last day. Its day is the one that its zone's clocks show. */
export function laid(rows: readonly Schemas["RetentionRow"][], periods: number, interval: string, last: string): Cohort[] {
  const cohorts = new Map<string, (number | null)[]>();
  for (const { cohort, period, people } of rows) {
    const counts = cohorts.get(cohort) ?? Array.from({ length: periods + 1 }, (_, at) => (later(cohort.slice(0, 10), at, interval) <= last ? 0 : null));
    counts[period] = people;
    cohorts.set(cohort, counts);
  }
  return [...cohorts].map(([date, counts]) => ({ date, name: date.slice(0, 10), size: counts[0] ?? 0, counts }));
}

function Form({ said, onAsk }: { said: Required<Omit<Said, "as">>; onAsk: (change: Record<string, string | undefined>) => void }) {
  const [typed, setTyped] = useKeptHere(said, () => said);
  const set = (name: string) => (event: { target: { value: string } }) => setTyped({ ...typed, [name]: event.target.value });
  const usual: Record<string, string> = { interval: INTERVAL, periods: PERIODS, begins: "first" };
  const ask = () => onAsk(Object.fromEntries(Object.entries(typed).map(([name, value]) => [name, value === usual[name] ? undefined : value])));
  return (
    <form className={css.row} onSubmit={(event) => (event.preventDefault(), ask())}>
      <div className={css.grow}><FilterField label={words.first} placeholder={common.any} value={typed.first} onText={(first) => setTyped({ ...typed, first })} /></div>
      <div className={css.grow}><FilterField label={words.again} placeholder={common.any} value={typed.again} onText={(again) => setTyped({ ...typed, again })} /></div>
      <Select label={words.who} options={Object.entries(words.whos)} value={typed.begins} onChange={set("begins")} />
      <Select label={common.interval} options={INTERVALS} value={typed.interval} onChange={set("interval")} />
      <Field label={words.periods} type="number" min={1} max={60} value={typed.periods} onChange={set("periods")} />
      <Button type="submit" kind="main">{common.ask}</Button>
    </form>
  );
}
