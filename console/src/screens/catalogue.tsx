// The catalogue: which types of events there are, which fields they have, what is in them, and what has changed.

import { api, held, type Schemas } from "../api/client";
import { useMove, useWhen, type When } from "../app/place";
import { preferences } from "../app/preferences";
import { Link, useSearch } from "../app/router";
import { usePreferences } from "../app/using";
import { equals } from "../questions/conditions";
import { shown } from "../time/zone";
import { Badge, Button, Card, Check, Choice, css, Empty, Field, number, Page, Table } from "../ui/basics";
import { Shown, useAsked } from "../ui/asked";
import { AsCall } from "../ui/as-call";
import { csv, download, timed } from "../ui/files";
import { answers } from "../words/en";
import { catalogue as words } from "../words/kept";
import { Changes } from "./catalogue-changes";

type Type = Schemas["EventTypeRow"];
type FieldRow = Schemas["FieldRow"];
type View = "types" | "fields" | "changes";
type Said = { view?: View; type?: string; q?: string };

/** What was not seen for so long before the end of the range is stale. */
const STALE_DAYS = 30;
const DAY_MS = 86_400_000;

const isStale = (lastSeen: string, when: When) => new Date(lastSeen).getTime() < when.to.getTime() - STALE_DAYS * DAY_MS;

export default function Catalogue() {
  const { view, type = "", q = "" } = useSearch<Said>();
  const when = useWhen();
  const move = useMove();
  const hides = !usePreferences().stale;
  return (
    <Page title={words.title} about={words.about}>
      <div className={css.row}>
        <Choice label={words.view} value={view ?? "types"} options={[["types", words.types], ["fields", words.fields], ["changes", words.changes]]} onChange={(chosen) => move({ view: chosen === "types" ? undefined : chosen, type: undefined })} />
        <form role="search" className={css.grow} onSubmit={(event) => event.preventDefault()}>
          <Field label={words.find} type="search" value={q} onChange={(event) => move({ q: event.target.value }, true)} />
        </form>
        {view !== "changes" && <Check checked={hides} onChange={(event) => preferences.set({ stale: !event.target.checked })}>{words.hide}</Check>}
      </div>
      {view === "fields" && <Fields when={when} type={type} text={q} hides={hides} />}
      {view === "changes" && <Changes when={when} text={q} />}
      {(view === undefined || view === "types") && <Types when={when} text={q} hides={hides} />}
    </Page>
  );
}

function Types({ when, text, hides }: { when: When; text: string; hides: boolean }) {
  const asked = useAsked(["event-types", when.params], async (signal) => (await held(api.GET("/api/event-types", { params: { query: { ...when.params, limit: 1000 } }, signal }))).result);
  return (
    <Shown asked={asked}>
      {(all, milliseconds) => {
        const rows = all.filter((row) => row.type.includes(text.trim()) && !(hides && isStale(row.last_seen, when)));
        return <TypesTable rows={rows} isEmpty={all.length === 0} when={when} foot={<><span>{when.zone}</span><span>{answers.took(milliseconds)}</span><span>{words.staleHint(STALE_DAYS)}</span><AsCall path="/api/event-types" params={when.params} /></>} />;
      }}
    </Shown>
  );
}

function TypesTable({ rows, isEmpty, when, foot }: { rows: readonly Type[]; isEmpty: boolean; when: When; foot: React.ReactNode }) {
  const heads = [words.type, words.events, words.people, words.first, words.last, words.sources, words.show];
  const seen = (at: string) => shown(at, when.zone, "minute");
  const save = () => download("event-types.csv", csv([timed(heads.slice(0, 6), [3, 4], when.zone), ...rows.map((row) => [row.type, row.events, row.people, seen(row.first_seen), seen(row.last_seen), row.sources.join(" ")])]));
  return (
    <Card title={words.types} flush actions={<Button onClick={save}>{answers.csv}</Button>} foot={foot}>
      {rows.length === 0 ? <Empty title={isEmpty ? words.none : words.noneFound} /> : (
        <Table label={words.types} heads={heads} numbers={[1, 2]}>
          {rows.map((row) => (
            <tr key={row.type}>
              <td><Link to="/events" search={{ type: row.type }}>{row.type}</Link></td>
              <td className={css.number}>{number(row.events)}</td>
              <td className={css.number}>{number(row.people)}</td>
              <td className={css.time}>{seen(row.first_seen)}</td>
              <td className={css.time}>{seen(row.last_seen)}</td>
              <td className={css.quiet}>{row.sources.join(", ")}</td>
              <td><Link to="/catalogue" search={{ view: "fields", type: row.type }} aria-label={`${words.show}: ${row.type}`}>{words.show}</Link></td>
            </tr>
          ))}
        </Table>
      )}
    </Card>
  );
}

function Fields({ when, type, text, hides }: { when: When; type: string; text: string; hides: boolean }) {
  const move = useMove();
  const query = { ...when.params, ...(type ? { type } : {}) };
  const asked = useAsked(["fields", query], (signal) => held(api.GET("/api/fields", { params: { query }, signal })));
  return (
    <>
      <form className={css.row} onSubmit={(event) => (event.preventDefault(), move({ type: String(new FormData(event.currentTarget).get("type")) }))}>
        <Field key={type} label={words.of} name="type" placeholder={words.all} defaultValue={type} />
        <Button type="submit">{words.show}</Button>
      </form>
      <Shown asked={asked}>
        {(answer, milliseconds) => {
          const rows = answer.result.filter((row) => row.path.includes(text.trim()) && !(hides && isStale(row.last_seen, when)));
          const foot = <><span>{words.read(answer.read, answer.events)}</span>{answer.left_out > 0 && <span>{words.leftOut(answer.left_out)}</span>}<span>{when.zone}</span><span>{answers.took(milliseconds)}</span><AsCall path="/api/fields" params={query} /></>;
          return <FieldsTable rows={rows} read={answer.read} type={type} when={when} foot={foot} />;
        }}
      </Shown>
    </>
  );
}

/** A part of a hundred, to one digit where it is small. */
export function share(part: number, whole: number): string {
  if (whole === 0) return "–";
  const percent = (100 * part) / whole;
  return `${percent > 0 && percent < 1 ? "< 1" : Math.floor(percent)} %`;
}

function FieldsTable({ rows, read, type, when, foot }: { rows: readonly FieldRow[]; read: number; type: string; when: When; foot: React.ReactNode }) {
  const heads = [words.field, words.filled, words.kinds, words.examples, words.first, words.last];
  const seen = (at: string) => shown(at, when.zone, "minute");
  const kinds = (row: FieldRow) => row.types.map((one) => `${one.type} ${one.count}`).join(", ");
  const save = () => download("fields.csv", csv([timed(heads, [4, 5], when.zone), ...rows.map((row) => [row.path, row.filled, kinds(row), row.examples.join(" | "), seen(row.first_seen), seen(row.last_seen)])]));
  return (
    <Card title={words.fields} flush actions={<Button onClick={save}>{answers.csv}</Button>} foot={foot}>
      {rows.length === 0 ? <Empty title={words.noneFound} /> : (
        <Table label={words.fields} heads={heads} numbers={[1]}>
          {rows.map((row) => (
            <tr key={row.path}>
              <td><Link className={`${css.mono} ${css.id}`} to="/trends" search={{ by: row.path, ...(type ? { series: equals("type", type) } : {}) }}>{row.path}</Link></td>
              <td className={css.number}>{share(row.filled, read)}</td>
              <td><Kinds row={row} when={when} /></td>
              <td className={css.quiet}>{row.examples.join(" · ")}</td>
              <td className={css.time}>{seen(row.first_seen)}</td>
              <td className={css.time}>{seen(row.last_seen)}</td>
            </tr>
          ))}
        </Table>
      )}
    </Card>
  );
}

/** What a field holds; where it holds more than one thing, since when each. */
function Kinds({ row, when }: { row: FieldRow; when: When }) {
  if (row.types.length === 1) return <Badge>{row.types[0]?.type}</Badge>;
  return (
    <span className={css.badges}>
      <Link to="/catalogue" search={{ view: "changes", q: row.path }} aria-label={words.changesOf(row.path)}><Badge tone="warn">{words.drifts}</Badge></Link>
      {row.types.map((one) => <Badge key={one.type}>{words.since(one.type, shown(one.first_seen, when.zone, "minute"))}</Badge>)}
    </span>
  );
}
