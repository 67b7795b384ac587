// How many were in an audience over time, who entered it and who left. It is told by events, so every number of those opens its people.

import { lazy, Suspense } from "react";

import type { Audience } from "../api/audiences";
import { api, held, type Schemas } from "../api/client";
import { useSetRange, useWhen } from "../app/place";
import { equals } from "../questions/conditions";
import { laid } from "../questions/lines";
import { read } from "../time/zone";
import { AsCall } from "../ui/as-call";
import { Shown, useAsked } from "../ui/asked";
import { css, Loading } from "../ui/basics";
import { PeopleBehind, useBehind } from "../ui/people-behind";
import { Foot, scope } from "../ui/told";
import { audiences as words } from "../words/audiences";

const TimeChart = lazy(() => import("../charts/chart"));

type Question = Schemas["TrendsQuestion"];
/** Which number is open. */
type Cell = { series: string; date: string };

/** Those events of this audience, as a filter of history. */
const those = (type: string, id: string) => `${equals("type", type)} AND ${equals("properties.audience", id)}`;

/** The days, or longer, that a size is told of. */
const coarse = (interval: string) => (interval === "week" || interval === "month" ? interval : "day");

export function OverTime({ audience }: { audience: Audience }) {
  return <div className={css.stack}><Size audience={audience} /><Crossings audience={audience} /></div>;
}

function Size({ audience: { id } }: { audience: Audience }) {
  const when = useWhen();
  const setRange = useSetRange();
  const query = { from: when.params.from, to: when.params.to, tz: when.zone, interval: coarse(when.interval) };
  const asked = useAsked(["growth", id, query], async (signal) => (await held(api.GET("/api/audiences/{id}/growth", { params: { path: { id }, query }, signal }))).result);
  return (
    <Shown asked={asked}>
      {(rows) => (
        <Suspense fallback={<Loading />}>
          <TimeChart title={words.size} times={rows.map((row) => read(row.date).getTime() / 1000)} lines={[{ name: words.members, values: rows.map((row) => row.members) }]} zone={when.zone} bars={false} precision="day" onRange={(from, to) => setRange({ from, to })} foot={<><span>{when.zone}</span><AsCall path={`/api/audiences/${id}/growth`} params={query} /></>} />
        </Suspense>
      )}
    </Shown>
  );
}

function Crossings({ audience: { id } }: { audience: Audience }) {
  const when = useWhen();
  const setRange = useSetRange();
  const { cell, open, close } = useBehind<Cell>();
  const question: Question = { scope: scope(when), series: [{ where: those("audience-entered", id) }, { where: those("audience-left", id) }], interval: when.interval };
  const asked = useAsked(["trends", question], (signal) => held(api.POST("/api/questions/trends", { body: question, signal })));
  const precision = when.interval === "minute" || when.interval === "hour" ? "minute" : "day";
  return (
    <Shown asked={asked}>
      {(told) => {
        const { times, dates, lines } = laid(told.result, [], ({ series }) => (series === "A" ? words.entered : words.left));
        const onPoint = (line: number, at: number) => dates[at] && open({ series: lines[line]?.series ?? "A", date: dates[at] });
        return (
          <div className={css.stack}>
            <p className={css.quiet}>{words.byEvents}</p>
            <Suspense fallback={<Loading />}>
              <TimeChart title={words.overTime} times={times} lines={lines} zone={when.zone} bars precision={precision} onRange={(from, to) => setRange({ from, to })} onPoint={onPoint} foot={<Foot zone={when.zone} told={told} path="/api/questions/trends" body={question} />} />
            </Suspense>
            {cell && <PeopleBehind of={{ trends: { question, series: cell.series, date: cell.date } }} onClose={close} />}
          </div>
        );
      }}
    </Shown>
  );
}
