// Audiences: who is in each, and whether history was asked for it.

import { type Audience, useAudiences } from "../api/audiences";
import { useMove, useZone } from "../app/place";
import { Link, useSearch } from "../app/router";
import { useMayConfigure } from "../app/using";
import { shown } from "../time/zone";
import { Badge, Button, Card, css, done, Empty, Field, number, Page, Table } from "../ui/basics";
import { Shown } from "../ui/asked";
import { AsCall } from "../ui/as-call";
import { audiences as words } from "../words/audiences";
import { AudienceForm } from "./audience-form";

export default function Audiences() {
  const { edit } = useSearch<{ edit?: string }>();
  return edit === "new" ? <AudienceForm /> : <All />;
}

function All() {
  const asked = useAudiences();
  const move = useMove();
  const { q = "" } = useSearch<{ q?: string }>();
  const mayChange = useMayConfigure();
  return (
    <Page title={words.title} about={words.about} actions={mayChange && <Button kind="main" onClick={() => move({ edit: "new" })}>{words.add}</Button>}>
      <Field label={words.find} type="search" value={q} onChange={(event) => move({ q: event.target.value }, true)} />
      <Shown asked={asked}>{(all) => <Listed all={all} found={all.filter((one) => says(one, q))} />}</Shown>
    </Page>
  );
}

/** Whether it says this anywhere. */
const says = ({ id, name, description, condition }: Audience, text: string) => `${id}\n${name}\n${description}\n${condition}`.toLowerCase().includes(text.trim().toLowerCase());

function Listed({ all, found }: { all: readonly Audience[]; found: readonly Audience[] }) {
  return (
    <Card title={words.title} flush foot={<AsCall path="/api/audiences" />}>
      {found.length === 0 ? <Empty title={all.length === 0 ? words.none : words.nothingFound}>{all.length === 0 && words.noneHint}</Empty> : (
        <Table label={words.title} heads={[words.name, words.members, words.state, words.condition, words.changed]} numbers={[1]}>
          {found.map((one) => <Row key={one.id} audience={one} />)}
        </Table>
      )}
    </Card>
  );
}

function Row({ audience }: { audience: Audience }) {
  const { id, name, description, members, sticky, condition, changed } = audience;
  const zone = useZone();
  return (
    <tr>
      <td><Link to="/audiences/$id" params={{ id }}>{name}</Link>{description && <div className={css.quiet}>{description}</div>}</td>
      <td className={css.number}>{number(members)}</td>
      <td><span className={css.badges}><State audience={audience} />{sticky && <Badge>{words.stickyBadge}</Badge>}</span></td>
      <td><code>{condition}</code></td>
      <td className={css.time}>{shown(changed, zone, "minute")}</td>
    </tr>
  );
}

export function State({ audience: { enabled, state, progress } }: { audience: Audience }) {
  if (!enabled) return <Badge>{words.off}</Badge>;
  if (state !== "live") return <Badge tone="warn">◷ {words.warming}{done(progress)}</Badge>;
  return <Badge tone="good">✓ {words.live}{progress && <>, {words.filling}{done(progress)}</>}</Badge>;
}
