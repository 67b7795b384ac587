// Users: who may sign in, and what they may do.

import { type FormEvent, useState } from "react";

import { api, held, type Reading, type Schemas, whole } from "../api/client";
import { useZone } from "../app/place";
import { shown } from "../time/zone";
import { Badge, Button, Card, Check, Checks, css, Dialog, Field, Page, Problem, Table } from "../ui/basics";
import { Shown, useAsked } from "../ui/asked";
import { Confirm, useChange } from "../ui/confirm";
import { changed, Edited, useDraft, useKept } from "../ui/edited";
import { users as words } from "../words/screens";

type User = Schemas["User"];
/** What is asked before it is done. */
type Asks = "remove" | "codes";

const ROLES = ["admin", "developer", "marketer", "maintainer"];

export default function Users() {
  const asked = useAsked(["users"], async (signal) => (await held(api.GET("/users", { signal }))).result);
  const zone = useZone();
  const [open, setOpen] = useKept<string | null>("/users", () => null);
  const close = () => setOpen(null);
  return (
    <Page title={words.title} about={words.about} actions={<Button kind="main" onClick={() => setOpen("new")}>{words.add}</Button>}>
      <Shown asked={asked}>
        {(all) => (
          <Card flush title={words.title}>
            <Table label={words.title} heads={[words.email, words.name, words.roles, words.state, words.codes, words.last]}>
              {all.map((user) => (
                <tr key={user.id}>
                  <td><Button kind="plain" onClick={() => setOpen(user.id)}>{user.email}</Button></td>
                  <td>{user.name}</td>
                  <td><span className={css.badges}>{user.roles.map((role) => <Badge key={role} {...(role === "admin" ? { tone: "accent" } : {})}>{role}</Badge>)}</span></td>
                  <td><Badge tone={user.enabled ? "good" : "bad"}>{user.enabled ? words.active : words.disabled}</Badge></td>
                  <td>{user.has_totp ? <Badge tone="good">{words.codesOn}</Badge> : words.codesOff}</td>
                  <td className={css.time}>{user.last_sign_in ? shown(user.last_sign_in, zone, "minute") : words.never}</td>
                </tr>
              ))}
            </Table>
          </Card>
        )}
      </Shown>
      {open === "new" && <Dialog title={words.add} onClose={close}><UserForm onClose={close} /></Dialog>}
      {open && open !== "new" && <Edit id={open} onClose={close} />}
    </Page>
  );
}

function Edit({ id, onClose }: { id: string; onClose: () => void }) {
  const [asks, setAsks] = useState<Asks | null>(null);
  const params = { path: { id } };
  const read = (signal: AbortSignal) => whole(api.GET("/user/{id}", { params, signal }));
  const remove = () => held(api.DELETE("/user/{id}", { params }));
  const endCodes = () => held(api.DELETE("/user/{id}/totp", { params }));
  if (asks === "codes") return <Confirm title={words.endCodesTitle} text={words.endCodesText} act={words.endCodes} keys={["users", "account"]} onConfirm={endCodes} onClose={onClose} />;
  if (asks === "remove") return <Confirm title={words.removeTitle} text={words.removeText} act={words.remove} keys={["users"]} onConfirm={remove} onClose={onClose} />;
  return <Dialog title={words.user} onClose={onClose}><Edited read={read}>{(reading) => <UserForm reading={reading} onClose={onClose} onAsk={setAsks} />}</Edited></Dialog>;
}

type Typed = { name: string; roles: string[]; enabled: boolean };

const begin = (user: User | undefined): Typed => ({ name: user?.name ?? "", roles: user?.roles ?? ["marketer"], enabled: user?.enabled ?? true });

function UserForm({ reading, onClose, onAsk }: { reading?: Reading<User>; onClose: () => void; onAsk?: (asks: Asks) => void }) {
  const user = reading?.document;
  const { draft: typed, base, setDraft: setTyped } = useDraft(`/users/${user?.id ?? ""}`, reading, (was) => ({ email: was?.email ?? "", password: "", ...begin(was) }));
  const text = (name: "email" | "name" | "password") => ({ value: typed[name], onChange: (event: { target: { value: string } }) => setTyped({ ...typed, [name]: event.target.value }) });
  const save = useChange(async () => {
    const { email, password, ...said } = typed;
    const secret = password ? { password } : {};
    if (user) await held(api.POST("/user/{id}", { params: { path: { id: user.id } }, body: { ...changed(begin(base), said), ...secret } }));
    else await held(api.POST("/user", { body: { ...said, ...secret, email, name: said.name || null } }));
  }, ["users"], onClose);
  return (
    <form className={css.stack} onSubmit={(event: FormEvent) => (event.preventDefault(), save.mutate(undefined))}>
      <Field label={words.email} type="email" required readOnly={Boolean(user)} autoFocus={!user} {...text("email")} />
      <Field label={words.name} required={Boolean(user)} autoFocus={Boolean(user)} {...text("name")} />
      <Checks label={words.roles} options={ROLES} value={typed.roles} onChange={(roles) => setTyped({ ...typed, roles })} />
      {typed.roles.length === 0 && <p className={css.hint}>{words.wantedRole}</p>}
      <Field label={words.password} hint={words.passwordHint} type="password" autoComplete="new-password" {...text("password")} />
      <div className={css.checks}><Check checked={typed.enabled} onChange={(event) => setTyped({ ...typed, enabled: event.target.checked })}>{words.enabled}</Check></div>
      {save.error && <Problem error={save.error} />}
      <div className={css.dialogFoot}>
        {user && <Button kind="danger" onClick={() => onAsk?.("remove")}>{words.remove}</Button>}
        {user?.has_totp && <Button onClick={() => onAsk?.("codes")}>{words.endCodes}</Button>}
        <Button kind="main" type="submit" disabled={save.isPending}>{words.save}</Button>
      </div>
    </form>
  );
}
