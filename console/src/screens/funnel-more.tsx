// How long a funnel takes people, and where those went who fell out of it.

import { useState } from "react";

import { api, held, type Schemas } from "../api/client";
import { useZone } from "../app/place";
import { Bars } from "../charts/chart";
import { Shown, useAsked } from "../ui/asked";
import { Card, css, duration, Empty, Select, Stat } from "../ui/basics";
import { Foot } from "../ui/told";
import { funnel as words, understand as common } from "../words/understand";
import type { Cell } from "./funnel";

type Question = Schemas["FunnelQuestion"];
type Props = { funnel: Question; onOpen: (cell: Cell) => void };

const options = (steps: readonly string[], from: number, to: number) =>
  steps.map((step, at) => [String(at + 1), `${at + 1}. ${step}`] as const).slice(from, to);

export function Times({ funnel, onOpen }: Props) {
  const last = funnel.steps.length;
  const [chosen, setStep] = useState(last);
  const step = Math.min(chosen, last);
  const body = { funnel, step };
  const zone = useZone();
  const asked = useAsked(["funnel-times", body], (signal) => held(api.POST("/api/questions/funnel/times", { body, signal })));
  return (
    <Shown asked={asked}>
      {(told) => {
        const row = told.result[0];
        const buckets = (row?.buckets ?? []).filter(({ people }) => people > 0);
        const seconds = (value: number | undefined) => (value === undefined ? "–" : duration(value));
        const name = ({ from, to }: Schemas["Bucket"]) => words.took(duration(from), to === undefined ? null : duration(to));
        const open = (at: number) => {
          const bucket = buckets[at];
          if (bucket) onOpen({ step, seconds_from: bucket.from, seconds_to: bucket.to ?? null });
        };
        return (
          <Card title={words.times} flush actions={<Select label={words.upTo} options={options(funnel.steps, 1, last)} value={String(step)} onChange={(event) => setStep(Number(event.target.value))} />} foot={<Foot zone={zone} told={told} path="/api/questions/funnel/times" body={body} />}>
            {buckets.length === 0 ? <Empty title={common.nobody} /> : (
              <>
                <dl className={css.stats}><Stat name={words.median} value={seconds(row?.median)} /><Stat name={words.average} value={seconds(row?.average)} /><Stat name={words.p90} value={seconds(row?.p90)} /></dl>
                <Bars title={words.times} rows={buckets.map((bucket) => ({ name: name(bucket), value: bucket.people }))} onOpen={(_, at) => open(at)} />
              </>
            )}
          </Card>
        );
      }}
    </Shown>
  );
}

export function Instead({ funnel, onOpen }: Props) {
  const last = funnel.steps.length - 1;
  const [chosen, setStep] = useState(1);
  const step = Math.min(chosen, last);
  const body = { funnel, step };
  const zone = useZone();
  const asked = useAsked(["funnel-instead", body], (signal) => held(api.POST("/api/questions/funnel/instead", { body, signal })));
  return (
    <Shown asked={asked}>
      {(told) => (
        <Card title={words.instead} flush actions={<Select label={words.after} options={options(funnel.steps, 0, last)} value={String(step)} onChange={(event) => setStep(Number(event.target.value))} />} foot={<Foot zone={zone} told={told} path="/api/questions/funnel/instead" body={body} />}>
          {told.result.length === 0 ? <Empty title={words.none} /> : (
            <Bars title={words.instead} rows={told.result.map((row) => ({ name: row.type ?? words.nothing, value: row.people }))} onOpen={(_, at) => onOpen({ step, fell_out: true, went: true, next: told.result[at]?.type ?? null })} />
          )}
        </Card>
      )}
    </Shown>
  );
}
