// Users: who may sign in, and what they may do.

import { type FormEvent, useState } from "react";

import { api, held, type Schemas } from "../api/client";
import { useZone } from "../app/place";
import { shown } from "../time/zone";
import { Badge, Button, Card, Check, Checks, css, Dialog, Field, Page, Problem, Table } from "../ui/basics";
import { Shown, useAsked } from "../ui/asked";
import { Confirm, useChange } from "../ui/confirm";
import { users as words } from "../words/screens";

type User = Schemas["User"];

const ROLES = ["admin", "developer", "marketer", "maintainer"];

export default function Users() {
  const asked = useAsked(["users"], async (signal) => (await held(api.GET("/users", { signal }))).result);
  const zone = useZone();
  const [open, setOpen] = useState<User | "new" | null>(null);
  const close = () => setOpen(null);
  return (
    <Page title={words.title} about={words.about} actions={<Button kind="main" onClick={() => setOpen("new")}>{words.add}</Button>}>
      <Shown asked={asked}>
        {(all) => (
          <Card flush title={words.title}>
            <Table label={words.title} heads={[words.email, words.name, words.roles, words.state, words.codes, words.last]}>
              {all.map((user) => (
                <tr key={user.id}>
                  <td><Button kind="plain" onClick={() => setOpen(user)}>{user.email}</Button></td>
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
      {open && <UserForm {...(open === "new" ? {} : { user: open })} onClose={close} />}
    </Page>
  );
}

function UserForm({ user, onClose }: { user?: User; onClose: () => void }) {
  const [asks, setAsks] = useState<"remove" | "codes" | null>(null);
  const [typed, setTyped] = useState({ email: user?.email ?? "", name: user?.name ?? "", password: "", roles: user?.roles ?? ["marketer"], enabled: user?.enabled ?? true });
  const text = (name: "email" | "name" | "password") => ({ value: typed[name], onChange: (event: { target: { value: string } }) => setTyped({ ...typed, [name]: event.target.value }) });
  const save = useChange(async () => {
    const { email, name, password, roles, enabled } = typed;
    const body = { roles, enabled, ...(name ? { name } : {}), ...(password ? { password } : {}) };
    if (user) await held(api.POST("/user/{id}", { params: { path: { id: user.id } }, body }));
    else await held(api.POST("/user", { body: { ...body, email } }));
  }, ["users"], onClose);
  const params = { path: { id: user?.id ?? "" } };
  const remove = () => held(api.DELETE("/user/{id}", { params }));
  const endCodes = () => held(api.DELETE("/user/{id}/totp", { params }));
  if (asks === "codes") return <Confirm title={words.endCodesTitle} text={words.endCodesText} act={words.endCodes} keys={["users", "account"]} onConfirm={endCodes} onClose={onClose} />;
  if (asks === "remove") return <Confirm title={words.removeTitle} text={words.removeText} act={words.remove} keys={["users"]} onConfirm={remove} onClose={onClose} />;
  return (
    <Dialog title={user ? words.user : words.add} onClose={onClose}>
      <form className={css.stack} onSubmit={(event: FormEvent) => (event.preventDefault(), save.mutate(undefined))}>
        <Field label={words.email} type="email" required readOnly={Boolean(user)} autoFocus={!user} {...text("email")} />
        <Field label={words.name} {...text("name")} />
        <Checks label={words.roles} options={ROLES} value={typed.roles} onChange={(roles) => setTyped({ ...typed, roles })} />
        {typed.roles.length === 0 && <p className={css.hint}>{words.wantedRole}</p>}
        <Field label={words.password} hint={words.passwordHint} type="password" autoComplete="new-password" {...text("password")} />
        <div className={css.checks}><Check checked={typed.enabled} onChange={(event) => setTyped({ ...typed, enabled: event.target.checked })}>{words.enabled}</Check></div>
        {save.error && <Problem error={save.error} />}
        <div className={css.dialogFoot}>
          {user && <Button kind="danger" onClick={() => setAsks("remove")}>{words.remove}</Button>}
          {user?.has_totp && <Button onClick={() => setAsks("codes")}>{words.endCodes}</Button>}
          <Button kind="main" type="submit" disabled={save.isPending}>{words.save}</Button>
        </div>
      </form>
    </Dialog>
  );
}
