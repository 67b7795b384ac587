// Events that are kept apart: what does not fit, mended, let in, or removed.

import { useState } from "react";

import { api, held, type Schemas } from "../api/client";
import { useMove, useZone } from "../app/place";
import { useSearch } from "../app/router";
import { shown } from "../time/zone";
import { Badge, Button, Card, css, Empty, Field, Page, Table } from "../ui/basics";
import { Shown, useAsked } from "../ui/asked";
import { AsCall } from "../ui/as-call";
import { useKept } from "../ui/edited";
import { held as words } from "../words/rules";
import { PersonLink } from "./event";
import { Mend } from "./held-event";

export type Held = Schemas["HeldEventDocument"];

const EVENTS = 200;

export default function HeldEvents() {
  const zone = useZone();
  const { type = "" } = useSearch<{ type?: string }>();
  const [open, setOpen] = useKept<Held | null>("/held", () => null);
  const query = { limit: EVENTS, ...(type ? { type } : {}) };
  const asked = useAsked(["held", type], (signal) => held(api.GET("/api/held-events", { params: { query }, signal })));
  return (
    <Page title={words.title} about={words.about}>
      <Only key={type} type={type} />
      <Shown asked={asked}>
        {({ total, result }) => (
          <Card title={words.title} flush actions={<Badge>{words.total(total)}</Badge>} foot={<><span>{zone}</span><AsCall path="/api/held-events" params={query} /></>}>
            {result.length === 0 ? <Empty title={words.none}>{words.noneHint}</Empty> : (
              <Table label={words.title} heads={[words.when, words.type, words.source, words.person, words.faults, words.actions]}>
                {result.map((one) => <Row key={one.key} one={one} zone={zone} onOpen={() => setOpen(one)} />)}
              </Table>
            )}
          </Card>
        )}
      </Shown>
      {open && <Mend event={open} onClose={() => setOpen(null)} />}
    </Page>
  );
}

function Row({ one, zone, onOpen }: { one: Held; zone: string; onOpen: () => void }) {
  const when = shown(one.time, zone, "minute");
  return (
    <tr>
      <td className={css.time}>{when}</td><td>{one.type}</td><td className={css.quiet}>{one.source}</td><td><PersonLink id={one.profile} /></td>
      <td>{one.faults.map(({ place, wanted }) => <div key={`${place} ${wanted}`}><code>{place}</code> {wanted}</div>)}</td>
      <td><Button aria-label={words.openNamed(one.type, when)} onClick={onOpen}>{words.open}</Button></td>
    </tr>
  );
}

function Only({ type }: { type: string }) {
  const move = useMove();
  const [typed, setTyped] = useState(type);
  return (
    <form className={css.row} role="search" onSubmit={(event) => (event.preventDefault(), move({ type: typed.trim() }))}>
      <Field label={words.only} value={typed} onChange={(event) => setTyped(event.target.value)} />
      <Button type="submit" kind="main">{words.apply}</Button>
    </form>
  );
}
