// Who a person was made of: ids, what they are recognised by, and each merger with its evidence, to be taken back.

import { useState } from "react";

import { api, held, type Schemas } from "../api/client";
import { useZone } from "../app/place";
import { Link } from "../app/router";
import { useSession } from "../app/using";
import { may } from "../session/session";
import { shown } from "../time/zone";
import { Badge, Button, Card, css, Empty, Table } from "../ui/basics";
import { Shown, useAsked } from "../ui/asked";
import { AsCall } from "../ui/as-call";
import { identity as words } from "../words/person";
import { lanes } from "./lanes";
import { Lanes } from "./merge-lanes";
import { TakeBack } from "./take-back";

type Known = Schemas["Identity"];
export type Merge = Schemas["Merge"];

export function Identity({ id }: { id: string }) {
  const asked = useAsked(["identity", id], (signal) => held(api.GET("/api/profiles/{id}/identity", { params: { path: { id } }, signal })));
  return (
    <Shown asked={asked}>
      {(known) => (
        <div className={css.page}>
          <Merges known={known} />
          <Ids known={known} />
          <AsCall path={`/api/profiles/${encodeURIComponent(id)}/identity`} />
        </div>
      )}
    </Shown>
  );
}

function Merges({ known }: { known: Known }) {
  const zone = useZone();
  const roles = useSession()?.roles ?? [];
  const [open, setOpen] = useState<Merge | null>(null);
  const mayUndo = may(roles, ["admin", "maintainer"]);
  const drawn = lanes(known.merges, known.id);
  return (
    <Card flush title={words.merges} foot={<span>{zone}</span>}>
      {known.merges.length === 0 ? <Empty title={words.noMerges} /> : (
        <Table label={words.merges} heads={[<span key="lanes" className="hidden">{words.lanes}</span>, words.when, words.who, words.why, words.state, ...(mayUndo ? [words.actions] : [])]}>
          {known.merges.map((merge, at) => (
            <tr key={`${merge.id} ${at}`}>
              <td aria-hidden="true"><Lanes drawn={drawn} at={at} /></td>
              <td className={css.time}>{shown(merge.merged, zone)}</td>
              <td><span className={css.mono}>{merge.loser}</span> → <span className={css.mono}>{merge.winner}</span></td>
              <td><Why merge={merge} /></td>
              <td>{merge.undone ? <Badge>{words.undone(shown(merge.undone, zone, "minute"))}</Badge> : <Badge tone="good">✓ {words.holds}</Badge>}</td>
              {mayUndo && <td>{!merge.undone && <Button aria-label={words.undoNamed(merge.loser)} onClick={() => setOpen(merge)}>{words.undo}</Button>}</td>}
            </tr>
          ))}
        </Table>
      )}
      {open && <TakeBack merge={open} onClose={() => setOpen(null)} />}
    </Card>
  );
}

/** What showed that two are one. */
export function Why({ merge: { why } }: { merge: Merge }) {
  return (
    <span className={css.badges}>
      {why.identifier && <Badge tone="accent">{why.identifier.namespace} · {why.identifier.hash}</Badge>}
      {why.passed_by && <Badge tone="accent">{words.passed(why.passed_by)}</Badge>}
      {why.decided_by && <Badge>{words.decided(why.decided_by)}</Badge>}
      {why.source && <Badge>{words.source(why.source)}</Badge>}
      {why.event && <Link className={css.mono} to="/events" search={{ where: `id = "${why.event}"`, range: "12mo" }}>{words.event(why.event.slice(0, 8))}</Link>}
    </span>
  );
}

function Ids({ known }: { known: Known }) {
  return (
    <div className={css.grid}>
      <Card flush title={words.ids}>
        <Table label={words.ids} heads={[words.id, words.was]}>
          {known.ids.map(({ id, was }) => <tr key={id}><td className={css.mono}>{id}</td><td><Badge {...(was === "own" ? { tone: "good" } : {})}>{words.wases[was]}</Badge></td></tr>)}
        </Table>
      </Card>
      <Card flush title={words.recognised}>
        {known.identifiers.length === 0 ? <Empty title={words.noIdentifiers} /> : (
          <Table label={words.recognised} heads={[words.namespace, words.hash, words.under]}>
            {known.identifiers.map(({ namespace, hash, under }) => <tr key={`${namespace}${hash}`}><td>{namespace}</td><td className={css.mono}>{hash}</td><td className={css.mono}>{under}</td></tr>)}
          </Table>
        )}
      </Card>
      {known.apart.length > 0 && <Card title={words.apart}><ul className={css.stack}>{known.apart.map((id) => <li key={id}><Link className={css.mono} to="/people/$id" params={{ id }}>{id}</Link></li>)}</ul></Card>}
    </div>
  );
}
