// All rules of one kind: what each is about, whether it is on, which version counts.

import { write } from "../api/json";
import { useMove, useZone } from "../app/place";
import { Link, useAddress, useSearch } from "../app/router";
import { useMayConfigure } from "../app/using";
import { NotFound } from "../app/shell";
import type { Document } from "../questions/places";
import { useRules } from "../rules/asked";
import type { Kind } from "../rules/kind";
import { kindAt, OF_EVENTS } from "../rules/kinds";
import { State } from "../rules/state";
import { shown } from "../time/zone";
import { Button, Card, css, Empty, Field, Page, Table } from "../ui/basics";
import { Shown } from "../ui/asked";
import { AsCall } from "../ui/as-call";
import { rules as words } from "../words/rules";
import { Edit } from "./rule";
import { KindTabs } from "./rules";

export default function RuleKind() {
  const kind = kindAt(useAddress().path);
  const { edit, type = "", source = "" } = useSearch<{ edit?: string; type?: string; source?: string }>();
  if (!kind) return <NotFound />;
  const begun = type && kind.begun ? { ...kind.blank, ...kind.begun({ type, source }) } : kind.blank;
  return edit === "new" ? <Edit kind={kind} begun={begun} /> : <All kind={kind} />;
}

function All({ kind }: { kind: Kind }) {
  const asked = useRules(kind);
  const move = useMove();
  const { q = "" } = useSearch<{ q?: string }>();
  const mayChange = useMayConfigure();
  return (
    <Page title={kind.title} about={kind.about} actions={mayChange && <Button kind="main" onClick={() => move({ edit: "new" })}>{kind.add}</Button>}>
      {OF_EVENTS.includes(kind) && <KindTabs />}
      <Field label={words.find} type="search" value={q} onChange={(event) => move({ q: event.target.value }, true)} />
      <Shown asked={asked}>{(all) => <Listed kind={kind} all={all} found={all.filter((rule) => says(rule, q))} />}</Shown>
    </Page>
  );
}

/** Whether it says this anywhere. */
const says = (rule: Document, text: string) => write(rule).toLowerCase().includes(text.trim().toLowerCase());

function Listed({ kind, all, found }: { kind: Kind; all: readonly Document[]; found: readonly Document[] }) {
  return (
    <Card title={kind.title} flush foot={<AsCall path={kind.addresses.all} />}>
      {found.length === 0 ? <Empty title={all.length === 0 ? kind.none : words.nothingFound}>{all.length === 0 && kind.noneHint}</Empty> : (
        <Table label={kind.title} heads={[words.name, ...kind.columns.map((column) => column.head), words.state, words.version, words.changed]} numbers={[kind.columns.length + 2]}>
          {found.map((rule) => <Row key={String(rule.id)} kind={kind} rule={rule} />)}
        </Table>
      )}
    </Card>
  );
}

function Row({ kind, rule }: { kind: Kind; rule: Document }) {
  const zone = useZone();
  return (
    <tr>
      <td><Link to={`${kind.path}/$id`} params={{ id: String(rule.id) }}>{String(rule.name || rule.id)}</Link>{rule.description && <div className={css.quiet}>{String(rule.description)}</div>}</td>
      {kind.columns.map(({ head, cell }) => <td key={head}>{cell(rule)}</td>)}
      <td><State rule={rule} /></td>
      <td className={css.number}>{String(rule.version)}</td>
      <td className={css.time}>{shown(String(rule.changed), zone, "minute")}</td>
    </tr>
  );
}
