// What a dashboard is called, and what holds for all of it.

import type { Reading } from "../api/client";
import { type Dashboard, DASHBOARDS, posted, putDashboard, readDashboard } from "../api/kept";
import { WORDS } from "../time/range";
import { Area, Button, css, Dialog, Field, Problem, Select } from "../ui/basics";
import { useChange } from "../ui/confirm";
import { Edited, useDraft } from "../ui/edited";
import { ranges } from "../words/en";
import { kept as words } from "../words/kept";

export function DashboardForm({ id, onClose }: { id: string; onClose: () => void }) {
  return <Dialog title={words.settings} onClose={onClose}><Edited read={(signal) => readDashboard(id, signal)}>{(reading) => <Form reading={reading} onClose={onClose} />}</Edited></Dialog>;
}

function Form({ reading, onClose }: { reading: Reading<Dashboard>; onClose: () => void }) {
  const { document: dashboard } = reading;
  const { draft: typed, tag, setDraft: setTyped } = useDraft(`/dashboards/${dashboard.id} settings`, reading, () => ({ ...posted(dashboard), range: dashboard.range, note: dashboard.note, where: dashboard.where, refresh: String(dashboard.refresh_seconds) }));
  const set = (name: keyof typeof typed) => (event: { target: { value: string } }) => setTyped({ ...typed, [name]: event.target.value });
  const save = useChange(() => {
    const { refresh, ...rest } = typed;
    return putDashboard({ ...rest, refresh_seconds: Number(refresh) }, tag);
  }, [DASHBOARDS], onClose);
  const known = [...WORDS, ...(dashboard.range && !(WORDS as readonly string[]).includes(dashboard.range) ? [dashboard.range] : [])];
  const options = [["", words.usualRange] as const, ...known.map((word) => [word, ranges.called[word] ?? word] as const)];
  // Other programs may have said another time than the usual ones.
  const own = String(dashboard.refresh_seconds);
  const refreshes = [...Object.entries(words.refreshes), ...(own in words.refreshes ? [] : [[own, words.refreshEvery(dashboard.refresh_seconds)] as const])];
  return (
    <form className={css.stack} onSubmit={(event) => (event.preventDefault(), save.mutate(undefined))}>
      <Field label={words.name} required autoFocus maxLength={200} value={typed.name} onChange={set("name")} />
      <Area label={words.note} rows={2} value={typed.note} onChange={set("note")} />
      <Select label={words.range} options={options} value={typed.range} onChange={set("range")} />
      <Field label={words.whereAll} placeholder={words.whereHint} value={typed.where} onChange={set("where")} />
      <Select label={words.refresh} options={refreshes} value={typed.refresh} onChange={set("refresh")} />
      {save.error && <Problem error={save.error} />}
      <div className={css.dialogFoot}><Button kind="main" type="submit" disabled={save.isPending}>{words.saveChanges}</Button></div>
    </form>
  );
}
