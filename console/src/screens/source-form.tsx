// A source being made or changed; nobody's change is overwritten.

import { type FormEvent, useState } from "react";

import { api, held, isOvertaken } from "../api/client";
import { Area, Button, Check, Checks, css, Dialog, Field, Loading, Problem } from "../ui/basics";
import { useAsked } from "../ui/asked";
import { useChange } from "../ui/confirm";
import { sources as words } from "../words/screens";
import type { Source } from "./snippet";

const DOORS = ["rest", "webhook", "redirect"];
/** There must be none yet. */
const NONE = '"0"';

/** The version that is looked at, which a change names. */
function useVersion(id: string | undefined) {
  return useAsked(["source-version", id], async (signal) => {
    if (!id) return NONE;
    const { response } = await api.GET("/event-source/{id}", { params: { path: { id } }, signal });
    return response.headers.get("etag") ?? NONE;
  });
}

export function SourceForm({ source, onClose, onRemove }: { source?: Source; onClose: () => void; onRemove?: () => void }) {
  const version = useVersion(source?.id);
  const [typed, setTyped] = useState({
    id: source?.id ?? "", name: source?.name ?? "", type: source?.type ?? ["rest"], channel: source?.channel ?? "", description: source?.description ?? "",
    origins: (source?.allowed_origins ?? []).join("\n"), enabled: source?.enabled ?? true, keeps_ip: source?.keeps_ip ?? false,
    returns_profile: source?.returns_profile ?? false, transitional: source?.transitional ?? false, retention_days: source?.retention_days ?? 0,
  });
  const text = (name: keyof typeof typed) => ({ value: String(typed[name]), onChange: (event: { target: { value: string } }) => setTyped({ ...typed, [name]: event.target.value }) });
  const flag = (name: keyof typeof typed) => ({ checked: Boolean(typed[name]), onChange: (event: { target: { checked: boolean } }) => setTyped({ ...typed, [name]: event.target.checked }) });
  const save = useChange(() => {
    const { id, origins, retention_days, ...rest } = typed;
    const allowed_origins = origins.split(/\s+/).filter(Boolean);
    // What this form does not show stays as it is.
    const kept = source ? { config: source.config, tags: source.tags } : {};
    const body = { ...kept, ...rest, ...(id ? { id } : {}), allowed_origins, retention_days: Number(retention_days) };
    const headers = id ? { "If-Match": version.data?.value ?? NONE } : {};
    return held(api.POST("/event-source", { body: body as never, headers }));
  }, ["sources", "source-version"], onClose);
  if (!version.data && !version.error) return <Dialog title={words.editTitle} onClose={onClose}><Loading /></Dialog>;
  return (
    <Dialog title={source ? words.editTitle : words.newTitle} onClose={onClose}>
      <form className={css.stack} onSubmit={(event: FormEvent) => (event.preventDefault(), save.mutate(undefined))}>
        <Field label={words.name} required autoFocus {...text("name")} />
        <Field label={words.id} hint={words.idHint} readOnly={Boolean(source)} {...text("id")} />
        <Checks label={words.type} options={DOORS} value={typed.type} onChange={(type) => setTyped({ ...typed, type })} />
        <Field label={words.channel} {...text("channel")} />
        <Field label={words.description} {...text("description")} />
        <Area label={words.origins} hint={words.originsHint} {...text("origins")} />
        <Field label={words.retention} hint={words.retentionHint} type="number" min={0} {...text("retention_days")} />
        <div className={css.checks}>
          <Check {...flag("enabled")}>{words.enabled}</Check>
          <Check {...flag("keeps_ip")}>{words.keepsIp}</Check>
          <Check {...flag("returns_profile")}>{words.returnsProfile}</Check>
          <Check {...flag("transitional")}>{words.transitional}</Check>
        </div>
        {save.error && <Problem error={isOvertaken(save.error) ? new Error(words.changed) : save.error} />}
        <div className={css.dialogFoot}>
          {onRemove && <Button kind="danger" onClick={onRemove}>{words.remove}</Button>}
          <Button kind="main" type="submit" disabled={save.isPending}>{words.save}</Button>
        </div>
      </form>
    </Dialog>
  );
}
