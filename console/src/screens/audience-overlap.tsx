// How many of an audience are in the others, too.

import { type Audience, useAudiences } from "../api/audiences";
import { api, held } from "../api/client";
import { Link } from "../app/router";
import { AsCall } from "../ui/as-call";
import { Shown, useAsked } from "../ui/asked";
import { Card, css, Empty, number, rounded, Table } from "../ui/basics";
import { audiences as words } from "../words/audiences";

export function Overlap({ audience: { id, members } }: { audience: Audience }) {
  const names = new Map((useAudiences().data?.value ?? []).map((one) => [one.id, one.name]));
  const asked = useAsked(["overlap", id], async (signal) => (await held(api.GET("/api/audiences/{id}/overlap", { params: { path: { id } }, signal }))).result);
  const part = (both: number) => (members > 0 ? `${rounded((100 * both) / members)} %` : "–");
  return (
    <Card title={words.tabs.overlap} flush foot={<AsCall path={`/api/audiences/${id}/overlap`} />}>
      <Shown asked={asked}>
        {(rows) => rows.length === 0 ? <Empty title={words.noOthers} /> : (
          <Table label={words.tabs.overlap} heads={[words.other, words.members, words.both, words.share]} numbers={[1, 2, 3]}>
            {rows.map((row) => (
              <tr key={row.id}>
                <td><Link to="/audiences/$id" params={{ id: row.id }}>{names.get(row.id) ?? row.id}</Link></td>
                <td className={css.number}>{number(row.members)}</td><td className={css.number}>{number(row.both)}</td><td className={css.number}>{part(row.both)}</td>
              </tr>
            ))}
          </Table>
        )}
      </Shown>
    </Card>
  );
}
