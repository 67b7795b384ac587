// Saved questions: found, opened, renamed, removed.

import { useState } from "react";

import { api, held, type Reading } from "../api/client";
import { putQuestion, type Question, QUESTIONS, readQuestion, useQuestions } from "../api/kept";
import { Link, useSearch } from "../app/router";
import { useMove, useZone } from "../app/place";
import { SCREENS } from "../app/menu";
import { useSession } from "../app/using";
import { shown } from "../time/zone";
import { Area, Button, Card, css, Dialog, Empty, Field, Page, Problem, Table } from "../ui/basics";
import { Shown } from "../ui/asked";
import { AsCall } from "../ui/as-call";
import { Confirm, useChange } from "../ui/confirm";
import { Edited, useDraft, useKept } from "../ui/edited";
import { kept as words } from "../words/kept";

/** What the screen of a question is called. */
export const viewName = (view: string): string => SCREENS.find((screen) => screen.path === `/${view}`)?.name ?? view;

export default function Saved() {
  const { q = "" } = useSearch<{ q?: string }>();
  const asked = useQuestions();
  const move = useMove();
  return (
    <Page title={words.questions} about={words.questionsAbout}>
      <Field label={words.find} type="search" value={q} onChange={(event) => move({ q: event.target.value }, true)} />
      <Shown asked={asked}>{(all) => <Questions all={all} text={q.trim().toLowerCase()} />}</Shown>
    </Page>
  );
}

function Questions({ all, text }: { all: readonly Question[]; text: string }) {
  const zone = useZone();
  const me = useSession();
  const [open, setOpen] = useKept<Question | null>("/saved", () => null);
  const isMeant = ({ name, note, owner, view }: Question) => `${name}\n${note}\n${owner}\n${viewName(view)}`.toLowerCase().includes(text);
  const rows = all.filter(isMeant).sort((one, other) => other.changed.localeCompare(one.changed));
  const mayChange = (one: Question) => one.owner === me?.email || Boolean(me?.roles.includes("admin"));
  return (
    <Card title={words.questions} flush foot={<AsCall path="/api/saved-questions" />}>
      {rows.length === 0 ? <Empty title={all.length === 0 ? words.noQuestions : words.nothingFound}>{all.length === 0 && words.noQuestionsHint}</Empty> : (
        <Table label={words.questions} heads={[words.name, words.view, words.owner, words.changed, words.actions]}>
          {rows.map((one) => (
            <tr key={one.id}>
              <td><Link to={`/${one.view}`} search={{ range: undefined, ...one.state, saved: one.id }}>{one.name}</Link>{one.note && <div className={css.quiet}>{one.note}</div>}</td>
              <td>{viewName(one.view)}</td>
              <td className={css.quiet}>{one.owner}</td>
              <td className={css.time}>{shown(one.changed, zone, "minute")}</td>
              <td>{mayChange(one) && <Button aria-label={words.editNamed(one.name)} onClick={() => setOpen(one)}>{words.edit}</Button>}</td>
            </tr>
          ))}
        </Table>
      )}
      {open && <Edit {...open} onClose={() => setOpen(null)} />}
    </Card>
  );
}

function Edit({ id, name, onClose }: { id: string; name: string; onClose: () => void }) {
  const [removing, setRemoving] = useState(false);
  const remove = () => held(api.DELETE("/api/saved-questions/{id}", { params: { path: { id } } }));
  if (removing) return <Confirm title={words.removeQuestion} text={words.removeQuestionText} act={words.remove} keys={[QUESTIONS]} onConfirm={remove} onClose={onClose} />;
  return <Dialog title={name} onClose={onClose}><Edited read={(signal) => readQuestion(id, signal)}>{(reading) => <Form reading={reading} onClose={onClose} onRemove={() => setRemoving(true)} />}</Edited></Dialog>;
}

function Form({ reading, onClose, onRemove }: { reading: Reading<Question>; onClose: () => void; onRemove: () => void }) {
  const { id, name, note, view, state } = reading.document;
  const { draft, tag, setDraft } = useDraft(`/saved/${id}`, reading, () => ({ name, note }));
  const save = useChange(() => putQuestion({ id, view, state, ...draft }, tag), [QUESTIONS], onClose);
  return (
    <form className={css.stack} onSubmit={(event) => (event.preventDefault(), save.mutate(undefined))}>
      <Field label={words.name} required autoFocus maxLength={200} value={draft.name} onChange={(event) => setDraft({ ...draft, name: event.target.value })} />
      <Area label={words.note} rows={3} value={draft.note} onChange={(event) => setDraft({ ...draft, note: event.target.value })} />
      {save.error && <Problem error={save.error} />}
      <div className={css.dialogFoot}>
        <Button kind="danger" onClick={onRemove}>{words.remove}</Button>
        <Button kind="main" type="submit" disabled={save.isPending}>{words.saveChanges}</Button>
      </div>
    </form>
  );
}
