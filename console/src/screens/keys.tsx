// API keys: what programs show instead of signing in.

import type { FormEvent } from "react";

import { api, held, type Schemas } from "../api/client";
import { useZone } from "../app/place";
import { shown } from "../time/zone";
import { Badge, Button, Card, Checks, Code, css, Dialog, Empty, Field, Page, Problem, Select, Table } from "../ui/basics";
import { Shown, useAsked } from "../ui/asked";
import { Confirm, useChange } from "../ui/confirm";
import { useKept } from "../ui/edited";
import { apiKeys as words } from "../words/screens";

type Key = Schemas["Key"];

const SCOPES = ["events:read", "profiles:read", "records:remove", "sql", "configure", "erase", "identity", "audit", "users"];

export default function Keys() {
  const asked = useAsked(["keys"], async (signal) => (await held(api.GET("/api/keys", { signal }))).result);
  const zone = useZone();
  const [open, setOpen] = useKept<Key | "new" | null>("/keys", () => null);
  const close = () => setOpen(null);
  const revoke = (key: Key) => () => held(api.DELETE("/api/keys/{id}", { params: { path: { id: key.id } } }));
  return (
    <Page title={words.title} about={words.about} actions={<Button kind="main" onClick={() => setOpen("new")}>{words.add}</Button>}>
      <Shown asked={asked}>
        {(all) => (
          <Card flush title={words.title}>
            {all.length === 0 ? <Empty title={words.none}>{words.noneHint}</Empty> : (
              <Table label={words.title} heads={[words.name, words.scopes, words.owner, words.used, words.until, words.actions]}>
                {all.map((key) => (
                  <tr key={key.id}>
                    <td>{key.name}</td>
                    <td><span className={css.badges}>{[...key.roles, ...key.scopes].map((scope) => <Badge key={scope}>{scope}</Badge>)}</span></td>
                    <td>{key.owner}</td>
                    <td className={css.time}>{key.last_used ? shown(key.last_used, zone, "minute") : words.never}</td>
                    <td className={css.time}>{key.expires ? shown(key.expires, zone, "day") : words.always}</td>
                    <td><Button kind="danger" aria-label={`${words.revoke} ${key.name}`} onClick={() => setOpen(key)}>{words.revoke}</Button></td>
                  </tr>
                ))}
              </Table>
            )}
          </Card>
        )}
      </Shown>
      {open === "new" && <NewKey onClose={close} />}
      {open && open !== "new" && <Confirm title={words.revokeTitle} text={words.revokeText} act={words.revoke} keys={["keys"]} onConfirm={revoke(open)} onClose={close} />}
    </Page>
  );
}

function NewKey({ onClose }: { onClose: () => void }) {
  const [{ name, scopes, days }, setTyped] = useKept("/keys/", () => ({ name: "", scopes: ["events:read"], days: "90" }));
  const make = useChange(() => held(api.POST("/api/keys", { body: { name, scopes, ...(days ? { expires_days: Number(days) } : {}) } })), ["keys"]);
  if (make.data) {
    return <Dialog title={words.made} onClose={onClose}><p>{words.madeText}</p><Code label={words.made} text={make.data.key} /></Dialog>;
  }
  return (
    <Dialog title={words.add} onClose={onClose}>
      <form className={css.stack} onSubmit={(event: FormEvent) => (event.preventDefault(), make.mutate(undefined))}>
        <Field label={words.name} required autoFocus value={name} onChange={(event) => setTyped({ name: event.target.value, scopes, days })} />
        <Checks label={words.scopes} options={SCOPES} value={scopes} onChange={(scopes) => setTyped({ name, scopes, days })} />
        <Select label={words.expires} options={Object.entries(words.days)} value={days} onChange={(event) => setTyped({ name, scopes, days: event.target.value })} />
        {scopes.length === 0 && <p className={css.hint}>{words.wanted}</p>}
        {make.error && <Problem error={make.error} />}
        <div className={css.dialogFoot}><Button kind="main" type="submit" disabled={make.isPending || scopes.length === 0}>{words.make}</Button></div>
      </form>
    </Dialog>
  );
}
