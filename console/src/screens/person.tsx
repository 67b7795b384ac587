// One person: what they did by session, and where each trait comes from.

import { Link, useParams, useSearch } from "../app/router";
import { useState } from "react";

import { api, held, raw, type Schemas } from "../api/client";
import { useMove, useZone } from "../app/place";
import { useSession } from "../app/using";
import { may } from "../session/session";
import { shown } from "../time/zone";
import { Badge, Button, Card, Choice, Code, css, Empty, json, number, Page, Stat, Table } from "../ui/basics";
import { Shown, useAsked } from "../ui/asked";
import { download } from "../ui/files";
import { person as words } from "../words/screens";
import { Erase } from "./erase";
import { type Event, EventDialog, summary } from "./event";

type Profile = Schemas["ProfileDocument"];
type Tab = "timeline" | "traits" | "consents" | "raw";

const EVENTS = 100;

export default function Person() {
  const { id = "" } = useParams();
  const asked = useAsked(["profile", id], (signal) => held(api.GET("/profile/{id}", { params: { path: { id } }, signal })));
  return <Shown asked={asked}>{(profile) => (profile ? <Known profile={profile} /> : <Page title={id}><Empty title={words.gone}>{words.goneHint}</Empty></Page>)}</Shown>;
}

/** What a person is called: a name, an address, or the id. */
function called(profile: Profile): string {
  const data = profile.data as { pii?: { firstname?: string; lastname?: string }; contact?: { email?: { main?: string } } };
  const name = [data.pii?.firstname, data.pii?.lastname].filter(Boolean).join(" ");
  return name || data.contact?.email?.main || profile.id;
}

function Known({ profile }: { profile: Profile }) {
  const { tab = "timeline" } = useSearch<{ tab?: Tab }>();
  const move = useMove();
  const zone = useZone();
  const visit = profile.metadata.time.visit as { count?: number; last?: string | null; tz?: string | null };
  const tabs = [["timeline", words.timeline], ["traits", words.traits], ["consents", words.consents], ["raw", words.raw]] as const;
  return (
    <Page title={called(profile)} about={<span className={css.mono}>{profile.id}</span>} actions={<Actions profile={profile} />}>
      <Card flush>
        <dl className={css.stats}>
          <Stat name={words.seen} value={shown(profile.metadata.time.insert ?? "", zone, "day")} />
          <Stat name={words.last} value={visit.last ? shown(visit.last, zone, "day") : "–"} />
          <Stat name={words.visits} value={number(visit.count ?? 0)} />
          <Stat name={words.ids} value={number(profile.ids.length)} />
        </dl>
      </Card>
      <Choice label={words.view} value={tab} options={tabs} onChange={(chosen) => move({ tab: chosen === "timeline" ? undefined : chosen })} />
      {tab === "timeline" && <Timeline id={profile.id} />}
      {tab === "traits" && <Traits profile={profile} zone={zone} />}
      {tab === "consents" && <Consents profile={profile} />}
      {tab === "raw" && <Card><Code label={words.raw} text={json(profile)} /></Card>}
    </Page>
  );
}

function Actions({ profile }: { profile: Profile }) {
  const roles = useSession()?.roles ?? [];
  const [erasing, setErasing] = useState(false);
  if (!may(roles, ["admin", "maintainer"])) return null;
  const save = async () => download(`${profile.id}.json`, await (await raw(`/api/profiles/${encodeURIComponent(profile.id)}/export`)).blob());
  return (
    <div className={css.row}>
      <Button onClick={() => void save()}>{words.export}</Button>
      <Button kind="danger" onClick={() => setErasing(true)}>{words.erase}</Button>
      {erasing && <Erase id={profile.id} onClose={() => setErasing(false)} />}
    </div>
  );
}

function Timeline({ id }: { id: string }) {
  const zone = useZone();
  const query = { profile: id, limit: EVENTS };
  const asked = useAsked(["timeline", query], (signal) => held(api.GET("/api/events", { params: { query }, signal })));
  const [open, setOpen] = useState<Event | null>(null);
  return (
    <Shown asked={asked}>
      {({ result, next }) => (
        <div className={css.stack}>
          {result.length === 0 && <Empty title={words.noEvents} />}
          {bySession(result).map(([session, events]) => (
            <Card key={`${session} ${events[0]?.id}`} flush title={session ? `${words.session} ${session}` : words.noSession} actions={<Badge>{words.events(events.length)}</Badge>}>
              <Table label={`${session || words.noSession}, ${shown(events[0]?.metadata.time.insert ?? "", zone)}`} heads={[words.when, words.what, words.about]}>
                {events.map((event) => (
                  <tr key={event.id}>
                    <td className={css.time}><Button kind="plain" onClick={() => setOpen(event)}>{shown(event.metadata.time.insert ?? "", zone)}</Button></td>
                    <td><b>{event.name}</b></td>
                    <td className={css.quiet}>{summary(event)}</td>
                  </tr>
                ))}
              </Table>
            </Card>
          ))}
          {next && <Link className={css.button} to="/events" search={{ profile: id, range: "12mo" }}>{words.older}</Link>}
          {open && <EventDialog event={open} zone={zone} onClose={() => setOpen(null)} />}
        </div>
      )}
    </Shown>
  );
}

/** Runs of events of one session, in the order of the list. */
export function bySession(events: readonly Event[]): [string, Event[]][] {
  const runs: [string, Event[]][] = [];
  for (const event of events) {
    const session = event.session?.id ?? "";
    const last = runs.at(-1);
    if (last && last[0] === session) last[1].push(event);
    else runs.push([session, [event]]);
  }
  return runs;
}

/** Every value that is set, with its path. */
export function leaves(value: unknown, path = ""): [string, string][] {
  if (value === null || value === undefined) return [];
  if (typeof value !== "object") return [[path, String(value)]];
  if (Array.isArray(value)) return value.length === 0 ? [] : [[path, JSON.stringify(value)]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path ? `${path}.${key}` : key));
}

function Traits({ profile, zone }: { profile: Profile; zone: string }) {
  const { traits, data, interests, segments } = profile;
  const origins = profile.metadata.fields;
  // What every document has from the beginning says nothing of this person.
  const rows = leaves({ traits, data, interests, segments }).filter(([path, value]) => origins[path] || !["0", "false"].includes(value));
  const origin = (path: string) => {
    const steps = path.split(".");
    // A whole object may have been set at once.
    const set = steps.map((_, at) => steps.slice(0, steps.length - at).join(".")).find((known) => origins[known]);
    const [at, event] = (set && origins[set]) || [];
    if (!at) return <span className={css.quiet}>{words.unknown}</span>;
    return <>{shown(at, zone)} {event && <span className={css.quiet}>{words.byEvent} <Link to="/events" search={{ where: `id = "${event}"`, range: "12mo" }} className={css.mono}>{event.slice(0, 8)}</Link></span>}</>;
  };
  return (
    <>
      <Card flush title={words.traits}>
        {rows.length === 0 ? <Empty title={words.noTraits} /> : (
          <Table label={words.traits} heads={[words.trait, words.value, words.origin]}>
            {rows.map(([path, value]) => <tr key={path}><td className={css.mono}>{path}</td><td>{value}</td><td>{origin(path)}</td></tr>)}
          </Table>
        )}
      </Card>
      <Card title={words.allIds}><ul className={css.stack}>{profile.ids.map((id) => <li key={id} className={css.mono}>{id}</li>)}</ul></Card>
    </>
  );
}

function Consents({ profile }: { profile: Profile }) {
  const rows = Object.entries(profile.consents) as [string, { revoke?: string | null }][];
  return (
    <Card flush title={words.consents}>
      {rows.length === 0 ? <Empty title={words.noConsents} /> : (
        <Table label={words.consents} heads={[words.consent, words.granted, words.revoke]}>
          {rows.map(([name, consent]) => <tr key={name}><td>{name}</td><td><Badge tone="good">✓ {words.granted}</Badge></td><td>{consent?.revoke ?? "–"}</td></tr>)}
        </Table>
      )}
    </Card>
  );
}
