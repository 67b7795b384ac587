// What happened, who was there, and whether everything is taken in.

import { go, Link } from "../app/router";
import { lazy, Suspense } from "react";

import { api, held } from "../api/client";
import { metrics } from "../api/counted";
import { params, useSetRange, useWhen, type When } from "../app/place";
import { Bars } from "../charts/chart";
import { asked, laidOut } from "../time/buckets";
import { Badge, Card, css, Empty, Loading, number, Page, Stat } from "../ui/basics";
import { type Asked, Shown, useAsked } from "../ui/asked";
import { AsCall } from "../ui/as-call";
import { conditions, countsSql } from "./filters";
import { answers } from "../words/en";
import { overview as words } from "../words/screens";

const TimeChart = lazy(() => import("../charts/chart"));

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
      <OverTime when={when} />
      <div className={css.grid}>{TOPS.map(([field, title]) => <Top key={field} field={field} title={title} when={when} />)}</div>
      <Intake />
    </Page>
  );
}

const people = (range: { from: string; to: string }) => async (signal: AbortSignal) => {
  const { result } = await held(api.GET("/api/events/people", { params: { query: range }, signal }));
  return result[0] ?? { events: 0, people: 0, sessions: 0 };
};

const numbersSql = ({ from, to }: { from: string; to: string }) =>
  `SELECT count(*) AS events, count(DISTINCT profile_id) AS people, count(DISTINCT session_id) AS sessions\nFROM events\nWHERE ${conditions({}, from, to)}`;

function Numbers({ when }: { when: When }) {
  const now = useAsked(["people", when.params], people(when.params));
  const previous = params(when.previous);
  const then = useAsked(["people", previous], people(previous));
  const online = useAsked(["online"], (signal) => {
    const end = new Date();
    return people({ from: new Date(end.getTime() - ONLINE_MS).toISOString(), to: end.toISOString() })(signal);
  }, { refetchInterval: ONLINE_EVERY_MS });
  const before = then.data?.value;
  return (
    <Card flush foot={<AsCall path="/api/events/people" params={when.params} sql={numbersSql(when.params)} />}>
      <Shown asked={now}>
        {(value, milliseconds) => (
          <>
            <dl className={css.stats}>
              <Stat name={words.people} value={number(value.people)} note={<Change now={value.people} before={before?.people} />} />
              <Stat name={words.sessions} value={number(value.sessions)} note={<Change now={value.sessions} before={before?.sessions} />} />
              <Stat name={words.events} value={number(value.events)} note={<Change now={value.events} before={before?.events} />} />
              <Stat name={words.online} value={online.data ? number(online.data.value.people) : "–"} note={answers.took(milliseconds)} />
            </dl>
            {value.events === 0 && <Empty title={words.first}><Link className={css.button} to="/welcome">{words.begin}</Link></Empty>}
          </>
        )}
      </Shown>
    </Card>
  );
}

/** How much more or less than before; an arrow says which way, not a colour alone. */
function Change({ now, before }: { now: number; before: number | undefined }) {
  if (before === undefined) return null;
  if (before === 0) return <>{words.noBefore}</>;
  const percent = Math.round((100 * (now - before)) / before);
  const tone = percent > 0 ? "good" : percent < 0 ? "bad" : undefined;
  return <Badge {...(tone ? { tone } : {})}>{percent > 0 ? "▲" : percent < 0 ? "▼" : "■"} {Math.abs(percent)} %<span className="hidden"> {words.before}</span></Badge>;
}

export function useHistogram(when: When, filters: Record<string, string | undefined> = {}, group?: string) {
  const interval = asked(when.interval, when, when.zone);
  const query = { ...when.params, tz: when.zone, ...filters, interval, ...(group ? { group } : {}) };
  const answer = useAsked(["histogram", query], async (signal) => (await held(api.GET("/api/events/histogram", { params: { query }, signal }))).result);
  return { answer, query };
}

function OverTime({ when }: { when: When }) {
  const { answer, query } = useHistogram(when);
  const setRange = useSetRange();
  return (
    <Shown asked={answer}>
      {(rows, milliseconds) => {
        const { times, groups } = laidOut(rows, when.interval, when.zone);
        const lines = [{ name: words.events, values: groups[0]?.counts ?? times.map(() => 0) }];
        return (
          <Suspense fallback={<Loading />}>
            <TimeChart title={words.overTime} times={times} lines={lines} zone={when.zone} bars precision={when.interval === "minute" || when.interval === "hour" ? "minute" : "day"} onRange={(from, to) => setRange({ from, to })} foot={<><span>{when.zone}</span><span>{answers.took(milliseconds)}</span><AsCall path="/api/events/histogram" params={query} sql={countsSql(query)} /></>} />
          </Suspense>
        );
      }}
    </Shown>
  );
}

function Top({ field, title, when }: { field: string; title: string; when: When }) {
  const query = { ...when.params, field, limit: 8 };
  const top = useAsked(["top", query], async (signal) => (await held(api.GET("/api/events/top", { params: { query }, signal }))).result);
  const open = (value: string) => go({ to: "/events", search: { where: `${field} = "${value.replaceAll('"', '\\"')}"` } });
  return (
    <Card title={title} flush>
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
