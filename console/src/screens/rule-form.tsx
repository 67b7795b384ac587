// A rule being made or changed: a form and its text are two views of one document.

import { type FormEvent, useRef, useState } from "react";

import { useMayConfigure } from "../app/using";
import type { Document } from "../questions/places";
import { CHANGED, store } from "../rules/asked";
import { Fields } from "../rules/fields";
import type { Kind } from "../rules/kind";
import { Button, Card, Choice, css, Problem } from "../ui/basics";
import { AsCall } from "../ui/as-call";
import { useChange } from "../ui/confirm";
import { isRefused, JsonArea } from "../ui/json-area";
import { rules as words } from "../words/rules";

type View = "form" | "text";

type Props = { kind: Kind; draft: Document; /** The version that the draft was begun from; none of a new one. */ tag: string | undefined; onDraft: (draft: Document) => void; onStored: (own: { id: string; tag: string }) => void };

export function RuleForm({ kind, draft, tag, onDraft, onStored }: Props) {
  const [view, setView] = useState<View>("form");
  const mayChange = useMayConfigure();
  const save = useChange(async () => onStored(await store(kind, draft, tag)), CHANGED);
  // What was said of the draft before is not true of the next.
  const changed = (next: Document) => (save.isIdle || save.reset(), onDraft(next));
  const place = useRef<HTMLFormElement>(null);
  const views = [["form", words.form], ["text", words.text]] as const;
  return (
    <Card title={words.rule} actions={<Choice label={words.view} value={view} options={views} onChange={(next) => isRefused(place.current) || setView(next)} />} foot={<AsCall path={kind.addresses.put} body={draft} />}>
      <form ref={place} className={css.stack} onSubmit={(event: FormEvent) => (event.preventDefault(), save.mutate(undefined))}>
        {view === "form" ? <Fields fields={kind.fields} document={draft} isStored={tag !== undefined} onChange={changed} /> : <JsonArea label={words.text} rows={22} value={draft} onChange={changed} />}
        {save.error && <Problem error={save.error} />}
        {save.isSuccess && <p role="status" className={css.note}>{words.saved}</p>}
        {mayChange && <div className={css.dialogFoot}><Button kind="main" type="submit" disabled={save.isPending}>{words.save}</Button></div>}
      </form>
    </Card>
  );
}
