// What a person did, session by session.

import { useState } from "react";

import { api, held } from "../api/client";
import { useZone } from "../app/place";
import { Link } from "../app/router";
import { shown } from "../time/zone";
import { Badge, Button, Card, css, duration, Empty, Table } from "../ui/basics";
import { Shown, useAsked } from "../ui/asked";
import { person as words } from "../words/screens";
import { type Event, EventDialog, summary } from "./event";

const EVENTS = 100;

export function Timeline({ id }: { id: string }) {
  const zone = useZone();
  const query = { profile: id, limit: EVENTS };
  const asked = useAsked(["timeline", query], (signal) => held(api.GET("/api/events", { params: { query }, signal })));
  const [open, setOpen] = useState<Event | null>(null);
  return (
    <Shown asked={asked}>
      {({ result, next }) => (
        <div className={`${css.stack} ${css.timeline}`}>
          {result.length === 0 && <Empty title={words.noEvents} />}
          {bySession(result).map(([session, events]) => (
            <Card key={`${session} ${events[0]?.id}`} flush title={session ? `${words.session} ${session}` : words.noSession} actions={<span className={css.badges}><Badge>{words.events(events.length)}</Badge><Badge>{duration(lasted(events))}</Badge></span>}>
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

/** Events by their session, in the order of the list: visits on two devices may overlap. What has no session stands where it happened. */
export function bySession(events: readonly Event[]): [string, Event[]][] {
  const parts: [string, Event[]][] = [];
  for (const event of events) {
    const session = event.session?.id ?? "";
    const own = session ? parts.find(([other]) => other === session) : parts.slice(-1).find(([other]) => other === "");
    if (own) own[1].push(event);
    else parts.push([session, [event]]);
  }
  return parts;
}

/** Seconds from the first of these events, which come the newest first, to the last. */
function lasted(events: readonly Event[]): number {
  const time = (event: Event | undefined) => new Date(event?.metadata.time.insert ?? 0).getTime();
  return Math.max(0, (time(events[0]) - time(events.at(-1))) / 1000);
}
