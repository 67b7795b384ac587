// Every version of something that was configured, and what each has changed.

import { type ReactNode, useState } from "react";

import { api, held, type Schemas } from "../api/client";
import { useZone } from "../app/place";
import { useMayConfigure } from "../app/using";
import { differences, type Difference, type Document } from "../questions/places";
import { shown } from "../time/zone";
import { versions as words } from "../words/rules";
import { AsCall } from "./as-call";
import { Shown, useAsked } from "./asked";
import { Badge, Button, Card, css, Empty, Table } from "./basics";
import { Diff } from "./diff";

type Version = Schemas["Version"];

/** Places that say again what an id says. */
const BESIDE = /^(event_type|event_source)\.name$/;

export function Versions({ kind, id }: { /** As the audit log calls it. */ kind: string; id: string }) {
  const isTheirs = useMayConfigure();
  const asked = useAsked(["versions", kind, id], async (signal) => (await held(api.GET("/api/versions/{kind}/{id}", { params: { path: { kind, id } }, signal }))).result, { enabled: isTheirs });
  if (!isTheirs) return <Card title={words.title}><Empty title={words.notYours} /></Card>;
  return <Shown asked={asked}>{(all) => <Listed all={all} foot={<AsCall path={`/api/versions/${kind}/${encodeURIComponent(id)}`} />} />}</Shown>;
}

const changes = ({ before, after }: Version): Difference[] => differences((before ?? undefined) as Document | undefined, (after ?? undefined) as Document | undefined).filter(({ place }) => !BESIDE.test(place));
const did = ({ before, after }: Version) => (!before ? words.made : !after ? words.removed : words.changed);

function Listed({ all, foot }: { all: readonly Version[]; foot: ReactNode }) {
  const zone = useZone();
  const told = all.filter((one) => changes(one).length > 0 || !one.before || !one.after);
  const [open, setOpen] = useState(told[0]?.version ?? 0);
  const chosen = told.find((one) => one.version === open);
  return (
    <div className={css.page}>
      <Card title={words.title} flush foot={foot}>
        {told.length === 0 ? <Empty title={words.none} /> : (
          <Table label={words.title} heads={[words.when, words.version, words.who, words.what, words.changes]} numbers={[1, 4]}>
            {told.map((one) => (
              <tr key={one.version}>
                <td className={css.time}>{shown(one.at, zone)}</td><td className={css.number}>{one.version}</td><td>{one.who}</td><td><Badge>{did(one)}</Badge></td>
                <td className={css.number}><Button kind="plain" aria-expanded={one === chosen} aria-label={`${changes(one).length}: ${words.show(one.version)}`} onClick={() => setOpen(one === chosen ? 0 : one.version)}>{changes(one).length}</Button></td>
              </tr>
            ))}
          </Table>
        )}
      </Card>
      {chosen && <Changes of={chosen} />}
    </div>
  );
}

function Changes({ of }: { of: Version }) {
  const rows = changes(of);
  return (
    <Card title={words.show(of.version)} flush>
      {rows.length > 0 ? <Diff label={words.show(of.version)} heads={[words.place, words.before, words.after]} rows={rows} /> : <Empty title={words.same} />}
    </Card>
  );
}
