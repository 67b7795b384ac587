// In which audiences a person is and why, what is missing where they are not, and what is computed of them.

import { useState } from "react";

import { useAudiences } from "../api/audiences";
import { api, held, type Schemas } from "../api/client";
import { useZone } from "../app/place";
import { Link } from "../app/router";
import { cell, type Json } from "../questions/places";
import { shown } from "../time/zone";
import { Badge, Card, Choice, css, Empty, Table } from "../ui/basics";
import { Shown, useAsked } from "../ui/asked";
import { AsCall } from "../ui/as-call";
import { Explained } from "../ui/why";
import { standing as words } from "../words/audiences";

type Standing = Schemas["StandingDocument"];
type Own = Standing["audiences"][number];

export const useStanding = (id: string) => useAsked(["standing", id], (signal) => held(api.GET("/api/profiles/{id}/audiences", { params: { path: { id } }, signal })));

export function Standings({ id }: { id: string }) {
  return (
    <Shown asked={useStanding(id)}>
      {(own) => (
        <div className={css.page}>
          <InAudiences all={own.audiences} />
          <Computed own={own} />
          <AsCall path={`/api/profiles/${encodeURIComponent(id)}/audiences`} />
        </div>
      )}
    </Shown>
  );
}

function InAudiences({ all }: { all: readonly Own[] }) {
  const [only, setOnly] = useState<"all" | "mine">("all");
  const names = new Map((useAudiences().data?.value ?? []).map((one) => [one.id, one.name]));
  const rows = all.filter((one) => only === "all" || one.is_in);
  return (
    <Card title={words.title} actions={<Choice label={words.only} value={only} options={[["all", words.all], ["mine", words.mine]]} onChange={setOnly} />}>
      {rows.length === 0 ? <Empty title={words.none} /> : <ul className={css.stack}>{rows.map((one) => <One key={one.id} own={one} name={names.get(one.id) ?? one.id} />)}</ul>}
    </Card>
  );
}

function One({ own, name }: { own: Own; name: string }) {
  const zone = useZone();
  const line = (
    <>
      <Badge {...(own.is_in ? { tone: "good" } : {})}>{own.is_in ? `✓ ${words.isIn}` : `✕ ${words.isOut}`}</Badge>
      <Link to="/audiences/$id" params={{ id: own.id }}>{name}</Link>
      {own.since && <span className={css.quiet}>{words.since} {shown(own.since, zone, "minute")}, <Cause event={own.event} /></span>}
    </>
  );
  return (
    <Explained part={own.why} name={name} isOpen={own.is_in} line={line}>
      {own.changes && <p className={css.quiet}>{words.changes(shown(own.changes, zone, "minute"))}</p>}
    </Explained>
  );
}

/** What brought somebody in. */
function Cause({ event }: { event: string | null }) {
  if (!event) return words.byTime;
  return <>{words.event} <Link className={css.mono} to="/events" search={{ where: `id = "${event}"`, range: "12mo" }}>{event.slice(0, 8)}</Link></>;
}

function Computed({ own: { computed, approximate } }: { own: Standing }) {
  const rows = Object.entries(computed as Record<string, Json>);
  return (
    <Card title={words.computed} flush>
      {rows.length === 0 ? <Empty title={words.noComputed} /> : (
        <Table label={words.computed} heads={[words.name, words.value]}>
          {rows.map(([name, value]) => (
            <tr key={name}>
              <td><Link to="/computed-traits/$id" params={{ id: name }}>{name}</Link></td>
              <td>{value === null ? "–" : cell(value)} {approximate.includes(name) && <span title={words.guessHint}><Badge tone="warn">{words.guess}</Badge></span>}</td>
            </tr>
          ))}
        </Table>
      )}
    </Card>
  );
}
