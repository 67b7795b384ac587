// The door: nobody sees a screen before they have signed in.

import { type FormEvent, useEffect, useState } from "react";

import { Refused } from "../api/client";
import { answered } from "../api/json";
import { CODE_WANTED, withPassword } from "../session/entering";
import { Button, css as ui, Field, Problem } from "../ui/basics";
import { entry as words } from "../words/en";
import css from "./shell.module.css";

export function Entry({ problem }: { problem: unknown }) {
  const [ways, setWays] = useState({ oidc: false });
  useEffect(() => {
    document.title = `${words.title} · Kith`;
    void fetch("/user/ways").then(answered).then((ways) => setWays(ways as { oidc: boolean }), () => undefined);
  }, []);
  return (
    <main className={css.entry}>
      <div className={css.entryCard}>
        <span className={css.brand}><img src="/console/icon.svg" alt="" />Kith</span>
        <h1>{words.title}</h1>
        {problem ? <Problem error={problem} /> : null}
        <PasswordForm />
        {ways.oidc && <a className={ui.button} href="/user/oidc">{words.provider}</a>}
      </div>
    </main>
  );
}

function PasswordForm() {
  const [problem, setProblem] = useState<unknown>(null);
  const [isAsked, setAsked] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const enter = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "");
    setBusy(true);
    setProblem(null);
    try {
      await withPassword(text("email"), text("password"), text("code"));
    } catch (error) {
      const wantsCode = error instanceof Refused && CODE_WANTED.includes(error.code);
      setAsked(isAsked || wantsCode);
      setProblem(wantsCode && !isAsked ? null : error);
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void enter(event)}>
      <Field label={words.email} name="email" type="email" autoComplete="username" required autoFocus />
      <Field label={words.password} name="password" type="password" autoComplete="current-password" required />
      {isAsked && <Field label={words.code} hint={words.codeHint} name="code" autoComplete="one-time-code" required autoFocus />}
      {problem ? <Problem error={problem} /> : null}
      <Button kind="main" type="submit" disabled={isBusy}>{isBusy ? words.entering : words.enter}</Button>
    </form>
  );
}
