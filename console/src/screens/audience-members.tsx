// Who is in an audience, since when, and why.

import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";

import type { Audience } from "../api/audiences";
import { api, held } from "../api/client";
import { useZone } from "../app/place";
import { Link } from "../app/router";
import { shown } from "../time/zone";
import { Button, Card, css, Dialog, Empty, Loading, Problem, Table } from "../ui/basics";
import { Shown } from "../ui/asked";
import { AsCall } from "../ui/as-call";
import { csv, download, timed } from "../ui/files";
import { PutOnList } from "../ui/put-on-list";
import { Why } from "../ui/why";
import { audiences as words } from "../words/audiences";
import { useStanding } from "./person-audiences";

const PAGE = 50;

export function Members({ audience: { id, name, state } }: { audience: Audience }) {
  const zone = useZone();
  const [open, setOpen] = useState("");
  const list = useInfiniteQuery({
    queryKey: ["members", "audience", id, state],
    queryFn: ({ pageParam, signal }) => held(api.GET("/api/audiences/{id}/members", { params: { path: { id }, query: { limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) } }, signal })),
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? undefined,
  });
  if (list.error) return <Problem error={list.error} again={() => void list.refetch()} />;
  if (!list.data) return <Loading />;
  const rows = list.data.pages.flatMap((page) => page.result);
  const since = (moment: string) => shown(moment, zone, "minute");
  const save = () => download(`${name}.csv`, csv([timed([words.person, words.since], [1], zone), ...rows.map((row) => [row.id, since(row.since)])]));
  return (
    <Card title={words.members} flush actions={<div className={css.row}><PutOnList people={rows.map((row) => row.id)} /><Button onClick={save}>{words.csv}</Button></div>} foot={<><span>{zone}</span><AsCall path={`/api/audiences/${id}/members`} params={{ limit: PAGE }} /></>}>
      {rows.length === 0 ? <Empty title={words.nobody}>{words.nobodyHint}</Empty> : (
        <Table label={words.members} heads={[words.person, words.since, words.why]}>
          {rows.map((row) => (
            <tr key={row.id}>
              <td><Link className={`${css.mono} ${css.id}`} to="/people/$id" params={{ id: row.id }}>{row.id}</Link></td>
              <td className={css.time}>{since(row.since)}</td>
              <td><Button aria-label={words.whyNamed(row.id)} onClick={() => setOpen(row.id)}>{words.why}</Button></td>
            </tr>
          ))}
        </Table>
      )}
      {list.hasNextPage && <div className={css.state}><Button onClick={() => void list.fetchNextPage()} disabled={list.isFetchingNextPage}>{words.more}</Button></div>}
      {open && <WhyDialog person={open} audience={id} onClose={() => setOpen("")} />}
    </Card>
  );
}

function WhyDialog({ person, audience, onClose }: { person: string; audience: string; onClose: () => void }) {
  const asked = useStanding(person);
  return (
    <Dialog wide title={words.whyNamed(person)} onClose={onClose}>
      <Shown asked={asked}>
        {({ audiences }) => {
          const own = audiences.find((one) => one.id === audience);
          return own ? <Why part={own.why} /> : <Empty title={words.gone} />;
        }}
      </Shown>
      <div className={css.dialogFoot}><Link className={css.button} to="/people/$id" params={{ id: person }} search={{ tab: "audiences" }}>{words.person}</Link></div>
    </Dialog>
  );
}
