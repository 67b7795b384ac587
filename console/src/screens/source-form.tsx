// A source being made or changed; nobody's change is overwritten, and nothing that the form does not ask is lost.

import { type FormEvent, useState } from "react";

import { api, held, isOvertaken } from "../api/client";
import type { Document } from "../questions/places";
import { Fields } from "../rules/fields";
import { Button, Checks, css, Dialog, Loading, More, Problem } from "../ui/basics";
import { useAsked } from "../ui/asked";
import { useChange } from "../ui/confirm";
import { sourceForm as words } from "../words/sources";
import type { Source } from "./snippet";
import { Addresses, BASICS, BELIEF, Heard, KEPT, listed } from "./source-parts";

const DOORS = ["rest", "webhook", "redirect"];
/** There must be none yet. */
const NONE = '"0"';
/** What answers have and nobody posts. */
const ANSWERED = ["timestamp", "has_secret"];
/** As the server has it where nothing is said. */
const BLANK: Document = { id: "", name: "", type: ["rest"], description: "", channel: "", allowed_origins: [], enabled: true, locates: true, url_secrets: { cut: true, more: [], keep: [] }, profile_view: { audiences: [], traits: [] }, crawlers: null, retention_days: 0 };

/** The version that is looked at, which a change names. */
function useVersion(id: string | undefined) {
  return useAsked(["source-version", id], async (signal) => {
    if (!id) return NONE;
    const { response } = await api.GET("/event-source/{id}", { params: { path: { id } }, signal });
    return response.headers.get("etag") ?? NONE;
  });
}

const posted = (source: Source): Document => Object.fromEntries(Object.entries(source).filter(([key]) => !ANSWERED.includes(key))) as Document;

export function SourceForm({ source, onClose, onRemove }: { source?: Source; onClose: () => void; onRemove?: () => void }) {
  const version = useVersion(source?.id);
  const [draft, setDraft] = useState<Document>(source ? posted(source) : BLANK);
  const save = useChange(() => {
    const { id, ...rest } = draft;
    const headers = id ? { "If-Match": version.data?.value ?? NONE } : {};
    return held(api.POST("/event-source", { body: { ...rest, ...(id ? { id } : {}) } as never, headers }));
  }, ["sources", "source-version"], onClose);
  if (!version.data && !version.error) return <Dialog title={words.editTitle} onClose={onClose}><Loading /></Dialog>;
  const shared = { document: draft, isStored: Boolean(source), onChange: setDraft };
  return (
    <Dialog title={source ? words.editTitle : words.newTitle} onClose={onClose}>
      <form className={css.stack} onSubmit={(event: FormEvent) => (event.preventDefault(), save.mutate(undefined))}>
        <Fields fields={BASICS.slice(0, 2)} {...shared} />
        <Checks label={words.type} hint={words.typeHint} options={DOORS} names={words.doors} value={listed(draft.type)} onChange={(type) => setDraft({ ...draft, type })} />
        <Fields fields={BASICS.slice(2)} {...shared} />
        <More title={words.belief}><Fields fields={BELIEF} {...shared} /></More>
        <More title={words.answers}><Heard draft={draft} onDraft={setDraft} /></More>
        <More title={words.keeps}><Addresses draft={draft} onDraft={setDraft} /><Fields fields={KEPT} {...shared} /></More>
        {save.error && <Problem error={isOvertaken(save.error) ? new Error(words.changed) : save.error} />}
        <div className={css.dialogFoot}>
          {onRemove && <Button kind="danger" onClick={onRemove}>{words.remove}</Button>}
          <Button kind="main" type="submit" disabled={save.isPending}>{words.save}</Button>
        </div>
      </form>
    </Dialog>
  );
}
