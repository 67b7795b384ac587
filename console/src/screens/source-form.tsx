// A source being made or changed; nothing that the form does not ask is lost.

import type { FormEvent } from "react";

import { api, held, type Reading, whole } from "../api/client";
import { basedOn } from "../api/tags";
import type { Document } from "../questions/places";
import { Fields } from "../rules/fields";
import { Button, Checks, css, Dialog, More, Problem } from "../ui/basics";
import { useChange } from "../ui/confirm";
import { Edited, useDraft } from "../ui/edited";
import { sourceForm as words } from "../words/sources";
import type { Source } from "./snippet";
import { Addresses, BASICS, BELIEF, Heard, KEPT, listed } from "./source-parts";

const DOORS = ["rest", "webhook", "redirect"];
/** What answers have and nobody posts. */
const ANSWERED = ["timestamp", "has_secret"];
/** As the server has it where nothing is said. */
const BLANK: Document = { id: "", name: "", type: ["rest"], description: "", channel: "", allowed_origins: [], enabled: true, locates: true, url_secrets: { cut: true, more: [], keep: [] }, profile_view: { audiences: [], traits: [] }, crawlers: null, retention_days: 0 };

const posted = (source: Source): Document => Object.fromEntries(Object.entries(source).filter(([key]) => !ANSWERED.includes(key))) as Document;

export const NewSource = ({ onClose }: { onClose: () => void }) => <Dialog title={words.newTitle} onClose={onClose}><SourceForm onClose={onClose} /></Dialog>;

export function EditSource({ id, onClose, onRemove }: { id: string; onClose: () => void; onRemove: () => void }) {
  const read = (signal: AbortSignal) => whole(api.GET("/event-source/{id}", { params: { path: { id } }, signal }));
  return <Dialog title={words.editTitle} onClose={onClose}><Edited read={read}>{(reading) => <SourceForm reading={reading} onClose={onClose} onRemove={onRemove} />}</Edited></Dialog>;
}

function SourceForm({ reading, onClose, onRemove }: { reading?: Reading<Source>; onClose: () => void; onRemove?: () => void }) {
  const { draft, tag, setDraft } = useDraft(`/sources/${reading?.document.id ?? ""}`, reading, (source) => (source ? posted(source) : BLANK));
  const save = useChange(() => {
    const { id, ...rest } = draft;
    return held(api.POST("/event-source", { body: { ...rest, ...(id ? { id } : {}) } as never, headers: basedOn(tag) }));
  }, ["sources"], onClose);
  const shared = { document: draft, isStored: Boolean(reading), onChange: setDraft };
  return (
    <form className={css.stack} onSubmit={(event: FormEvent) => (event.preventDefault(), save.mutate(undefined))}>
      <Fields fields={BASICS.slice(0, 2)} {...shared} />
      <Checks label={words.type} hint={words.typeHint} options={DOORS} names={words.doors} value={listed(draft.type)} onChange={(type) => setDraft({ ...draft, type })} />
      <Fields fields={BASICS.slice(2)} {...shared} />
      <More title={words.belief}><Fields fields={BELIEF} {...shared} /></More>
      <More title={words.answers}><Heard draft={draft} onDraft={setDraft} /></More>
      <More title={words.keeps}><Addresses draft={draft} onDraft={setDraft} /><Fields fields={KEPT} {...shared} /></More>
      {save.error && <Problem error={save.error} />}
      <div className={css.dialogFoot}>
        {onRemove && <Button kind="danger" onClick={onRemove}>{words.remove}</Button>}
        <Button kind="main" type="submit" disabled={save.isPending}>{words.save}</Button>
      </div>
    </form>
  );
}
