// Identifiers that wait: two people are shown beside each other, and somebody says whether they are one.

import { useState } from "react";

import { api, held, type Schemas } from "../api/client";
import { useZone } from "../app/place";
import { shown } from "../time/zone";
import { Badge, Button, Card, css, Dialog, Empty, Loading, number, Page, Problem, Select, Table } from "../ui/basics";
import { Shown, useAsked } from "../ui/asked";
import { AsCall } from "../ui/as-call";
import { useChange } from "../ui/confirm";
import { identity, quarantine as words } from "../words/person";
import { PersonLink } from "./event";
import { called, email, lastVisit, visits } from "./person-name";

type Entry = Schemas["QuarantineEntry"];
type Decided = Schemas["Decided"];

const ENTRIES = 200;
const KEY = "quarantine";

export default function Quarantine() {
  const zone = useZone();
  const query = { limit: ENTRIES };
  const asked = useAsked([KEY], (signal) => held(api.GET("/api/identity/quarantine", { params: { query }, signal })));
  const [open, setOpen] = useState<Entry | null>(null);
  return (
    <Page title={words.title} about={words.about}>
      <Shown asked={asked}>
        {({ total, result }) => (
          <Card title={words.title} flush actions={<Badge>{words.total(total)}</Badge>} foot={<><span>{zone}</span><AsCall path="/api/identity/quarantine" params={query} /></>}>
            {result.length === 0 ? <Empty title={words.none} /> : (
              <Table label={words.title} heads={[words.when, words.namespace, words.visitor, words.holder, words.reason, words.source, words.actions]}>
                {result.map((entry) => (
                  <tr key={entry.id}>
                    <td className={css.time}>{shown(entry.time, zone, "minute")}</td>
                    <td>{entry.namespace} <span className={css.mono}>{entry.identifier.slice(0, 8)}</span></td>
                    <td><PersonLink id={entry.visitor} /></td>
                    <td><PersonLink id={entry.holder} /></td>
                    <td>{words.reasons[entry.reason] ?? entry.reason}</td>
                    <td className={css.quiet}>{entry.source}</td>
                    <td><Button aria-label={words.decideNamed(entry.visitor, entry.holder)} onClick={() => setOpen(entry)}>{words.decide}</Button></td>
                  </tr>
                ))}
              </Table>
            )}
            {open && <Decide entry={open} others={result.filter((one) => one.id !== open.id && one.namespace === open.namespace && one.identifier === open.identifier).length} onClose={() => setOpen(null)} />}
          </Card>
        )}
      </Shown>
    </Page>
  );
}

function Decide({ entry, others, onClose }: { entry: Entry; others: number; onClose: () => void }) {
  const [rest, setRest] = useState("");
  const [done, setDone] = useState<Decided | null>(null);
  const decide = useChange(async (decision: string) => {
    const body = { decision, ...(rest ? { others: rest } : {}) };
    setDone(await held(api.POST("/api/identity/quarantine/{id}", { params: { path: { id: entry.id } }, body })));
  }, []);
  const close = useChange(async () => undefined, [KEY, "profile", "identity"], onClose);
  return (
    <Dialog title={words.title2} wide onClose={() => (done ? close.mutate(undefined as never) : onClose())}>
      {done ? (
        <>
          <p role="status">{words.done(done.decided)}</p>
          {done.apart.length > 0 && <div className={css.note}><strong>{words.apart}</strong>{done.apart.map((id) => <span key={id} className={css.mono}>{id}</span>)}</div>}
        </>
      ) : (
        <>
          <p>{words.known}: {entry.namespace} <span className={css.mono}>{entry.identifier.slice(0, 8)}</span>. {words.reasons[entry.reason] ?? entry.reason}.</p>
          <div className={css.grid}><Who title={words.visitor} id={entry.visitor} /><Who title={words.holder} id={entry.holder} /></div>
          {others > 0 && <><p>{words.others(others)}</p><Select label={words.othersLabel} options={Object.entries(words.othersChoices)} value={rest} onChange={(event) => setRest(event.target.value)} /></>}
          {decide.error && <Problem error={decide.error} />}
          <div className={css.dialogFoot}>
            <Button disabled={decide.isPending} onClick={() => decide.mutate("never")}>{words.never}</Button>
            <Button kind="main" disabled={decide.isPending} onClick={() => decide.mutate("unite")}>{words.unite}</Button>
          </div>
        </>
      )}
    </Dialog>
  );
}

function Who({ title, id }: { title: string; id: string }) {
  const zone = useZone();
  const asked = useAsked(["profile", id], (signal) => held(api.GET("/profile/{id}", { params: { path: { id } }, signal })));
  const profile = asked.data?.value;
  if (asked.error) return <Problem error={asked.error} />;
  if (!profile) return <Loading />;
  return (
    <Card title={title}>
      <dl className={css.pairs}>
        <dt>{identity.name}</dt><dd>{called(profile)}</dd>
        <dt>{identity.id}</dt><dd><PersonLink id={profile.id} /></dd>
        <dt>{identity.email}</dt><dd>{email(profile) || "–"}</dd>
        <dt>{identity.visits}</dt><dd>{number(visits(profile).count)}</dd>
        <dt>{identity.last}</dt><dd>{lastVisit(profile, zone) || "–"}</dd>
      </dl>
    </Card>
  );
}
