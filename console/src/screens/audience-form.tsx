// An audience being made or changed: its condition by a builder and as text, tried on history before it counts.

import type { FormEvent } from "react";

import { type Audience, DEPENDS, putAudience } from "../api/audiences";
import { api, type Reading, whole } from "../api/client";
import { Link, useGo } from "../app/router";
import { useMayConfigure } from "../app/using";
import { Area, Button, Card, Check, css, Field, Gone, Page, Problem } from "../ui/basics";
import { AsCall } from "../ui/as-call";
import { ConditionEditor } from "../ui/condition";
import { useChange } from "../ui/confirm";
import { Edited, useDraft } from "../ui/edited";
import { audiences as words } from "../words/audiences";
import { Preview } from "./audience-preview";

export function EditAudience({ id }: { id: string }) {
  const read = (signal: AbortSignal) => whole(api.GET("/api/audiences/{id}", { params: { path: { id } }, signal }));
  return <Edited read={read} gone={<Gone id={id} title={words.gone} hint={words.goneHint} />}>{(reading) => <AudienceForm reading={reading} />}</Edited>;
}

const begin = (audience: Audience | undefined) => ({ name: audience?.name ?? "", id: audience?.id ?? "", description: audience?.description ?? "", condition: audience?.condition ?? "", sticky: audience?.sticky ?? false, enabled: audience?.enabled ?? true });

export function AudienceForm({ reading }: { reading?: Reading<Audience> }) {
  const audience = reading?.document;
  const { draft: typed, tag, setDraft: setTyped } = useDraft(`/audiences/${audience?.id ?? ""}`, reading, begin);
  const text = (name: "name" | "id" | "description") => ({ value: typed[name], onChange: (event: { target: { value: string } }) => setTyped({ ...typed, [name]: event.target.value }) });
  const { id, ...rest } = typed;
  const go = useGo();
  const mayChange = useMayConfigure();
  const body = { ...rest, ...(id ? { id } : {}) };
  const save = useChange(async () => go({ to: "/audiences/$id", params: { id: await putAudience(body, tag) } }), DEPENDS);
  const back = audience ? <Link className={css.button} to="/audiences/$id" params={{ id: audience.id }}>{audience.name}</Link> : <Link className={css.button} to="/audiences">{words.back}</Link>;
  return (
    <Page title={audience ? `${words.edit}: ${audience.name}` : words.add} about={words.about} actions={back}>
      <Card title={words.condition}><ConditionEditor text={typed.condition} own={id} onText={(condition) => setTyped((before) => ({ ...before, condition }))} /></Card>
      <Preview condition={typed.condition} id={audience?.id ?? ""} />
      <Card title={words.keep} foot={<AsCall path="/api/audiences" body={body} />}>
        <form className={css.stack} onSubmit={(event: FormEvent) => (event.preventDefault(), save.mutate(undefined))}>
          <Field label={words.name} required maxLength={200} {...text("name")} />
          {!audience && <Field label={words.id} hint={words.idHint} {...text("id")} />}
          <Area label={words.note} rows={2} {...text("description")} />
          <Check checked={typed.enabled} onChange={(event) => setTyped({ ...typed, enabled: event.target.checked })}>{words.enabled}</Check>
          <Check checked={typed.sticky} onChange={(event) => setTyped({ ...typed, sticky: event.target.checked })}>{words.sticky}</Check>
          {save.error && <Problem error={save.error} />}
          {mayChange && <div className={css.dialogFoot}><Button kind="main" type="submit" disabled={save.isPending}>{words.save}</Button></div>}
        </form>
      </Card>
    </Page>
  );
}
