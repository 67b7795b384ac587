// What a rule makes of a payload, beside what the rules of now make of it.

import type { Schemas } from "../api/client";
import { cell, differences, type Document, type Json } from "../questions/places";
import { besides, drawnAnew, paired, renamed } from "../questions/tried";
import { Badge, Code, css, json, Table } from "../ui/basics";
import { Come, Diff, Gone } from "../ui/diff";
import { trying as words } from "../words/rules";

type Answer = Schemas["Tried"];
type Event = Schemas["EventDocument"];

/** What is drawn anew each time. */
const DRAWN = /^(id|session|profile|request)(\.|$)|^metadata\.time\./;

type Turn = Answer["turns"][number];
/** What ids of then are now. */
type Names = ReturnType<typeof drawnAnew>;
type Beside = { now: Turn | undefined; then: Turn | undefined };

export function Tried({ now, then }: { now: Answer; then: Answer }) {
  return (
    <div className={css.stack} role="region" aria-label={words.told}>
      {besides(now.turns, then.turns).map((turn, at) => <OfOne key={at} {...turn} />)}
      <Warnings answer={then} />
    </div>
  );
}

/** What one person says, and what becomes of them. */
function OfOne({ now, then }: Beside) {
  const pairs = paired<Event>(now?.events ?? [], then?.events ?? []);
  const names = drawnAnew(pairs);
  return (
    <>
      <h3>{words.events}</h3>
      {pairs.map(([before, after], at) => <One key={at} before={before} after={after} names={names} />)}
      <h3>{words.profile}</h3>
      <Profile now={now} then={then} names={names} />
    </>
  );
}

function One({ before, after, names }: { before: Event | null; after: Event | null; names: Names }) {
  const event = after ?? before;
  const is = after ? renamed(after as unknown as Document, names) : undefined;
  const rows = differences((before ?? undefined) as unknown as Document | undefined, is, true).filter(({ place }) => !DRAWN.test(place));
  if (!event) return null;
  return (
    <div className={css.stack}>
      <div className={css.badges}><b>{event.type}</b>{!after && <Badge tone="bad">✕ {words.notKept}</Badge>}{!before && <Badge tone="good">{words.isNew}</Badge>}</div>
      {before && after && (rows.length === 0 ? <p className={css.quiet}>{words.same}</p> : <Diff label={words.event(event.type)} heads={[words.place, words.before, words.after]} rows={rows} />)}
      <details><summary>{words.whole}</summary><Code label={words.whole} text={json(event)} /></details>
    </div>
  );
}

type Change = { place: string; value: Json; before: Json; after: Json };

/** Every place that the rules of now would change, or the new one. */
function changes({ now, then }: Beside, names: Names): Change[] {
  const all = (turn: Turn | undefined) => new Map((turn?.changes ?? []).map((one) => [one.place, one as { before: Json; after: Json }]));
  const [was, is] = [all(now), all(then)];
  return [...new Set([...was.keys(), ...is.keys()])].sort().filter((place) => !/^(id|ids|metadata\.time|session|primary_id)(\.|$)/.test(place)).map((place) => {
    const value = (was.get(place) ?? is.get(place))?.before ?? null;
    return { place, value, before: was.get(place)?.after ?? value, after: renamed(is.get(place)?.after ?? value, names) };
  });
}

function Profile({ now, then, names }: Beside & { names: Names }) {
  const rows = changes({ now, then }, names);
  const turn = then ?? now;
  const unions = turn?.unites ?? [];
  return (
    <>
      {turn && <p className={css.quiet}>{words.persons[turn.person] ?? turn.person}{turn.profile && <> <span className={css.mono}>{turn.profile}</span></>}</p>}
      {unions.length > 0 && <p>{words.unites(unions.length)} <span className={css.mono}>{unions.join(", ")}</span></p>}
      {rows.length === 0 ? <p className={css.quiet}>{words.nobody}</p> : (
        <Table label={words.profile} heads={[words.place, words.value, words.before, words.after]}>
          {rows.map((change) => <Changed key={change.place} {...change} />)}
        </Table>
      )}
    </>
  );
}

const text = (value: Json) => (value === null ? "–" : cell(value));

function Changed({ place, value, before, after }: Change) {
  const isSame = text(before) === text(after);
  return (
    <tr>
      <td className={css.mono}>{place}</td><td>{text(value)}</td>
      <td>{isSame ? text(before) : <Gone value={before ?? undefined} />}</td>
      <td>{isSame ? text(after) : <Come value={after ?? undefined} />}</td>
    </tr>
  );
}

function Warnings({ answer }: { answer: Answer }) {
  if (answer.warnings.length === 0) return null;
  return (
    <>
      <h3>{words.warnings}</h3>
      <ul className={css.stack}>{answer.warnings.map(({ code, message }, at) => <li key={at}><Badge tone="warn">{code}</Badge> {message}</li>)}</ul>
    </>
  );
}
