// People sign in to the real binary with a real OpenID provider, as a browser does.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";

import Provider from "oidc-provider";

import { startKith } from "../browser/kith.mjs";

/** Everybody whom the provider knows, and what it says of them. */
const PEOPLE = {
  ann: { email: "Ann@shop.example", email_verified: true, name: "Ann", groups: ["staff", "admins"] },
  bob: { email: "bob@shop.example", email_verified: true, groups: ["strangers"] },
  eve: { email: "admin@kith.local", email_verified: false, groups: ["admins"] },
};
const SECRET = "a secret: with signs";

/** Listens on a port of its own. */
function listening(server) {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve(`http://127.0.0.1:${server.address().port}`));
  });
}

/** A port that was free a moment ago. */
async function free() {
  const server = createServer();
  const url = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return new URL(url).host;
}

/** A provider, and Kith that sends browsers to it. */
async function start(options) {
  const server = createServer((request, response) => handle(request, response));
  const issuer = await listening(server);
  const host = await free();
  const redirect = `http://${host}/user/oidc/callback`;
  const client = { client_id: "kith", client_secret: SECRET, redirect_uris: [redirect] };
  const provider = new Provider(issuer, {
    clients: [{ ...client, ...options.client }],
    pkce: { required: () => true },
    claims: { email: ["email", "email_verified"], profile: ["name"], groups: ["groups"] },
    conformIdTokenClaims: options.asksForMore,
    cookies: { keys: ["a key"] },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...PEOPLE[id] }) }),
  });
  const handle = provider.callback();
  const settings = {
    ISSUER: issuer,
    CLIENT_ID: "kith",
    CLIENT_SECRET: SECRET,
    REDIRECT_URL: redirect,
    SCOPES: "openid email profile groups",
    ROLES: "admins=admin, staff=marketer",
    RETURN_PATH: "/docs",
  };
  const named = ([name, value]) => [`KITH_ACCOUNTS_OIDC_${name}`, value];
  const env = Object.fromEntries(Object.entries(settings).map(named));
  const kith = await startKith({ listen: host, env });
  const stop = async () => {
    await kith.stop();
    server.closeAllConnections();
    server.close();
  };
  return { kith, issuer, stop };
}

/** A browser as far as this needs one: cookies by origin, name and path; redirects one by one. */
class Browser {
  #cookies = [];

  async ask(url, form) {
    const { origin, pathname } = new URL(url);
    const fits = (one) => one.origin === origin && pathname.startsWith(one.path);
    const sent = this.#cookies.filter(fits).map((one) => `${one.name}=${one.value}`);
    const response = await fetch(url, {
      method: form ? "POST" : "GET",
      redirect: "manual",
      headers: { cookie: sent.join("; ") },
      body: form && new URLSearchParams(form),
    });
    for (const text of response.headers.getSetCookie()) this.#keep(origin, text);
    const next = response.headers.get("location");
    return { response, text: await response.text(), next: next && new URL(next, url).href };
  }

  #keep(origin, text) {
    const [pair, ...rest] = text.split(/;\s*/);
    const [, name, value] = pair.match(/^([^=]+)=(.*)$/);
    const path = rest.find((part) => /^path=/i.test(part))?.slice(5) ?? "/";
    const other = (one) => one.origin !== origin || one.name !== name || one.path !== path;
    this.#cookies = this.#cookies.filter(other);
    const ends = rest.some((part) => /^max-age=0$/i.test(part));
    if (!ends && value) this.#cookies.push({ origin, name, value, path });
  }

  /** Goes on until it comes back to Kith: the address that the provider sends it to. */
  async through(kith, who) {
    let { next } = await this.ask(`${kith.url}/user/oidc`);
    for (let step = 0; step < 20; step++) {
      if (next.startsWith(kith.url)) return next;
      const page = await this.ask(next);
      if (page.next) {
        next = page.next;
        continue;
      }
      const action = page.text.match(/action="([^"]+)"/)[1];
      const isLogin = page.text.includes('value="login"');
      const form = isLogin ? { prompt: "login", login: who, password: "any" } : { prompt: "consent" };
      ({ next } = await this.ask(new URL(action, next).href, form));
    }
    throw new Error(`it does not come back: ${next}`);
  }

  async signIn(kith, who) {
    return this.ask(await this.through(kith, who));
  }

  async token(kith) {
    const answer = await this.ask(`${kith.url}/user/oidc/token`, {});
    return { status: answer.response.status, body: JSON.parse(answer.text), answer };
  }
}

async function asks(kith, token, path = "/users") {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${kith.url}${path}`, { headers });
  return { status: answer.status, body: await answer.json() };
}

let place;
before(async () => (place = await start({ asksForMore: true })));
after(() => place.stop());

test("whoever the provider knows is let in with the roles of the claim", async () => {
  const { kith } = place;
  const browser = new Browser();
  const back = await browser.signIn(kith, "ann");
  assert.equal(back.response.status, 303);
  assert.equal(back.next, `${kith.url}/docs`);
  assert.equal(back.response.headers.get("cache-control"), "no-store");
  const cookie = back.response.headers.getSetCookie().find((one) => one.startsWith("kith_oidc_token"));
  assert.match(cookie, /; Path=\/user\/oidc\/token; Max-Age=60; HttpOnly; SameSite=Strict$/);
  const { status, body, answer } = await browser.token(kith);
  assert.equal(status, 200);
  assert.deepEqual(body.roles, ["admin", "marketer"]);
  assert.equal(answer.response.headers.get("cache-control"), "no-store");
  assert.equal((await browser.token(kith)).status, 401, "it waits no more");
  const users = await asks(kith, body.access_token);
  const ann = users.body.result.find((user) => user.email === "ann@shop.example");
  assert.equal(ann.name, "Ann");
  assert.equal(ann.has_password, false);
});

test("roles are those of the last sign-in, and one less ends tokens", async () => {
  const { kith } = place;
  const browser = new Browser();
  await browser.signIn(kith, "ann");
  const { access_token: token } = (await browser.token(kith)).body;
  PEOPLE.ann.groups = ["staff"];
  await browser.signIn(kith, "ann");
  assert.equal((await asks(kith, token)).status, 401);
  const { body } = await browser.token(kith);
  assert.deepEqual(body.roles, ["marketer"]);
  PEOPLE.ann.groups = ["staff", "admins"];
});

test("whoever has no role, is not verified or is disabled stays out", async () => {
  const { kith } = place;
  for (const who of ["bob", "eve"]) {
    const browser = new Browser();
    const back = await browser.signIn(kith, who);
    assert.equal(back.response.status, 403, who);
    assert.equal(JSON.parse(back.text).code, "oidc_refused");
    assert.equal((await browser.token(kith)).status, 401);
  }
  await new Browser().signIn(kith, "ann");
  await kith.command("user", "disable", "ann@shop.example");
  assert.equal((await new Browser().signIn(kith, "ann")).response.status, 403);
  await kith.command("user", "enable", "ann@shop.example");
  assert.equal((await new Browser().signIn(kith, "ann")).response.status, 303);
});

test("only the browser that began comes back, and only once", async () => {
  const { kith } = place;
  const [one, other] = [new Browser(), new Browser()];
  const back = await one.through(kith, "ann");
  const refused = async (browser, url) => {
    const answer = await browser.ask(url);
    assert.equal(answer.response.status, 403, url);
  };
  await refused(new Browser(), back);
  await other.through(kith, "ann");
  await refused(other, back);
  await refused(one, back.replace(/state=[^&]+/, "state=x"));
  await refused(one, `${back}&error=access_denied`);
  assert.equal((await one.ask(back)).response.status, 303);
  await refused(one, back);
});

test("a wrong code is refused, and a wrong secret is not told", async () => {
  const { kith } = place;
  const browser = new Browser();
  const back = await browser.through(kith, "ann");
  const answer = await browser.ask(back.replace(/code=[^&]+/, "code=x"));
  assert.equal(answer.response.status, 403);
  assert.equal(JSON.parse(answer.text).code, "oidc_refused");
  const client = { client_secret: "another" };
  const other = await start({ client, asksForMore: true });
  try {
    const answer = await new Browser().signIn(other.kith, "ann");
    assert.equal(answer.response.status, 503);
    assert.equal(JSON.parse(answer.text).code, "oidc_unavailable");
    assert.ok(!answer.text.includes(SECRET));
  } finally {
    await other.stop();
  }
});

test("claims in the ID token and a secret in the form do as well", async () => {
  const client = { token_endpoint_auth_method: "client_secret_post" };
  const methods = { client, asksForMore: false };
  const { kith, stop } = await start(methods);
  try {
    const browser = new Browser();
    await browser.signIn(kith, "ann");
    const { body } = await browser.token(kith);
    assert.deepEqual(body.roles, ["admin", "marketer"]);
  } finally {
    await stop();
  }
});

test("where no provider is set, or none answers, nobody signs in with it", async () => {
  const off = await startKith();
  const without = await fetch(`${off.url}/user/oidc`, { redirect: "manual" });
  assert.equal(without.status, 404);
  assert.equal((await without.json()).code, "oidc_off");
  await off.stop();
  const issuer = `http://${await free()}`;
  const host = await free();
  const env = {
    KITH_ACCOUNTS_OIDC_ISSUER: issuer,
    KITH_ACCOUNTS_OIDC_CLIENT_ID: "kith",
    KITH_ACCOUNTS_OIDC_REDIRECT_URL: `http://${host}/user/oidc/callback`,
  };
  const alone = await startKith({ listen: host, env });
  const answer = await fetch(`${alone.url}/user/oidc`, { redirect: "manual" });
  assert.equal(answer.status, 503);
  assert.equal((await answer.json()).code, "oidc_unavailable");
  await alone.stop();
});
