// Stickiness: on how many days, weeks or months of the range people did something.

import { api, held, type Schemas } from "../api/client";
import { useMove, useWhen } from "../app/place";
import { useSearch } from "../app/router";
import { Bars } from "../charts/chart";
import { Shown, useAsked } from "../ui/asked";
import { Button, Card, css, Empty, Page, Table } from "../ui/basics";
import { csv, download } from "../ui/files";
import { Count, PeopleBehind, useBehind } from "../ui/people-behind";
import { Foot, scope } from "../ui/told";
import { answers } from "../words/en";
import { stickiness as words, understand as common } from "../words/understand";
import { DoesForm, type Does } from "./does-form";

type Cell = { intervals: number };

export default function Stickiness() {
  const { where = "", interval = "day" } = useSearch<Does>();
  const when = useWhen();
  const move = useMove();
  const { cell, open, close } = useBehind<Cell>();
  const question: Schemas["StickinessQuestion"] = { scope: scope(when, where), interval };
  const asked = useAsked(["stickiness", question], (signal) => held(api.POST("/api/questions/stickiness", { body: question, signal })));
  const heads = [words.intervals, common.people, words.share];
  return (
    <Page title={words.title} about={words.about}>
      <Card><DoesForm key={`${where}|${interval}`} where={where} interval={interval} onAsk={move} /></Card>
      <Shown asked={asked}>
        {(told) => {
          const all = told.result.reduce((sum, { people }) => sum + people, 0);
          const rows = told.result.map(({ intervals, people }) => [words.on(intervals, interval), people, `${((100 * people) / all).toFixed(1)} %`, intervals] as const);
          const save = () => download("stickiness.csv", csv([heads, ...rows.map(([name, people, share]) => [name, people, share])]));
          return (
            <Card title={words.title} flush actions={<Button onClick={save}>{answers.csv}</Button>} foot={<Foot zone={when.zone} told={told} path="/api/questions/stickiness" body={question} />}>
              {rows.length === 0 ? <Empty title={common.nobody} /> : (
                <>
                  <Bars title={words.title} rows={rows.map(([name, value, note]) => ({ name, value, note }))} onOpen={(_, at) => open({ intervals: rows[at]?.[3] ?? 0 })} />
                  <Table label={words.title} heads={heads} numbers={[1, 2]}>
                    {rows.map(([name, people, share, intervals]) => <tr key={name}><td>{name}</td><td className={css.number}><Count value={people} name={name} onOpen={() => open({ intervals })} /></td><td className={css.number}>{share}</td></tr>)}
                  </Table>
                </>
              )}
            </Card>
          );
        }}
      </Shown>
      {cell && <PeopleBehind of={{ stickiness: { question, ...cell } }} onClose={close} />}
    </Page>
  );
}
