// What names something: asked of every kind that could.

import { raw } from "../api/client";
import { answered } from "../api/json";
import { Link } from "../app/router";
import { useMayConfigure } from "../app/using";
import { type Document } from "../questions/places";
import { type Known, type Use, uses } from "../questions/uses";
import { KINDS } from "../rules/kinds";
import { usage as words } from "../words/rules";
import { Shown, useAsked } from "./asked";
import { Card, Empty, Table } from "./basics";

/** Those whom everybody may read; of the others only those who configure. */
const OPEN = ["audiences", "computed-traits"];

async function known(isConfiguring: boolean, signal: AbortSignal): Promise<Known> {
  const asked = [["audiences", "/api/audiences"], ...KINDS.map((kind) => [kind.name, kind.addresses.all])].filter(([name = ""]) => isConfiguring || OPEN.includes(name));
  const all = await Promise.all(asked.map(async ([name = "", path = ""]) => [name, ((await answered(await raw(path, { signal }))) as { result: Document[] }).result] as const));
  return Object.fromEntries(all);
}

export function useUses(kind: string, id: string) {
  const isConfiguring = useMayConfigure();
  return useAsked(["uses", kind, id], async (signal) => uses(kind, id, await known(isConfiguring, signal)));
}

export function Uses({ kind, id }: { kind: string; id: string }) {
  return <Card title={words.title} flush><Shown asked={useUses(kind, id)}>{(all) => <Used all={all} />}</Shown></Card>;
}

function Used({ all }: { all: readonly Use[] }) {
  if (all.length === 0) return <Empty title={words.none} />;
  return (
    <Table label={words.title} heads={[words.name, words.kind]}>
      {all.map((use) => <tr key={`${use.kind} ${use.id}`}><td><UseLink use={use} /></td><td>{words.kinds[use.kind] ?? KINDS.find((kind) => kind.name === use.kind)?.title ?? use.kind}</td></tr>)}
    </Table>
  );
}

export function UseLink({ use: { kind, id, name } }: { use: Use }) {
  const path = KINDS.find((one) => one.name === kind)?.path ?? `/${kind}`;
  return <Link to={`${path}/$id`} params={{ id }}>{name}</Link>;
}
