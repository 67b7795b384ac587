// One dashboard: saved questions in a grid, with one range and one filter for all of them.

import { type ReactNode, useContext, useEffect, useState } from "react";

import { api, held, type Reading } from "../api/client";
import { type Dashboard, DASHBOARDS, posted, putDashboard, type Question, readDashboard, useQuestions } from "../api/kept";
import { Now, useMove } from "../app/place";
import { useGo, useParams, useSearch } from "../app/router";
import { useSession } from "../app/using";
import { Button, css, Empty, Gone, Page, Problem, Select } from "../ui/basics";
import { Shown, useAsked } from "../ui/asked";
import { FilterField } from "../ui/filter-field";
import { AsCall } from "../ui/as-call";
import { Confirm, useChange } from "../ui/confirm";
import { Edited, useDraft, useKept } from "../ui/edited";
import { kept as words } from "../words/kept";
import { DashboardForm } from "./dashboard-form";
import { Tile } from "./tile";
import grid from "./dashboard.module.css";

export default function One() {
  const { id = "" } = useParams();
  const { edit } = useSearch<{ edit?: string }>();
  const asked = useAsked([DASHBOARDS, id], (signal) => readDashboard(id, signal));
  const questions = useQuestions();
  const gone = <Gone id={id} title={words.goneDashboard} hint={words.goneDashboardHint} />;
  if (edit === "yes") return <Edited read={(signal) => readDashboard(id, signal)} gone={gone}>{(reading) => <Shown asked={questions}>{(all) => <LaidOut reading={reading} questions={all} />}</Shown>}</Edited>;
  return <Shown asked={asked} gone={gone}>{({ document, tag }) => <Shown asked={questions}>{(all) => <Viewed key={tag} dashboard={document} questions={all} />}</Shown>}</Shown>;
}

type Part = Dashboard["tiles"][number];
type Props = { dashboard: Dashboard; questions: readonly Question[] };

function useMayChange({ owner }: Dashboard): boolean {
  const me = useSession();
  return owner === me?.email || Boolean(me?.roles.includes("admin"));
}

function Viewed({ dashboard, questions }: Props) {
  const move = useMove();
  const mayChange = useMayChange(dashboard);
  useRefresh(dashboard.refresh_seconds);
  return <Board dashboard={dashboard} questions={questions} tiles={dashboard.tiles} actions={mayChange && <Actions dashboard={dashboard} onEdit={() => move({ edit: "yes" })} />} />;
}

/** Tiles while somebody places them: those of the version that was there when they began. */
function LaidOut({ reading, questions }: { reading: Reading<Dashboard>; questions: readonly Question[] }) {
  const { document: dashboard } = reading;
  const move = useMove();
  const mayChange = useMayChange(dashboard);
  const { draft: tiles, tag, setDraft } = useDraft(`/dashboards/${dashboard.id}`, reading, (): readonly Part[] => dashboard.tiles);
  const save = useChange(() => putDashboard({ ...posted(dashboard), tiles: [...tiles] }, tag), [DASHBOARDS], () => move({ edit: undefined }));
  if (!mayChange) return <Viewed dashboard={dashboard} questions={questions} />;
  const actions = <div className={css.row}><Button onClick={() => move({ edit: undefined })}>{words.cancel}</Button><Button kind="main" disabled={save.isPending} onClick={() => save.mutate(undefined)}>{words.saveChanges}</Button></div>;
  return <Board dashboard={dashboard} questions={questions} tiles={tiles} onTiles={setDraft} problem={save.error} actions={actions} />;
}

type BoardProps = Props & { tiles: readonly Part[]; /** They are being placed. */ onTiles?: (tiles: readonly Part[]) => void; problem?: unknown; actions: ReactNode };

function Board({ dashboard, questions, tiles, onTiles, problem, actions }: BoardProps) {
  const { range, where = dashboard.where } = useSearch<{ range?: string; where?: string }>();
  const move = useMove();
  // The dashboard's own range stands in the address, where the picker shows and changes it.
  useEffect(() => {
    if (!range && dashboard.range) move({ range: dashboard.range }, true);
  }, []);
  const change = (at: number, part: Part | null) => onTiles?.(tiles.flatMap((one, index) => (index !== at ? [one] : part ? [part] : [])));
  const swap = (at: number, with_: number) => onTiles?.(tiles.map((one, index) => (index === at ? (tiles[with_] ?? one) : index === with_ ? (tiles[at] ?? one) : one)));
  return (
    <Page title={dashboard.name} about={dashboard.note} actions={actions}>
      <Filter key={where} where={where} usual={dashboard.where} />
      {problem ? <Problem error={problem} /> : null}
      {onTiles && <Add questions={questions} onAdd={(question) => onTiles([...tiles, { question, width: 2, height: 1 }])} />}
      {tiles.length === 0 && <Empty title={words.emptyDashboard}>{words.emptyDashboardHint}</Empty>}
      <div className={grid.grid}>
        {tiles.map((part, at) => (
          <Tile key={`${part.question} ${at}`} part={part} question={questions.find((one) => one.id === part.question)} where={where}
            {...(onTiles ? { onChange: (to: Part | null) => change(at, to), ...(at > 0 ? { onEarlier: () => swap(at, at - 1) } : {}), ...(at + 1 < tiles.length ? { onLater: () => swap(at, at + 1) } : {}) } : {})} />
        ))}
      </div>
      <AsCall path={`/api/dashboards/${dashboard.id}`} />
    </Page>
  );
}

/** Asks anew from time to time, but not while nobody looks. */
function useRefresh(seconds: number) {
  const { renew } = useContext(Now);
  useEffect(() => {
    if (!seconds) return;
    const timer = setInterval(() => document.hidden || renew(), seconds * 1000);
    return () => clearInterval(timer);
  }, [seconds]);
}

function Filter({ where, usual }: { where: string; usual: string }) {
  const move = useMove();
  const [typed, setTyped] = useState(where);
  return (
    <form className={css.row} role="search" onSubmit={(event) => (event.preventDefault(), move({ where: typed === usual ? undefined : typed || " " }))}>
      <div className={css.grow}><FilterField label={words.whereAll} placeholder={words.whereHint} value={typed.trim()} onText={setTyped} /></div>
      <Button type="submit" kind="main">{words.apply}</Button>
    </form>
  );
}

function Add({ questions, onAdd }: { questions: readonly Question[]; onAdd: (question: string) => void }) {
  const [chosen, setChosen] = useState("");
  const options = [["", words.choose] as const, ...questions.map((one) => [one.id, one.name] as const)];
  return (
    <div className={css.row}>
      <Select label={words.addQuestion} options={options} value={chosen} onChange={(event) => setChosen(event.target.value)} />
      <Button disabled={!chosen} onClick={() => (onAdd(chosen), setChosen(""))}>{words.add}</Button>
    </div>
  );
}

function Actions({ dashboard, onEdit }: { dashboard: Dashboard; onEdit: () => void }) {
  const [open, setOpen] = useKept<"settings" | "remove" | null>(`/dashboards/${dashboard.id} window`, () => null);
  const go = useGo();
  const close = () => setOpen(null);
  const remove = async () => {
    await held(api.DELETE("/api/dashboards/{id}", { params: { path: { id: dashboard.id } } }));
    go({ to: "/dashboards" });
  };
  return (
    <div className={css.row}>
      <Button onClick={onEdit}>{words.layOut}</Button>
      <Button onClick={() => setOpen("settings")}>{words.settings}</Button>
      <Button kind="danger" onClick={() => setOpen("remove")}>{words.remove}</Button>
      {open === "settings" && <DashboardForm id={dashboard.id} onClose={close} />}
      {open === "remove" && <Confirm title={words.removeDashboard} text={words.removeDashboardText} act={words.remove} keys={[DASHBOARDS]} exact onConfirm={remove} onClose={close} />}
    </div>
  );
}
