// The lists that a person is on.

import { api, held } from "../api/client";
import { Link } from "../app/router";
import { Card, css, Empty, number, Table } from "../ui/basics";
import { Shown, useAsked } from "../ui/asked";
import { lists as kept } from "../words/kept";
import { person as words } from "../words/screens";

export function Lists({ id }: { id: string }) {
  const asked = useAsked(["lists-of", id], async (signal) => (await held(api.GET("/api/lists", { params: { query: { profile: id } }, signal }))).result);
  return (
    <Shown asked={asked}>
      {(all) => (
        <Card title={words.lists} flush>
          {all.length === 0 ? <Empty title={words.noLists} /> : (
            <Table label={words.lists} heads={[kept.name, kept.people, kept.owner]} numbers={[1]}>
              {all.map((one) => <tr key={one.id}><td><Link to="/lists/$id" params={{ id: one.id }}>{one.name}</Link></td><td className={css.number}>{number(one.people)}</td><td className={css.quiet}>{one.owner}</td></tr>)}
            </Table>
          )}
        </Card>
      )}
    </Shown>
  );
}
