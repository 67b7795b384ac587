// The ways in: a password, a provider, the link of the first start.

import { api, held, refusal, type Schemas } from "../api/client";
import { answered } from "../api/json";
import { session } from "./session";

/** Another factor is wanted, or the one given was wrong. */
export const CODE_WANTED = ["totp_required", "totp_wrong"];

type Token = Schemas["Token"];

export async function withPassword(email: string, password: string, code: string): Promise<void> {
  const form = new URLSearchParams({ username: email, password });
  if (code) form.set("code", code);
  const answer = await fetch("/user/token", { method: "POST", body: form });
  const body: unknown = await answered(answer).catch(() => null);
  if (!answer.ok) throw refusal(answer, body);
  await begin(body as Token);
}

/** The token that waits in a cookie after a provider has sent the browser back, if one waits. */
export async function fromProvider(): Promise<void> {
  const { data: ways } = await api.GET("/user/ways");
  if (!ways?.oidc) return;
  const answer = await fetch("/user/oidc/token", { method: "POST" });
  if (answer.ok) await begin((await answered(answer)) as Token);
}

export async function withLink(link: string): Promise<void> {
  await begin(await held(api.POST("/user/welcome", { body: { link } })));
}

async function begin(token: Token): Promise<void> {
  const account = await held(api.GET("/user-account", { headers: { authorization: `Bearer ${token.access_token}` } }));
  session.begin({ token: token.access_token, roles: token.roles, email: account.email });
}

export async function leave(): Promise<void> {
  await api.POST("/user/logout").catch(() => null);
  session.end();
}
