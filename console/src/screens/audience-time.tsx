// How many were in an audience over time, who entered it and who left. It is told by events, so every number of those opens its people.

import { lazy, Suspense, useContext } from "react";

import type { Audience } from "../api/audiences";
import { api, held, type Schemas } from "../api/client";
import { Now, useSetRange, useWhen } from "../app/place";
import { laid } from "../questions/lines";
import { sizes } from "../questions/sizes";
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
const those = (type: string, id: string) => `type = "${type}" AND properties.audience = "${id}"`;

export function Crossings({ audience: { id, members } }: { audience: Audience }) {
  const when = useWhen();
  const { now } = useContext(Now);
  const setRange = useSetRange();
  const { cell, open, close } = useBehind<Cell>();
  const question: Question = { scope: scope(when), series: [{ where: those("audience-entered", id) }, { where: those("audience-left", id) }], interval: when.interval };
  const asked = useAsked(["trends", question], (signal) => held(api.POST("/api/questions/trends", { body: question, signal })));
  const precision = when.interval === "minute" || when.interval === "hour" ? "minute" : "day";
  return (
    <Shown asked={asked}>
      {(told) => {
        const { times, dates, lines } = laid(told.result, [], ({ series }) => (series === "A" ? words.entered : words.left));
        const of = (series: string) => lines.find((line) => line.series === series)?.values ?? [];
        const shared = { times, zone: when.zone, precision, onRange: (from: Date, to: Date) => setRange({ from, to }) } as const;
        const size = { name: words.members, values: sizes(members, of("A"), of("B")) };
        const onPoint = (line: number, at: number) => dates[at] && open({ series: lines[line]?.series ?? "A", date: dates[at] });
        return (
          <div className={css.stack}>
            <p className={css.quiet}>{words.byEvents}</p>
            <Suspense fallback={<Loading />}>
              {/* What came after the range is not known here. */}
              {when.to >= now && <TimeChart title={words.size} lines={[size]} bars={false} {...shared} />}
              <TimeChart title={words.overTime} lines={lines} bars onPoint={onPoint} {...shared} foot={<Foot zone={when.zone} told={told} path="/api/questions/trends" body={question} />} />
            </Suspense>
            {cell && <PeopleBehind of={{ trends: { question, series: cell.series, date: cell.date } }} onClose={close} />}
          </div>
        );
      }}
    </Shown>
  );
}
