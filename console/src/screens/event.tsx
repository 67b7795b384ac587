// Events as several screens show them: a row, and one that is open.

import { Link } from "../app/router";

import type { Schemas } from "../api/client";
import { cell, type Document, get } from "../questions/places";
import { shown } from "../time/zone";
import { Badge, Button, Code, css, Dialog, json } from "../ui/basics";
import { events as words } from "../words/screens";

export type Event = Schemas["EventDocument"];

/** Shorter than an id, and still told apart. */
export const short = (id: string) => (id.length > 13 ? `…${id.slice(-8)}` : id);

export function PersonLink({ id }: { id: string | null | undefined }) {
  if (!id) return <span className={css.quiet}>{words.nobody}</span>;
  return <Link className={`${css.mono} ${css.id}`} to="/people/$id" params={{ id }} title={id}>{short(id)}</Link>;
}

/** What an event was about, in a line. */
export function summary(event: Event): string {
  const page = event.hit.url ?? (typeof event.hit.name === "string" ? event.hit.name : "");
  const said = Object.entries(event.properties).map(([name, value]) => `${name}: ${cell(value)}`);
  return [page, ...said].filter(Boolean).join(" · ").slice(0, 160);
}

/** What is at a path of an event's document: `properties.price`, `device.type`. */
export function at(event: Event, path: string): string {
  const value = get(event as unknown as Document, path);
  return value === undefined || value === null ? "" : cell(value);
}

export function EventDialog({ event, zone, onClose }: { event: Event; zone: string; onClose: () => void }) {
  const link = `${location.origin}/console/events?where=${encodeURIComponent(`id = "${event.id}"`)}&range=${day(event)}`;
  return (
    <Dialog title={event.name} wide onClose={onClose}>
      <dl className={css.pairs}>
        <dt>{words.type}</dt><dd><code>{event.type}</code></dd>
        <dt>{words.time}</dt><dd>{shown(event.metadata.time.insert ?? "", zone)} <span className={css.quiet}>{zone}</span></dd>
        <dt>{words.received}</dt><dd>{shown(event.metadata.time.received ?? "", zone)}</dd>
        <dt>{words.source}</dt><dd>{event.source?.id}</dd>
        <dt>{words.person}</dt><dd><PersonLink id={event.profile?.id} /></dd>
        <dt>{words.session}</dt><dd>{event.session ? <Link to="/events" search={{ session: event.session.id }}>{event.session.id}</Link> : "–"}</dd>
        {event.metadata.warnings.length > 0 && <><dt>{words.warnings}</dt><dd className={css.badges}>{event.metadata.warnings.map((code) => <Badge key={code} tone="warn">{code}</Badge>)}</dd></>}
      </dl>
      <h3>{words.properties}</h3>
      <Code label={words.properties} text={json(event.properties)} />
      <details>
        <summary>{words.raw}</summary>
        <Code label={words.raw} text={json(event)} />
      </details>
      <div className={css.dialogFoot}><Button onClick={() => void navigator.clipboard.writeText(link)}>{words.link}</Button></div>
    </Dialog>
  );
}

/** The day around an event, as an address has it. */
function day(event: Event): string {
  const begin = new Date(`${(event.metadata.time.insert ?? new Date().toISOString()).slice(0, 10)}T00:00:00Z`);
  const end = new Date(begin.getTime() + 86_400_000);
  return `${begin.toISOString().slice(0, 19)}Z..${end.toISOString().slice(0, 19)}Z`;
}
