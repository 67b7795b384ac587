// Funnel: how many people go from step to step, and where those go who do not.

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
import { funnel as words, understand as common } from "../words/understand";
import { FunnelForm, type Said, WINDOW } from "./funnel-form";
import { Instead, Times } from "./funnel-more";

type Question = Schemas["FunnelQuestion"];
/** Which number is open: what of it Kith must know beside the question. */
export type Cell = Omit<Schemas["NumberOfFunnel"], "question">;

export default function Funnel() {
  const said = useSearch<Said>();
  const when = useWhen();
  const move = useMove();
  const lines = (text = "") => text.split("\n").filter((line) => line.trim());
  const steps = lines(said.steps);
  const order = said.order ?? "ordered";
  const question: Question = {
    scope: scope(when), steps, window_seconds: Number(said.window ?? WINDOW), order,
    ...(order === "ordered" && said.without ? { without: lines(said.without) } : {}), ...(said.by ? { by: { field: said.by, now: said.now === "yes" } } : {}),
  };
  return (
    <Page title={words.title} about={words.about}>
      <Card><FunnelForm key={JSON.stringify([said.steps, said.window, said.order, said.without, said.by, said.now])} said={said} steps={steps} onAsk={move} /></Card>
      {steps.length < 2 ? <Card><Empty title={words.notYet} /></Card> : <Answer question={question} zone={when.zone} />}
    </Page>
  );
}

const percent = (part: number, whole: number) => (whole === 0 ? "–" : `${((100 * part) / whole).toFixed(1)} %`);

function Answer({ question, zone }: { question: Question; zone: string }) {
  const { cell, open, close } = useBehind<Cell>();
  const { by, ...whole } = question;
  const asked = useAsked(["funnel", question], (signal) => held(api.POST("/api/questions/funnel", { body: question, signal })));
  return (
    <>
      <Shown asked={asked}>
        {(told) => {
          const foot = <Foot zone={zone} told={told} path="/api/questions/funnel" body={question} />;
          return by ? <Groups rows={told.result} question={question} onOpen={open} foot={foot} /> : <Steps people={told.result[0]?.steps ?? []} question={question} onOpen={open} foot={foot} />;
        }}
      </Shown>
      {question.order !== "unordered" && <Times funnel={whole} onOpen={open} />}
      <Instead funnel={whole} onOpen={open} />
      {cell && <PeopleBehind of={{ funnel: { ...cell, question: cell.of_group ? question : whole } }} onClose={close} />}
    </>
  );
}

function Steps({ people, question, onOpen, foot }: { people: number[]; question: Question; onOpen: (cell: Cell) => void; foot: React.ReactNode }) {
  const first = people[0] ?? 0;
  const table = question.steps.map((step, at) => {
    const [own, before] = [people[at] ?? 0, people[at - 1] ?? people[at] ?? 0];
    return [`${at + 1}. ${step}`, own, percent(own, first), percent(own, before), before - own] as const;
  });
  const heads = [words.title, common.people, words.ofFirst, words.ofBefore, words.lost];
  const save = () => download("funnel.csv", csv([heads, ...table]));
  return (
    <Card title={words.title} flush actions={<Button onClick={save}>{answers.csv}</Button>} foot={foot}>
      <Bars title={words.title} rows={table.map(([name, value, ofFirst]) => ({ name, value, note: `${ofFirst} ${words.ofFirst}` }))} onOpen={(_, at) => onOpen({ step: at + 1 })} />
      <Table label={words.title} heads={heads} numbers={[1, 2, 3, 4]}>
        {table.map(([name, own, ofFirst, ofBefore, lost], at) => (
          <tr key={name}>
            <td>{name}</td>
            <td className={css.number}><Count value={own} name={name} onOpen={() => onOpen({ step: at + 1 })} /></td>
            <td className={css.number}>{ofFirst}</td><td className={css.number}>{ofBefore}</td>
            <td className={css.number}><Count value={lost} name={`${words.lost}, ${name}`} onOpen={() => onOpen({ step: at, fell_out: true })} /></td>
          </tr>
        ))}
      </Table>
    </Card>
  );
}

function Groups({ rows, question, onOpen, foot }: { rows: Schemas["ConversionRow"][]; question: Question; onOpen: (cell: Cell) => void; foot: React.ReactNode }) {
  const heads = [words.group, ...question.steps.map((step, at) => `${at + 1}. ${step}`), words.ofFirst];
  const name = (row: Schemas["ConversionRow"]) => row.group ?? common.others;
  const ofFirst = ({ steps }: Schemas["ConversionRow"]) => percent(steps.at(-1) ?? 0, steps[0] ?? 0);
  const save = () => download("funnel.csv", csv([heads, ...rows.map((row) => [name(row), ...row.steps, ofFirst(row)])]));
  return (
    <Card title={words.title} flush actions={<Button onClick={save}>{answers.csv}</Button>} foot={foot}>
      {rows.length === 0 ? <Empty title={common.nobody} /> : (
        <Table label={words.title} heads={heads} numbers={heads.map((_, at) => at).slice(1)}>
          {rows.map((row) => (
            <tr key={name(row)}>
              <td>{name(row)}</td>
              {row.steps.map((people, at) => <td key={at} className={css.number}><Count value={people} name={`${name(row)}, ${heads[at + 1]}`} onOpen={() => onOpen({ step: at + 1, of_group: true, group: row.group ?? null })} /> <span className={css.quiet}>{at > 0 && percent(people, row.steps[0] ?? 0)}</span></td>)}
              <td className={css.number}>{ofFirst(row)}</td>
            </tr>
          ))}
        </Table>
      )}
    </Card>
  );
}
