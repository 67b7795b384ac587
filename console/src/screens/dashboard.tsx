// One dashboard: saved questions in a grid, with one range and one filter for all of them.

import { useContext, useEffect, useState } from "react";

import { api, held } from "../api/client";
import { type Dashboard, DASHBOARDS, posted, putDashboard, type Question, useQuestions } from "../api/kept";
import { Now, useMove } from "../app/place";
import { go, useParams, useSearch } from "../app/router";
import { useSession } from "../app/using";
import { Button, css, Empty, Gone, Page, Problem, Select } from "../ui/basics";
import { Shown, useAsked } from "../ui/asked";
import { FilterField } from "../ui/filter-field";
import { AsCall } from "../ui/as-call";
import { Confirm, useChange } from "../ui/confirm";
import { kept as words } from "../words/kept";
import { DashboardForm } from "./dashboard-form";
import { Tile } from "./tile";
import grid from "./dashboard.module.css";

export default function One() {
  const { id = "" } = useParams();
  const asked = useAsked([DASHBOARDS, id], (signal) => held(api.GET("/api/dashboards/{id}", { params: { path: { id } }, signal })));
  const questions = useQuestions();
  return <Shown asked={asked} gone={<Gone id={id} title={words.goneDashboard} hint={words.goneDashboardHint} />}>{(dashboard) => <Shown asked={questions}>{(all) => <Board key={dashboard.version} dashboard={dashboard} questions={all} />}</Shown>}</Shown>;
}

type Part = Dashboard["tiles"][number];

function Board({ dashboard, questions }: { dashboard: Dashboard; questions: readonly Question[] }) {
  const { range, where = dashboard.where, edit = "" } = useSearch<{ range?: string; where?: string; edit?: string }>();
  const me = useSession();
  const move = useMove();
  const [tiles, setTiles] = useState<readonly Part[]>(dashboard.tiles);
  const isEdited = edit === "yes";
  useRefresh(dashboard.refresh_seconds, isEdited);
  // The dashboard's own range stands in the address, where the picker shows and changes it.
  useEffect(() => {
    if (!range && dashboard.range) move({ range: dashboard.range }, true);
  }, []);
  const mayChange = dashboard.owner === me?.email || Boolean(me?.roles.includes("admin"));
  const save = useChange(() => putDashboard({ ...posted(dashboard), tiles: [...tiles] }, dashboard.version), [DASHBOARDS], () => move({ edit: undefined }));
  const change = (at: number, part: Part | null) => setTiles(tiles.flatMap((one, index) => (index !== at ? [one] : part ? [part] : [])));
  const swap = (at: number, with_: number) => setTiles(tiles.map((one, index) => (index === at ? (tiles[with_] ?? one) : index === with_ ? (tiles[at] ?? one) : one)));
  const actions = mayChange && (isEdited
    ? <div className={css.row}><Button onClick={() => (setTiles(dashboard.tiles), move({ edit: undefined }))}>{words.cancel}</Button><Button kind="main" disabled={save.isPending} onClick={() => save.mutate(undefined)}>{words.saveChanges}</Button></div>
    : <Actions dashboard={dashboard} onEdit={() => move({ edit: "yes" })} />);
  return (
    <Page title={dashboard.name} about={dashboard.note} actions={actions}>
      <Filter key={where} where={where} usual={dashboard.where} />
      {save.error && <Problem error={save.error} />}
      {isEdited && <Add questions={questions} onAdd={(question) => setTiles([...tiles, { question, width: 2, height: 1 }])} />}
      {tiles.length === 0 && <Empty title={words.emptyDashboard}>{words.emptyDashboardHint}</Empty>}
      <div className={grid.grid}>
        {tiles.map((part, at) => (
          <Tile key={`${part.question} ${at}`} part={part} question={questions.find((one) => one.id === part.question)} where={where}
            {...(isEdited ? { onChange: (to: Part | null) => change(at, to), ...(at > 0 ? { onEarlier: () => swap(at, at - 1) } : {}), ...(at + 1 < tiles.length ? { onLater: () => swap(at, at + 1) } : {}) } : {})} />
        ))}
      </div>
      <AsCall path={`/api/dashboards/${dashboard.id}`} />
    </Page>
  );
}

/** Asks anew from time to time, but not while nobody looks or somebody lays it out. */
function useRefresh(seconds: number, isEdited: boolean) {
  const { renew } = useContext(Now);
  useEffect(() => {
    if (!seconds || isEdited) return;
    const timer = setInterval(() => document.hidden || renew(), seconds * 1000);
    return () => clearInterval(timer);
  }, [seconds, isEdited]);
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
  const [open, setOpen] = useState<"settings" | "remove" | null>(null);
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
      {open === "settings" && <DashboardForm dashboard={dashboard} onClose={close} />}
      {open === "remove" && <Confirm title={words.removeDashboard} text={words.removeDashboardText} act={words.remove} keys={[DASHBOARDS]} exact onConfirm={remove} onClose={close} />}
    </div>
  );
}
