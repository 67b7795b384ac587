// What somebody asks Kith through a typed client. `kith.ts`, generated, stands beside it by then.

import createClient, { type Client } from "openapi-fetch";

import type { components, paths } from "./kith.js";

type Schemas = components["schemas"];
type Kith = Client<paths>;
type EventsQuery = NonNullable<paths["/api/events"]["get"]["parameters"]["query"]>;
type AuditQuery = NonNullable<paths["/api/audit"]["get"]["parameters"]["query"]>;
type Consent = paths["/customer/consent"]["post"]["requestBody"]["content"]["application/json"];

/** Everything below, in order, on the server and the source that are named. */
export async function use(url: string, credentials: Schemas["Credentials"], source: string) {
  const kith = createClient<paths>({ baseUrl: url });
  const token = await signIn(kith, credentials);
  kith.use({
    onRequest({ request }) {
      request.headers.set("Authorization", `Bearer ${token}`);
    },
  });
  await readSource(kith, source);
  const profile = await track(kith, source, "monday");
  await agree(kith, { source: { id: source }, session: { id: "monday" }, profile: { id: profile } });
  const person = await readPerson(kith, profile);
  const bought = await purchases(kith, profile);
  const steps = await funnel(kith);
  return { profile, person, bought, steps, changes: await changes(kith, source) };
}

/** A token for the `Authorization` header. */
async function signIn(kith: Kith, body: Schemas["Credentials"]): Promise<string> {
  const headers = { "Content-Type": "application/x-www-form-urlencoded" };
  const token = answered(await kith.POST("/user/token", { body, headers }));
  if (!token.roles.includes("admin")) throw new Error(`${body.username} is ${token.roles.join()}`);
  return token.access_token;
}

/** All sources, and one of them. */
async function readSource(kith: Kith, id: string): Promise<unknown[]> {
  const all = answered(await kith.GET("/event-sources"));
  const one = answered(await kith.GET("/event-source/{id}", { params: { path: { id } } }));
  return [all, one];
}

/** Sends a view and a purchase; the id of whose they are. */
async function track(kith: Kith, source: string, session: string): Promise<string> {
  const bought = { type: "purchase", properties: { price: 12 } };
  const events = [{ type: "page-view" }, bought];
  const body = { source: { id: source }, session: { id: session }, events };
  answered(await kith.POST("/track", { body }));
  const { result } = answered(await kith.GET("/api/events", { params: { query: { session } } }));
  const profile = result[0]?.profile;
  if (!profile) throw new Error("nobody is behind the events");
  return profile.id;
}

/** They take the newsletter, and no advertisements. */
async function agree(kith: Kith, whose: Omit<Consent, "consents">): Promise<void> {
  const body: Consent = { ...whose, consents: { newsletter: true, ads: false } };
  answered(await kith.POST("/customer/consent", { body }));
}

/** The person's document, and everything about them. */
async function readPerson(kith: Kith, id: string) {
  const params = { path: { id } };
  answered(await kith.GET("/profile/{id}", { params }));
  const archive = answered(await kith.GET("/api/profiles/{id}/export", { params }));
  const types = archive.events.map((event) => event.type);
  return { types, sessions: archive.sessions.map((session) => session.id) };
}

/** Prices of what a person bought, page by page. */
async function purchases(kith: Kith, profile: string): Promise<unknown[]> {
  const prices: unknown[] = [];
  let query: EventsQuery = { profile, type: "purchase", where: "properties.price >= 10", limit: 1 };
  for (;;) {
    const { result, next } = answered(await kith.GET("/api/events", { params: { query } }));
    const valid = result.filter((event) => event.metadata.valid);
    prices.push(...valid.map((event) => event.properties["price"]));
    if (next === null) return prices;
    query = { ...query, cursor: next };
  }
}

/** How many people viewed a page, and how many of them bought within an hour. */
async function funnel(kith: Kith): Promise<number[]> {
  const steps = ['type = "page-view"', 'type = "purchase"'];
  const body: Schemas["Steps"] = { steps, window_seconds: 3600 };
  const [row] = answered(await kith.POST("/api/events/funnel", { body })).result;
  return steps.map((_, index) => row?.[`step_${index + 1}`] ?? 0);
}

/** Who changed a source, the latest first, and the cursor of what was before. */
async function changes(kith: Kith, id: string) {
  const query = { kind: "source", id, limit: 10 } satisfies AuditQuery;
  const { result, next } = answered(await kith.GET("/api/audit", { params: { query } }));
  const line = ({ action, kind, id, who }: Schemas["AuditEntry"]) => `${who}: ${action} ${kind} ${id}`;
  return { lines: result.map(line), next: next ?? null };
}

/** What was answered, or an error that says where there was none. */
function answered<Answer>(given: { data?: Answer; response: Response }): Answer {
  if (given.data !== undefined) return given.data;
  throw new Error(`${given.response.url}: ${given.response.status}`);
}
