// Lifecycle: who does something for the first time, again, after a while, and no more.

import { lazy, Suspense } from "react";

import { api, held, type Schemas } from "../api/client";
import { useMove, useWhen } from "../app/place";
import { useSearch } from "../app/router";
import { read } from "../time/zone";
import { Shown, useAsked } from "../ui/asked";
import { Card, Empty, Loading, Page } from "../ui/basics";
import { PeopleBehind, useBehind } from "../ui/people-behind";
import { Foot, scope } from "../ui/told";
import { lifecycle as words, understand as common } from "../words/understand";
import { DoesForm, type Does } from "./does-form";

const TimeChart = lazy(() => import("../charts/chart"));

type State = Schemas["State"];
type Cell = { date: string; state: State };

const STATES: readonly State[] = ["new", "returning", "resurrecting", "dormant"];

export default function Lifecycle() {
  const { where = "", interval = "day" } = useSearch<Does>();
  const when = useWhen();
  const move = useMove();
  const { cell, open, close } = useBehind<Cell>();
  const question: Schemas["LifecycleQuestion"] = { scope: scope(when, where), interval };
  const asked = useAsked(["lifecycle", question], (signal) => held(api.POST("/api/questions/lifecycle", { body: question, signal })));
  return (
    <Page title={words.title} about={words.about}>
      <Card><DoesForm key={`${where}|${interval}`} where={where} interval={interval} onAsk={move} /></Card>
      <Shown asked={asked}>
        {(told) => {
          const foot = <Foot zone={when.zone} told={told} path="/api/questions/lifecycle" body={question} />;
          if (told.result.length === 0) return <Card foot={foot}><Empty title={common.nobody} /></Card>;
          const dates = [...new Set(told.result.map((row) => row.date))];
          const people = new Map(told.result.map((row) => [`${row.state} ${row.date}`, row.people]));
          const lines = STATES.map((state) => ({ name: words.states[state] ?? state, values: dates.map((date) => people.get(`${state} ${date}`) ?? 0), dashed: state === "dormant" }));
          const onPoint = (line: number, at: number) => {
            const [state, date] = [STATES[line], dates[at]];
            if (state && date) open({ date, state });
          };
          return <Suspense fallback={<Loading />}><TimeChart title={words.title} times={dates.map((date) => read(date).getTime() / 1000)} lines={lines} zone={when.zone} bars={false} precision="day" onPoint={onPoint} foot={foot} /></Suspense>;
        }}
      </Shown>
      {cell && <PeopleBehind of={{ lifecycle: { question, ...cell } }} onClose={close} />}
    </Page>
  );
}
