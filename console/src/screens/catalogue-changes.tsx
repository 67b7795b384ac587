// Which fields have become something else than they were: of which events, from which source, since when.

import { api, held, type Schemas } from "../api/client";
import { useMayConfigure } from "../app/using";
import type { When } from "../app/place";
import { Link } from "../app/router";
import { shown } from "../time/zone";
import { Badge, Button, Card, css, Empty, number, Table } from "../ui/basics";
import { Shown, useAsked } from "../ui/asked";
import { AsCall } from "../ui/as-call";
import { csv, download, timed } from "../ui/files";
import { answers } from "../words/en";
import { catalogue as words } from "../words/kept";

type Row = Schemas["DriftRow"];

export function Changes({ when, text }: { when: When; text: string }) {
  const asked = useAsked(["drift", when.params], (signal) => held(api.GET("/api/schema/drift", { params: { query: when.params }, signal })));
  const wanted = text.trim();
  return (
    <Shown asked={asked}>
      {(answer, milliseconds) => {
        const rows = answer.result.filter((row) => [row.path, row.event_type, row.source].some((name) => name.includes(wanted)));
        const since = answer.read < answer.events && answer.read_since;
        const foot = (
          <>
            <span>{words.read(answer.read, answer.events)}{since && `, ${words.readSince(shown(since, when.zone, "minute"))}`}</span>
            {answer.left_out > 0 && <span>{words.leftOutChanges(answer.left_out)}</span>}
            <span>{when.zone}</span><span>{answers.took(milliseconds)}</span><AsCall path="/api/schema/drift" params={when.params} />
          </>
        );
        return <ChangesTable rows={rows} isEmpty={answer.result.length === 0} when={when} foot={foot} />;
      }}
    </Shown>
  );
}

function ChangesTable({ rows, isEmpty, when, foot }: { rows: readonly Row[]; isEmpty: boolean; when: When; foot: React.ReactNode }) {
  const mayChange = useMayConfigure();
  const heads = [words.field, words.type, words.source, words.was, words.is, words.sinceWhen, words.counted];
  const seen = (at: string) => shown(at, when.zone, "minute");
  const counted = (row: Row) => row.types.map((one) => `${one.type} ${number(one.count)}`).join(", ");
  const save = () => download("changes.csv", csv([timed(heads, [5], when.zone), ...rows.map((row) => [row.path, row.event_type, row.source, row.was, row.is, seen(row.since), counted(row)])]));
  return (
    <Card title={words.changes} flush actions={rows.length > 0 && <Button onClick={save}>{answers.csv}</Button>} foot={foot}>
      {rows.length === 0 ? <Empty title={isEmpty ? words.nothingChanged : words.noneFound}>{isEmpty && words.nothingChangedHint}</Empty> : (
        <>
          <p className={css.said}>{words.changesAbout}</p>
          <Table label={words.changes} heads={mayChange ? [...heads, words.act] : heads}>
            {rows.map((row) => (
              <tr key={`${row.source} ${row.event_type} ${row.path}`}>
                <td><span className={`${css.mono} ${css.id}`}>{row.path}</span></td>
                <td><Link to="/events" search={{ type: row.event_type, source: row.source }} aria-label={words.eventsOf(row.event_type, row.source)}>{row.event_type}</Link></td>
                <td>{row.source}</td>
                <td><Badge>{row.was}</Badge></td>
                <td><Badge tone="warn">{row.is}</Badge></td>
                <td className={css.time}>{seen(row.since)}</td>
                <td className={css.quiet}>{counted(row)}</td>
                {mayChange && <td><Link to="/rules/validators" search={{ edit: "new", type: row.event_type, source: row.source, draft: "yes" }} aria-label={words.draftOf(row.event_type, row.source)}>{words.draft}</Link></td>}
              </tr>
            ))}
          </Table>
        </>
      )}
    </Card>
  );
}
