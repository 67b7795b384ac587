// One's own name, password and one-time codes.

import type { FormEvent } from "react";

import { api, held } from "../api/client";
import { useLacksCodes } from "../app/using";
import { session } from "../session/session";
import { Badge, Button, Card, css, Field, Page, Problem } from "../ui/basics";
import { Shown, useAsked } from "../ui/asked";
import { useChange } from "../ui/confirm";
import { useKept } from "../ui/edited";
import { account as words, codes } from "../words/screens";
import { Codes } from "./codes";

export default function Account() {
  const asked = useAsked(["account"], (signal) => held(api.GET("/user-account", { signal })));
  const lacksCodes = useLacksCodes();
  return (
    <Page title={words.title} about={words.about}>
      {lacksCodes && <p className={css.note} role="status">{codes.needed}</p>}
      <Shown asked={asked}>
        {(user) => (
          <div className={css.grid}>
            <Card title={words.who}><Name key={user.name} name={user.name} email={user.email} roles={user.roles} /></Card>
            <Card title={codes.title}><div className={css.stack}><Codes user={user} /></div></Card>
            <Card title={words.change}><Password /></Card>
          </div>
        )}
      </Shown>
    </Page>
  );
}

function Name({ name, email, roles }: { name: string; email: string; roles: string[] }) {
  const [typed, setTyped] = useKept("/account", () => name);
  const save = useChange(() => held(api.POST("/user-account", { body: { name: typed } })), ["account"]);
  return (
    <form className={css.stack} onSubmit={(event: FormEvent) => (event.preventDefault(), save.mutate(undefined))}>
      <p>{email}</p>
      <span className={css.badges}>{roles.map((role) => <Badge key={role}>{role}</Badge>)}</span>
      <Field label={words.name} value={typed} onChange={(event) => setTyped(event.target.value)} />
      {save.error && <Problem error={save.error} />}
      {save.isSuccess && <p role="status">{words.saved}</p>}
      <div><Button type="submit" kind="main" disabled={save.isPending}>{words.save}</Button></div>
    </form>
  );
}

function Password() {
  const change = useChange(({ old, fresh }: { old: string; fresh: string }) => held(api.POST("/user-account", { body: { old_password: old, password: fresh } })), [], () => session.end());
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    change.mutate({ old: String(form.get("old")), fresh: String(form.get("fresh")) });
  };
  return (
    <form className={css.stack} onSubmit={send}>
      <Field label={words.old} name="old" type="password" autoComplete="current-password" required />
      <Field label={words.fresh} name="fresh" type="password" autoComplete="new-password" required hint={words.signedOut} />
      {change.error && <Problem error={change.error} />}
      <div><Button type="submit" kind="main" disabled={change.isPending}>{words.change}</Button></div>
    </form>
  );
}
