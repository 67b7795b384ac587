// Keeps a view under a name, and puts it on a dashboard: for every screen whose whole state stands in its address.

import { type FormEvent, useState } from "react";

import type { Reading } from "../api/client";
import { addTile, type Dashboard, DASHBOARDS, putDashboard, putQuestion, type Question, QUESTIONS, readQuestion, useDashboards } from "../api/kept";
import { Link, useGo, useSearch } from "../app/router";
import { useSession } from "../app/using";
import { kept as words } from "../words/kept";
import { Area, Button, css, Dialog, Field, Problem, Select } from "./basics";
import { Shown } from "./asked";
import { useChange } from "./confirm";
import { Edited, useKeptHere } from "./edited";

const NEW = "+";

export default function Save({ path, onClose }: { path: string; onClose: () => void }) {
  // What was opened: once it is saved, the address names what it is saved as.
  const [{ saved }] = useState(useView());
  const dashboards = useDashboards();
  const form = (boards: readonly Dashboard[]) => (reading?: Reading<Question>) => <Form path={path} {...(reading ? { reading } : {})} dashboards={boards} onClose={onClose} />;
  return (
    <Dialog title={words.saveTitle} onClose={onClose}>
      <Shown asked={dashboards}>{(boards) => (saved ? <Edited read={(signal) => readQuestion(saved, signal)} gone={form(boards)()}>{form(boards)}</Edited> : form(boards)())}</Shown>
    </Dialog>
  );
}

/** What of the address belongs to the view; whose zone it is belongs to whoever looks. */
function useView(): { state: Record<string, string>; saved: string } {
  const { zone: _, saved = "", ...state } = useSearch<Record<string, string>>() as Record<string, string>;
  return { state, saved };
}

function Form({ path, reading, dashboards, onClose }: { path: string; reading?: Reading<Question>; dashboards: readonly Dashboard[]; onClose: () => void }) {
  const me = useSession();
  const { state } = useView();
  const opened = reading?.document;
  const mayChange = (of: { owner: string }) => of.owner === me?.email || Boolean(me?.roles.includes("admin"));
  const [typed, setTyped] = useKeptHere(path, () => ({ name: opened?.name ?? "", note: opened?.note ?? "", board: "", boardName: "" }));
  // What is stored already while a dashboard was not: whoever tries again means the same one.
  const [kept, setKept] = useState<{ id: string; tag: string } | null>(null);
  const go = useGo();
  const [done, setDone] = useState<{ board?: string } | null>(null);
  const set = (name: keyof typeof typed) => (event: { target: { value: string } }) => setTyped({ ...typed, [name]: event.target.value });
  const save = useChange(async (isNew: boolean) => {
    const { name, note } = typed;
    const body = { name, note, view: path.slice(1), state };
    const of = kept ?? (opened && !isNew ? { id: opened.id, tag: reading?.tag } : null);
    const own = await putQuestion(of ? { ...body, id: of.id } : body, of?.tag);
    const { id } = own;
    setKept(own);
    go({ to: ".", search: { saved: id } }, true);
    const on = typed.board && typed.board !== NEW ? await addTile(typed.board, id) : typed.board === NEW ? await putDashboard({ name: typed.boardName, tiles: [{ question: id }] }) : "";
    setDone(on ? { board: on } : {});
  }, [QUESTIONS, DASHBOARDS]);
  if (done) return <Done board={done.board} onClose={onClose} />;
  const isTheirs = kept !== null || (opened && mayChange(opened));
  const boards = dashboards.filter(mayChange).map((one) => [one.id, one.name] as const);
  return (
    <form className={css.stack} onSubmit={(event: FormEvent) => (event.preventDefault(), save.mutate(!isTheirs))}>
      <Field label={words.name} required autoFocus maxLength={200} value={typed.name} onChange={set("name")} />
      <Area label={words.note} rows={2} value={typed.note} onChange={set("note")} />
      <Select label={words.onDashboard} options={[["", words.none], ...boards, [NEW, words.newDashboard]]} value={typed.board} onChange={set("board")} />
      {typed.board === NEW && <Field label={words.dashboardName} required maxLength={200} value={typed.boardName} onChange={set("boardName")} />}
      {kept && save.error && <p className={css.note}>{words.savedAlone}</p>}
      {save.error && <Problem error={save.error} />}
      <div className={css.dialogFoot}>
        {isTheirs && !kept && <Button disabled={save.isPending || !typed.name} onClick={() => save.mutate(true)}>{words.saveNew}</Button>}
        <Button kind="main" type="submit" disabled={save.isPending}>{isTheirs ? words.saveChanges : words.save}</Button>
      </div>
    </form>
  );
}

function Done({ board, onClose }: { board: string | undefined; onClose: () => void }) {
  return (
    <>
      <p role="status">{words.isSaved}</p>
      <div className={css.dialogFoot}>
        <Link className={css.button} to="/saved">{words.toSaved}</Link>
        {board && <Link className={css.button} to="/dashboards/$id" params={{ id: board }}>{words.toDashboard}</Link>}
        <Button kind="main" data-first onClick={onClose}>{words.close}</Button>
      </div>
    </>
  );
}
