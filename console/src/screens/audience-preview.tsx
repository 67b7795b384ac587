// What a condition would say of everybody: how many, who would come and go, and some of them with why.

import { useState } from "react";

import { api, held, type Schemas } from "../api/client";
import { useZone } from "../app/place";
import { Link } from "../app/router";
import { shown } from "../time/zone";
import { Button, Card, css, Empty, number, Problem, Stat } from "../ui/basics";
import { AsCall } from "../ui/as-call";
import { useChange } from "../ui/confirm";
import { Explained } from "../ui/why";
import { preview as words } from "../words/audiences";

type Answer = Schemas["AudiencePreview"];

export function Preview({ condition, id }: { condition: string; id: string }) {
  const [told, setTold] = useState<{ of: string; answer: Answer } | null>(null);
  const body = { condition, ...(id ? { id } : {}) };
  const run = useChange(async () => setTold({ of: condition, answer: await held(api.POST("/api/audiences/preview", { body })) }), []);
  const isStale = told !== null && told.of !== condition;
  return (
    <Card title={words.title} actions={<Button disabled={run.isPending || !condition.trim()} onClick={() => run.mutate(undefined)}>{words.run}</Button>} foot={<AsCall path="/api/audiences/preview" body={body} />}>
      <div className={css.stack} aria-live="polite">
        <p className={css.quiet}>{condition.trim() ? words.about : words.empty}</p>
        {run.error && <Problem error={run.error} />}
        {isStale && <p className={css.note}>{words.stale}</p>}
        {told && !isStale && <Told answer={told.answer} isChange={Boolean(id)} />}
      </div>
    </Card>
  );
}

function Told({ answer: { people, members, enter, leave, is_cut, sample, month_ago }, isChange }: { answer: Answer; isChange: boolean }) {
  const zone = useZone();
  return (
    <>
      <dl className={css.stats}>
        <Stat name={words.members} value={number(members)} />
        <Stat name={words.then} value={number(month_ago.members)} note={shown(month_ago.at, zone, "day")} />
        <Stat name={words.people} value={number(people)} />
        {isChange && <Stat name={words.enter} value={number(enter)} />}
        {isChange && <Stat name={words.leave} value={number(leave)} />}
      </dl>
      {is_cut && <p className={css.note}>{words.cut}</p>}
      <h3>{words.sample}</h3>
      {sample.length === 0 ? <Empty title={words.nobody} /> : (
        <ul className={css.stack}>
          {sample.map((one) => <Explained key={one.id} part={one.why} name={one.id} line={<Link className={css.mono} to="/people/$id" params={{ id: one.id }}>{one.id}</Link>} />)}
        </ul>
      )}
    </>
  );
}
