// What happened, who was there, and whether everything is taken in.

import { go, Link } from "../app/router";

import { api, held, type Schemas } from "../api/client";
import { metrics } from "../api/counted";
import { params, useWhen, type When } from "../app/place";
import { Bars } from "../charts/chart";
import { equals } from "../questions/conditions";
import { Badge, Card, css, Empty, number, Page, Stat } from "../ui/basics";
import { type Asked, Shown, useAsked } from "../ui/asked";
import { AsCall } from "../ui/as-call";
import { OverTime } from "../ui/over-time";
import { Count, PeopleBehind, useBehind } from "../ui/people-behind";
import { Foot, scope } from "../ui/told";
import { conditions } from "./filters";
import { answers } from "../words/en";
import { overview as words } from "../words/screens";

const TOPS = [
  ["page_path", words.pages], ["referrer_host", words.referrers], ["utm_source", words.sources], ["type", words.types], ["country", words.countries], ["device_type", words.devices],
] as const;

/** Active in this time are those who are there now. */
const ONLINE_MS = 5 * 60_000;
const ONLINE_EVERY_MS = 15_000;

export default function Overview() {
  const when = useWhen();
  return (
    <Page title={words.title} about={words.about}>
      <Numbers when={when} />
      <OverTime title={words.overTime} line={words.events} when={when} />
      <div className={css.grid}>{TOPS.map(([field, title]) => <Top key={field} field={field} title={title} when={when} />)}</div>
      <Intake />
    </Page>
  );
}

type Question = Schemas["TrendsQuestion"];

/** Who was there: that they are in an audience now or in it no more, Kith has found without them. */
const THERE = "type != audience-entered AND type != audience-left";

/** The numbers on top, in the order of the series that they are. */
const MEASURES = [["people", words.people, { where: THERE }], ["sessions", words.sessions, {}], ["count", words.events, {}]] as const;

const numbersOf = (scope: Question["scope"]): Question => ({ ...(scope ? { scope } : {}), series: MEASURES.map(([measure, , only]) => ({ measure, ...only })), interval: "all" });

/** What a question of the whole range has come to, by the names of its series. */
const ask = (body: Question) => async (signal: AbortSignal) => {
  const told = await held(api.POST("/api/questions/trends", { body, signal }));
  return { ...told, of: (series: string) => told.result.find((row) => row.series === series)?.value ?? 0 };
};

function Numbers({ when }: { when: When }) {
  const { cell, open, close } = useBehind<{ series?: string }>();
  const question = numbersOf(scope(when));
  const previous = numbersOf(scope({ ...when, params: params(when.previous) }));
  const now = useAsked(["trends", question], ask(question));
  const then = useAsked(["trends", previous], ask(previous));
  const online = useAsked(["online"], (signal) => {
    const end = new Date();
    return ask(numbersOf({ from: new Date(end.getTime() - ONLINE_MS).toISOString(), to: end.toISOString() }))(signal);
  }, { refetchInterval: ONLINE_EVERY_MS });
  return (
    <Shown asked={now}>
      {(told) => (
        <Card flush foot={<Foot zone={when.zone} told={told} path="/api/questions/trends" body={question} />}>
          <dl className={css.stats}>
            {MEASURES.map(([measure, name], at) => {
              const series = "ABC".charAt(at);
              return <Stat key={measure} name={name} value={<Count value={told.of(series)} name={name} onOpen={() => open({ series })} />} note={<Change now={told.of(series)} before={then.data?.value.of(series)} />} />;
            })}
            <Stat name={words.online} value={online.data ? number(online.data.value.of("A")) : "–"} />
          </dl>
          {told.of("C") === 0 && <Empty title={words.first}><Link className={css.button} to="/welcome">{words.begin}</Link></Empty>}
          {cell?.series && <PeopleBehind of={{ trends: { question, series: cell.series } }} onClose={close} />}
        </Card>
      )}
    </Shown>
  );
}

/** More than so many times as much is no part of what was before. */
const MANIFOLD = 10;

/** How much more or less than before; an arrow says which way, not a colour alone. */
function Change({ now, before }: { now: number; before: number | undefined }) {
  if (before === undefined) return null;
  if (before === 0) return <>{words.noBefore}</>;
  // A part of nearly nothing says nothing.
  if (now > MANIFOLD * before) return <>{words.wasBefore(before)}</>;
  const percent = Math.round((100 * (now - before)) / before);
  const tone = percent > 0 ? "good" : percent < 0 ? "bad" : undefined;
  return <Badge {...(tone ? { tone } : {})}>{percent > 0 ? "▲" : percent < 0 ? "▼" : "■"} {Math.abs(percent)} %<span className="hidden"> {words.before}</span></Badge>;
}

function Top({ field, title, when }: { field: string; title: string; when: When }) {
  const query = { ...when.params, field, limit: 8 };
  const top = useAsked(["top", query], async (signal) => (await held(api.GET("/api/events/top", { params: { query }, signal }))).result);
  const sql = `SELECT ${field} AS value, count(*) AS count, count(DISTINCT profile_id) AS people\nFROM events\nWHERE ${conditions({}, when.params.from, when.params.to)}\nGROUP BY 1\nORDER BY 2 DESC, 1\nLIMIT ${query.limit}`;
  const open = (value: string) => go({ to: "/events", search: { where: equals(field, value) } });
  return (
    <Card title={title} flush foot={<>{top.data && <span>{answers.took(top.data.milliseconds)}</span>}<AsCall path="/api/events/top" params={query} {...(when.params.where ? {} : { sql })} /></>}>
      <Shown asked={top as Asked<{ value?: unknown; count: number; people: number }[]>}>
        {(rows) => {
          const named = rows.filter((row) => row.value !== null && row.value !== undefined && row.value !== "");
          if (named.length === 0) return <Empty title={words.nothing} />;
          return <Bars title={title} rows={named.map((row) => ({ name: String(row.value), value: row.count, note: words.by(row.people) }))} onOpen={open} />;
        }}
      </Shown>
    </Card>
  );
}

function Intake() {
  const said = useAsked(["metrics"], metrics, { refetchInterval: ONLINE_EVERY_MS });
  return (
    <Card title={words.intake} flush>
      <Shown asked={said}>
        {(all) => (
          <dl className={css.stats}>
            <Stat name={words.kept} value={number(all.sum("kith_outcomes_total", { outcome: "kept" }))} />
            <Stat name={words.refused} value={number(all.sum("kith_outcomes_total", { outcome: "refused" }))} />
            <Stat name={words.failed} value={number(all.sum("kith_outcomes_total", { outcome: "failed" }))} />
            <Stat name={words.health} value={<Badge tone={all.sum("kith_storage_up") ? "good" : "bad"}>{all.sum("kith_storage_up") ? words.well : words.unwell}</Badge>} />
          </dl>
        )}
      </Shown>
    </Card>
  );
}
