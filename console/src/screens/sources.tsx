// Sources: who may send, whether they do, and how.

import { Link, useSearch } from "../app/router";
import { useContext, useMemo, useState } from "react";

import { api, held } from "../api/client";
import { Now, params, useMove, useZone } from "../app/place";
import { read, shown } from "../time/zone";
import { inShell } from "../ui/as-call";
import { Badge, Button, Card, Code, css, Dialog, Empty, number, Page, Problem, Table } from "../ui/basics";
import { Shown, useAsked } from "../ui/asked";
import { Confirm, useChange } from "../ui/confirm";
import { sources as words } from "../words/screens";
import { sourceForm } from "../words/sources";
import { forPage, forShell, type Source, useSources } from "./snippet";
import { EditSource, NewSource } from "./source-form";

const WEEK_MS = 7 * 86_400_000;

export default function Sources() {
  const sources = useSources();
  const { add, edit, test } = useSearch<{ add?: string; edit?: string; test?: string }>();
  const move = useMove();
  const health = useHealth();
  const zone = useZone();
  const close = () => move({ add: undefined, edit: undefined, test: undefined });
  return (
    <Page title={words.title} about={words.about} actions={<Button kind="main" onClick={() => move({ add: "yes" })}>{words.add}</Button>}>
      <Shown asked={sources}>
        {(all) => (
          <Card flush title={words.title}>
            {all.length === 0 ? <Empty title={words.none} /> : (
              <Table label={words.title} heads={[words.name, words.id, words.type, words.state, words.events, words.last, words.actions]} numbers={[4]}>
                {all.map((source) => {
                  const own = health.get(source.id);
                  return (
                    <tr key={source.id}>
                      <td><Button kind="plain" onClick={() => move({ edit: source.id })}>{source.name}</Button></td>
                      <td className={css.mono}>{source.id}</td>
                      <td><span className={css.badges}>{source.type.map((type) => <Badge key={type}>{sourceForm.doorsInShort[type] ?? type}</Badge>)}</span></td>
                      <td><Badge {...(source.enabled ? { tone: "good" } : {})}>{source.enabled ? words.on : words.off}</Badge></td>
                      <td className={css.number}><Link to="/events" search={{ source: source.id }} title={words.show}>{number(own?.count ?? 0)}</Link></td>
                      <td className={css.time}>{own ? shown(own.last, zone, "day") : words.never}</td>
                      <td><Button onClick={() => move({ test: source.id })}>{words.tab}</Button></td>
                    </tr>
                  );
                })}
              </Table>
            )}
            {add && <NewSource onClose={close} />}
            {all.filter((source) => source.id === edit).map((source) => <Edit key={source.id} source={source} onClose={close} />)}
            {all.filter((source) => source.id === test).map((source) => <Try key={source.id} source={source} onClose={close} />)}
          </Card>
        )}
      </Shown>
    </Page>
  );
}

/** Events of the last seven days by source, and the last day with one. */
function useHealth(): Map<string, { count: number; last: Date }> {
  const { now } = useContext(Now);
  const range = useMemo(() => params({ from: new Date(now.getTime() - WEEK_MS), to: now }), [now]);
  const query = { ...range, interval: "day", group: "source.id" };
  const asked = useAsked(["health", query], async (signal) => (await held(api.GET("/api/events/histogram", { params: { query }, signal }))).result);
  return useMemo(() => {
    const all = new Map<string, { count: number; last: Date }>();
    for (const { date, group, count } of asked.data?.value ?? []) {
      if (!group || count === 0) continue;
      all.set(group, { count: (all.get(group)?.count ?? 0) + count, last: read(date) });
    }
    return all;
  }, [asked.data]);
}

function Edit({ source, onClose }: { source: Source; onClose: () => void }) {
  const [removing, setRemoving] = useState(false);
  const remove = () => held(api.DELETE("/event-source/{id}", { params: { path: { id: source.id } } }));
  if (removing) return <Confirm title={words.removeTitle} text={words.removeText} act={words.remove} keys={["sources"]} onConfirm={remove} onClose={onClose} />;
  return <EditSource id={source.id} onClose={onClose} onRemove={() => setRemoving(true)} />;
}

function Try({ source, onClose }: { source: Source; onClose: () => void }) {
  const isRest = source.type.includes("rest");
  return (
    <Dialog title={source.name} wide onClose={onClose}>
      {isRest ? (
        <>
          <TestEvent source={source.id} />
          <h3>{words.page}</h3>
          <Code label={words.page} text={forPage(source.id)} />
          <h3>{words.shell}</h3>
          <Code label={words.shell} text={forShell(source.id)} />
        </>
      ) : (
        <>
          <h3>{words.shell}</h3>
          <Code label={words.shell} text={source.type.includes("webhook") ? `curl ${inShell(`${location.origin}/collect/order-paid/${encodeURIComponent(source.id)}`)} -H 'content-type: application/json' -d '{"id": 7}'` : `${location.origin}/redirect/…`} />
        </>
      )}
    </Dialog>
  );
}

/** Sends an event of nobody, as a page would. */
export function TestEvent({ source }: { source: string }) {
  const body = { source: { id: source }, options: { saveSession: false }, events: [{ type: "test-event", properties: { from: "console" } }] };
  const send = useChange(() => held(api.POST("/track", { params: { query: { profile_less: "true" } }, body: body as never })), ["health", "events", "histogram", "people"]);
  return (
    <div className={css.stack}>
      <div className={css.row}><Button kind="main" disabled={send.isPending} onClick={() => send.mutate(undefined)}>{words.test}</Button></div>
      {send.isSuccess && <p role="status" className={css.note}>{words.sent}</p>}
      {send.error && <Problem error={send.error} />}
    </div>
  );
}
