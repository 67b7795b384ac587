// One-time codes of one's own account: begun with the password, confirmed with the first code, ended with both.

import { type ComponentProps, type FormEvent, type ReactNode, useEffect } from "react";

import { api, held, type Schemas } from "../api/client";
import { session } from "../session/session";
import { Badge, Button, Code, css, Field, More, Problem } from "../ui/basics";
import { useChange } from "../ui/confirm";
import { download } from "../ui/files";
import { PictureCode } from "../ui/picture-code";
import { entry } from "../words/en";
import { codes as words } from "../words/screens";

const ACCOUNT = ["account", "users"];

type Typed = Record<"password" | "code", string>;

export function Codes({ user }: { user: Schemas["User"] }) {
  const begin = useChange(({ password }: Typed) => held(api.POST("/user-account/totp", { body: { password } })), []);
  const confirm = useChange(({ code }: Typed) => held(api.POST("/user-account/totp/confirm", { body: { code } })), []);
  // Only whoever has kept the recovery codes goes on: they are shown once.
  const done = useChange(async () => undefined, ACCOUNT, () => (confirm.reset(), begin.reset()));
  if (confirm.data) return <Recovery codes={confirm.data.recovery_codes} onKept={() => done.mutate(undefined)} />;
  if (user.has_totp) return <On />;
  if (!user.has_password) return <p>{words.provider}</p>;
  return (
    <>
      <p>{words.about}</p>
      {begin.data ? <Secret {...begin.data} /> : null}
      {begin.data
        ? <Asks key="code" change={confirm} act={words.confirm}><OneCode label={words.first} inputMode="numeric" autoFocus /></Asks>
        : <Asks key="password" change={begin} act={words.begin}><Password /></Asks>}
    </>
  );
}

/** What an app needs, in each way that one may take it. */
function Secret({ secret, uri }: Schemas["TotpSecret"]) {
  return (
    <>
      <p>{words.take}</p>
      <PictureCode text={uri} label={words.picture} />
      <Code label={words.secret} text={secret} />
      <More title={words.others}>
        <Code label={words.uri} text={uri} />
        <div><a className={css.button} href={uri}>{words.open}</a></div>
      </More>
    </>
  );
}

function Recovery({ codes, onKept }: { codes: readonly string[]; onKept: () => void }) {
  const text = codes.join("\n");
  return (
    <>
      <p role="status"><Badge tone="good">{words.on}</Badge> {words.recovery}</p>
      <Code label={words.recoveryCodes} text={text} />
      <div className={css.row}>
        <Button autoFocus onClick={() => download(words.file, new Blob([`${text}\n`], { type: "text/plain" }))}>{words.save}</Button>
        <Button kind="main" onClick={onKept}>{words.kept}</Button>
      </div>
    </>
  );
}

function On() {
  const end = useChange(({ password, code }: Typed) => held(api.DELETE("/user-account/totp", { body: { password, code } })), ACCOUNT);
  // Whatever was refused for want of them opens now, in every tab.
  useEffect(() => session.hasCodes(), []);
  return (
    <>
      <p><Badge tone="good">{words.on}</Badge> {words.asked}</p>
      <Asks change={end} act={words.end} kind="danger"><Password /><OneCode label={entry.code} hint={entry.codeHint} /></Asks>
    </>
  );
}

const Password = () => <Field label={words.password} name="password" type="password" autoComplete="current-password" required />;
const OneCode = (said: ComponentProps<typeof Field>) => <Field name="code" autoComplete="one-time-code" required {...said} />;

/** A form of one step; what was wrong is said in it. */
function Asks({ change, act, kind = "main", children }: { change: { mutate: (typed: Typed) => void; error: unknown; isPending: boolean }; act: string; kind?: "main" | "danger"; children: ReactNode }) {
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "");
    change.mutate({ password: text("password"), code: text("code") });
  };
  return (
    <form className={css.stack} onSubmit={send}>
      {children}
      {change.error ? <Problem error={change.error} /> : null}
      <div><Button type="submit" kind={kind} disabled={change.isPending}>{act}</Button></div>
    </form>
  );
}
