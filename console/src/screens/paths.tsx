// Paths: what people do one after the other, within a session.

import { useRef, useState } from "react";

import { api, held, type Schemas } from "../api/client";
import { useMove, useWhen } from "../app/place";
import { useSearch } from "../app/router";
import { drawingPng } from "../charts/picture";
import { Ways } from "../charts/sankey";
import { rules } from "../questions/series";
import { Shown, useAsked } from "../ui/asked";
import { Area, Badge, Button, Card, Check, css, Empty, Field, number, Page, Select, Table } from "../ui/basics";
import { csv, download } from "../ui/files";
import { useKeptHere } from "../ui/edited";
import { FilterField } from "../ui/filter-field";
import { Count, PeopleBehind, useBehind } from "../ui/people-behind";
import { Foot, scope } from "../ui/told";
import { answers } from "../words/en";
import { paths as words, understand as common } from "../words/understand";

type Said = { point?: string; start?: string; end?: string; depth?: string; collapse?: string; leave?: string; replace?: string };
type Cell = Omit<Schemas["NumberOfPaths"], "question">;

const DEPTH = "5";
/** Connections that are shown at first. */
const LINKS = 25;
const DEPTHS = Array.from({ length: 11 }, (_, at) => String(at + 2));

export default function Paths() {
  const said = useSearch<Said>();
  const when = useWhen();
  const move = useMove();
  const { cell, open, close } = useBehind<Cell>();
  const drawing = useRef<SVGSVGElement>(null);
  const leave = (said.leave ?? "").split(",").map((point) => point.trim()).filter(Boolean);
  const question: Schemas["PathsQuestion"] = {
    scope: scope(when), depth: Number(said.depth ?? DEPTH), collapse: said.collapse === "yes",
    ...(said.point ? { point: said.point } : {}), ...(said.start ? { start: said.start } : {}), ...(said.end ? { end: said.end } : {}),
    ...(leave.length > 0 ? { leave_out: leave } : {}), ...(said.replace ? { replace: rules(said.replace) } : {}),
  };
  const asked = useAsked(["paths", question], (signal) => held(api.POST("/api/questions/paths", { body: question, signal })));
  return (
    <Page title={words.title} about={words.about}>
      <Card><Form key={JSON.stringify([said.point, said.start, said.end, said.depth, said.collapse, said.leave, said.replace])} said={said} onAsk={move} /></Card>
      <Shown asked={asked}>
        {(told) => {
          const { paths, links } = told.result;
          if (paths.length === 0) return <Card><Empty title={words.nothing} /></Card>;
          return (
            <>
              <Card title={words.picture} flush actions={<Button onClick={() => void drawingPng(drawing.current, words.picture).then((picture) => picture && download("paths.png", picture))}>{answers.png}</Button>} foot={<Foot zone={when.zone} told={told} path="/api/questions/paths" body={question} />}>
                {links.length > 0 ? <Ways title={words.picture} links={links} drawing={drawing} onOpen={({ step, from, to }) => open({ step, from, to })} /> : <Empty title={words.alone} />}
              </Card>
              <Whole paths={paths} onOpen={open} />
              {links.length > 0 && <Links links={links} onOpen={open} />}
            </>
          );
        }}
      </Shown>
      {cell && <PeopleBehind of={{ paths: { question, ...cell } }} onClose={close} />}
    </Page>
  );
}

function Whole({ paths, onOpen }: { paths: Schemas["PathRow"][]; onOpen: (cell: Cell) => void }) {
  const heads = [words.path, words.times, common.people];
  const save = () => download("paths.csv", csv([heads, ...paths.map((row) => [row.path.join(" > "), row.count, row.people])]));
  return (
    <Card title={words.title} flush actions={<Button onClick={save}>{answers.csv}</Button>}>
      <Table label={words.title} heads={heads} numbers={[1, 2]}>
        {paths.map(({ path, count, people }) => (
          <tr key={path.join("\n")}>
            <td><span className={css.badges}>{path.map((point, at) => <span key={at}>{at > 0 && "→ "}<Badge>{point}</Badge></span>)}</span></td>
            <td className={css.number}>{number(count)}</td><td className={css.number}><Count value={people} name={path.join(", ")} onOpen={() => onOpen({ path })} /></td>
          </tr>
        ))}
      </Table>
    </Card>
  );
}

function Links({ links, onOpen }: { links: Schemas["LinkRow"][]; onOpen: (cell: Cell) => void }) {
  const [isWhole, setWhole] = useState(links.length <= LINKS);
  const heads = [words.step, words.from, words.to, words.times, common.people];
  const save = () => download("links.csv", csv([heads, ...links.map((row) => [row.step, row.from, row.to, row.count, row.people])]));
  return (
    <Card title={words.links} flush actions={<Button onClick={save}>{answers.csv}</Button>}>
      <Table label={words.links} heads={heads} numbers={[3, 4]}>
        {links.slice(0, isWhole ? links.length : LINKS).map(({ step, from, to, count, people }) => (
          <tr key={`${step} ${from}\n${to}`}>
            <td>{step}</td><td>{from}</td><td>{to}</td>
            <td className={css.number}>{number(count)}</td><td className={css.number}><Count value={people} name={`${from}, ${to}`} onOpen={() => onOpen({ step, from, to })} /></td>
          </tr>
        ))}
      </Table>
      {!isWhole && <div className={css.state}><Button onClick={() => setWhole(true)}>{words.whole(links.length)}</Button></div>}
    </Card>
  );
}

function Form({ said, onAsk }: { said: Said; onAsk: (change: Record<string, string | undefined>) => void }) {
  const { point = "", start = "", end = "", depth = DEPTH, collapse = "", leave = "", replace = "" } = said;
  const [typed, setTyped] = useKeptHere(said, () => ({ point, start, end, depth, collapse, leave, replace }));
  const set = (name: string) => (event: { target: { value: string } }) => setTyped({ ...typed, [name]: event.target.value });
  const ask = () => onAsk({ ...typed, depth: typed.depth === DEPTH ? undefined : typed.depth });
  return (
    <form className={css.stack} onSubmit={(event) => (event.preventDefault(), ask())}>
      <div className={css.row}>
        <Field label={words.point} placeholder={words.pointHint} value={typed.point} onChange={set("point")} />
        <div className={css.grow}><FilterField label={words.start} placeholder={words.anywhere} value={typed.start} onText={(start) => setTyped({ ...typed, start })} /></div>
        <div className={css.grow}><FilterField label={words.end} placeholder={words.anywhere} value={typed.end} onText={(end) => setTyped({ ...typed, end })} /></div>
        <Select label={words.length} options={DEPTHS.map((one) => [one, one] as const)} value={typed.depth} onChange={set("depth")} />
      </div>
      <details open={Boolean(leave || replace || collapse)}>
        <summary>{words.cleaning}</summary>
        <div className={css.stack}>
          <Check checked={typed.collapse === "yes"} onChange={(event) => setTyped({ ...typed, collapse: event.target.checked ? "yes" : "" })}>{words.collapse}</Check>
          <Field label={words.leaveOut} hint={words.leaveOutHint} value={typed.leave} onChange={set("leave")} />
          <Area label={words.replace} hint={words.replaceHint} rows={2} value={typed.replace} onChange={set("replace")} />
        </div>
      </details>
      <div className={css.row}><Button type="submit" kind="main">{common.ask}</Button></div>
    </form>
  );
}
