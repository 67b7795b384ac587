// Every trait of a person, and where it comes from.

import type { Schemas } from "../api/client";
import { Link } from "../app/router";
import { cell, isNest } from "../questions/places";
import { shown } from "../time/zone";
import { Card, css, Empty, Table } from "../ui/basics";
import { person as words } from "../words/screens";

type Profile = Schemas["ProfileDocument"];

/** Every value that is set, with its path. */
export function leaves(value: unknown, path = ""): [string, string][] {
  if (value === null || value === undefined) return [];
  if (!isNest(value)) return [[path, String(value)]];
  if (Array.isArray(value)) return value.length === 0 ? [] : [[path, cell(value)]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path ? `${path}.${key}` : key));
}

export function Traits({ profile, zone }: { profile: Profile; zone: string }) {
  const { traits, data, interests, segments } = profile;
  const origins = profile.metadata.fields;
  // What every document has from the beginning says nothing of this person.
  const rows = leaves({ traits, data, interests, segments }).filter(([path, value]) => origins[path] || !["0", "false"].includes(value));
  const origin = (path: string) => {
    const steps = path.split(".");
    // A whole object may have been set at once.
    const set = steps.map((_, at) => steps.slice(0, steps.length - at).join(".")).find((known) => origins[known]);
    const [at, event] = (set && origins[set]) || [];
    if (!at) return <span className={css.quiet}>{words.unknown}</span>;
    return <>{shown(at, zone)} {event && <span className={css.quiet}>{words.byEvent} <Link to="/events" search={{ where: `id = "${event}"`, range: "12mo" }} className={css.mono}>{event.slice(0, 8)}</Link></span>}</>;
  };
  return (
    <Card flush title={words.traits}>
        {rows.length === 0 ? <Empty title={words.noTraits} /> : (
          <Table label={words.traits} heads={[words.trait, words.value, words.origin]}>
            {rows.map(([path, value]) => <tr key={path}><td className={css.mono}>{path}</td><td>{value}</td><td>{origin(path)}</td></tr>)}
          </Table>
        )}
    </Card>
  );
}
