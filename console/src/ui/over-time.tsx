// How many events there were over time, in the days of the page's zone; a point opens its people.

import { lazy, Suspense } from "react";

import { api, held, type Schemas } from "../api/client";
import { useSetRange, type When } from "../app/place";
import { laid } from "../questions/lines";
import { Shown, useAsked } from "./asked";
import { Loading } from "./basics";
import { PeopleBehind, useBehind } from "./people-behind";
import { Foot, scope } from "./told";

const TimeChart = lazy(() => import("../charts/chart"));

/** What the events are, beside when they were. */
type Filters = { type?: string; source?: string; session?: string; profile?: string; where?: string };
/** Which number is open. */
type Cell = { date?: string };

export function OverTime({ title, line, when, filters = {} }: { title: string; /** What is counted. */ line: string; when: When; filters?: Filters }) {
  const setRange = useSetRange();
  const { cell, open, close } = useBehind<Cell>();
  const question: Schemas["TrendsQuestion"] = { scope: { ...scope(when), ...filters }, series: [{}], interval: when.interval };
  const asked = useAsked(["trends", question], (signal) => held(api.POST("/api/questions/trends", { body: question, signal })));
  const precision = when.interval === "minute" || when.interval === "hour" ? "minute" : "day";
  return (
    <Shown asked={asked}>
      {(told) => {
        const { times, dates, lines } = laid(told.result, [], () => line);
        const onPoint = (_: number, at: number) => dates[at] && open({ date: dates[at] });
        return (
          <>
            <Suspense fallback={<Loading />}>
              <TimeChart title={title} times={times} lines={lines} zone={when.zone} bars precision={precision} onRange={(from, to) => setRange({ from, to })} onPoint={onPoint} foot={<Foot zone={when.zone} told={told} path="/api/questions/trends" body={question} />} />
            </Suspense>
            {cell?.date && <PeopleBehind of={{ trends: { question, series: "A", date: cell.date } }} onClose={close} />}
          </>
        );
      }}
    </Shown>
  );
}
