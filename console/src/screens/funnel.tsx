// Funnel: how many people go from step to step.

import { useSearch } from "../app/router";
import { useState } from "react";

import { api, held } from "../api/client";
import { useMove, useWhen } from "../app/place";
import { Bars } from "../charts/chart";
import { Button, Card, css, Empty, Field, number, Page, Select, Table } from "../ui/basics";
import { Shown, useAsked } from "../ui/asked";
import { AsCall } from "../ui/as-call";
import { csv, download } from "../ui/files";
import { answers } from "../words/en";
import { understand as words } from "../words/screens";

const STEPS_MAX = 10;
const WINDOW = "86400";

export default function Funnel() {
  const { steps = "", window = WINDOW } = useSearch<{ steps?: string; window?: string }>();
  const move = useMove();
  const filters = steps.split("\n").filter(Boolean);
  return (
    <Page title={words.funnel} about={words.funnelAbout}>
      <Card><Steps key={steps} steps={filters} window={window} onAsk={(steps, window) => move({ steps: steps.join("\n"), window: window === WINDOW ? undefined : window })} /></Card>
      {filters.length < 2 ? <Card><Empty title={words.notYet} /></Card> : <Answer steps={filters} window={Number(window)} />}
    </Page>
  );
}

function Steps({ steps, window, onAsk }: { steps: string[]; window: string; onAsk: (steps: string[], window: string) => void }) {
  const [typed, setTyped] = useState(steps.length > 1 ? steps : ["type = page-view", ""]);
  const [within, setWithin] = useState(window);
  const set = (at: number, text: string) => setTyped(typed.map((one, index) => (index === at ? text : one)));
  return (
    <form className={css.stack} onSubmit={(event) => (event.preventDefault(), onAsk(typed.filter((text) => text.trim()), within))}>
      {typed.map((text, at) => (
        <div className={css.row} key={at}>
          <div className={css.grow}><Field label={words.step(at + 1)} placeholder={words.stepHint} value={text} onChange={(event) => set(at, event.target.value)} /></div>
          {typed.length > 2 && <Button aria-label={`${words.remove} ${words.step(at + 1)}`} onClick={() => setTyped(typed.filter((_, index) => index !== at))}>✕</Button>}
        </div>
      ))}
      <div className={css.row}>
        <Select label={words.window} options={Object.entries(words.windows)} value={within} onChange={(event) => setWithin(event.target.value)} />
        {typed.length < STEPS_MAX && <Button onClick={() => setTyped([...typed, ""])}>{words.addStep}</Button>}
        <Button type="submit" kind="main">{words.ask}</Button>
      </div>
    </form>
  );
}

function Answer({ steps, window }: { steps: string[]; window: number }) {
  const when = useWhen();
  const body = { steps, window_seconds: window };
  const asked = useAsked(["funnel", when.params, body], async (signal) => {
    const { result } = await held(api.POST("/api/events/funnel", { params: { query: when.params }, body, signal }));
    return steps.map((step, at) => ({ step, people: result[0]?.[`step_${at + 1}`] ?? 0 }));
  });
  const percent = (part: number, whole: number) => (whole === 0 ? "–" : `${((100 * part) / whole).toFixed(1)} %`);
  return (
    <Shown asked={asked}>
      {(rows, milliseconds) => {
        const table = rows.map(({ step, people }, at) => {
          const [first, before] = [rows[0]?.people ?? 0, rows[at - 1]?.people ?? people];
          return [`${at + 1}. ${step}`, people, percent(people, first), percent(people, before), before - people] as const;
        });
        const heads = [words.funnel, words.people, words.ofFirst, words.ofBefore, words.lost];
        return (
          <Card title={words.funnel} flush actions={<Button onClick={() => download("funnel.csv", csv([heads, ...table]))}>{answers.csv}</Button>} foot={<><span>{answers.took(milliseconds)}</span><AsCall path="/api/events/funnel" params={when.params} body={body} /></>}>
            <Bars title={words.funnel} rows={table.map(([name, value, ofFirst]) => ({ name, value, note: `${ofFirst} ${words.ofFirst}` }))} />
            <Table label={words.funnel} heads={heads} numbers={[1, 2, 3, 4]}>
              {table.map(([name, people, ofFirst, ofBefore, lost]) => <tr key={name}><td>{name}</td><td className={css.number}>{number(people)}</td><td className={css.number}>{ofFirst}</td><td className={css.number}>{ofBefore}</td><td className={css.number}>{number(lost)}</td></tr>)}
            </Table>
          </Card>
        );
      }}
    </Shown>
  );
}
