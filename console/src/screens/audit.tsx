// The audit log: who did what, when, and from where.

import { useInfiniteQuery } from "@tanstack/react-query";
import { useSearch } from "../app/router";
import { type FormEvent, useState } from "react";

import { api, held, raw, type Schemas } from "../api/client";
import { useMove, useWhen } from "../app/place";
import { shown } from "../time/zone";
import { Badge, Button, Card, Code, css, Dialog, Empty, Field, json, Loading, Page, Problem, Select, Table } from "../ui/basics";
import { AsCall } from "../ui/as-call";
import { download } from "../ui/files";
import { audit as words } from "../words/screens";

type Entry = Schemas["AuditEntry"];
type Said = { who?: string; action?: string; kind?: string };

const ACTIONS = ["", "put", "remove", "sign-in", "sign-in-failed", "sign-out", "look", "ask", "export", "undo", "rebuild", "decide", "erase"];
const PAGE = 100;

export default function Audit() {
  const { who, action, kind } = useSearch<Said>();
  const when = useWhen();
  const query = { ...when.params, ...(who ? { who } : {}), ...(action ? { action } : {}), ...(kind ? { kind } : {}), limit: PAGE };
  const [open, setOpen] = useState<Entry | null>(null);
  const list = useInfiniteQuery({
    queryKey: ["audit", query],
    queryFn: ({ pageParam, signal }) => held(api.GET("/api/audit", { params: { query: { ...query, ...(pageParam ? { cursor: pageParam } : {}) } as never }, signal })),
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const rows = list.data?.pages.flatMap((page) => page.result) ?? [];
  const { limit: _, ...all } = query;
  const save = async () => download("audit.csv", await (await raw(`/api/audit/export?${new URLSearchParams({ ...all, format: "csv" }).toString()}`)).blob());
  return (
    <Page title={words.title} about={words.about} actions={<Button onClick={() => void save()}>{words.export}</Button>}>
      <Search key={JSON.stringify({ who, action, kind })} who={who ?? ""} action={action ?? ""} kind={kind ?? ""} />
      {list.error ? <Problem error={list.error} again={() => void list.refetch()} /> : !list.data ? <Loading /> : (
        <Card title={words.list} flush foot={<><span>{when.zone}</span><AsCall path="/api/audit" params={query} /></>}>
          {rows.length === 0 ? <Empty title={words.none} /> : (
            <Table label={words.list} heads={[words.at, words.who, words.action, words.kind, words.id, words.from, words.status]}>
              {rows.map((entry) => (
                <tr key={entry.number}>
                  <td className={css.time}><Button kind="plain" onClick={() => setOpen(entry)}>{shown(entry.at, when.zone)}</Button></td>
                  <td>{entry.who}</td><td><Badge>{entry.action}</Badge></td><td>{entry.kind}</td><td className={css.mono}>{entry.id}</td><td className={css.mono}>{entry.address ?? ""}</td>
                  <td>{entry.status ? <Badge tone={entry.status < 400 ? "good" : "bad"}>{entry.status}</Badge> : ""}</td>
                </tr>
              ))}
            </Table>
          )}
          {list.hasNextPage && <div className={css.state}><Button onClick={() => void list.fetchNextPage()} disabled={list.isFetchingNextPage}>{words.more}</Button></div>}
        </Card>
      )}
      {open && (
        <Dialog title={`${open.action} · ${open.kind}`} wide onClose={() => setOpen(null)}>
          {open.detail && <Code label={words.detail} text={open.detail} />}
          {open.before && <><h3>{words.before}</h3><Code label={words.before} text={json(open.before)} /></>}
          {open.after && <><h3>{words.after}</h3><Code label={words.after} text={json(open.after)} /></>}
          {!open.detail && !open.before && !open.after && <Code label={words.open} text={json(open)} />}
        </Dialog>
      )}
    </Page>
  );
}

function Search({ who, action, kind }: Required<Said>) {
  const [typed, setTyped] = useState({ who, action, kind });
  const move = useMove();
  const set = (name: keyof Said) => (event: { target: { value: string } }) => setTyped({ ...typed, [name]: event.target.value });
  return (
    <form className={css.row} role="search" onSubmit={(event: FormEvent) => (event.preventDefault(), move(typed))}>
      <Field label={words.who} value={typed.who} onChange={set("who")} />
      <Select label={words.action} options={ACTIONS.map((one) => [one, one || words.any] as const)} value={typed.action} onChange={set("action")} />
      <Field label={words.kind} value={typed.kind} onChange={set("kind")} />
      <Button type="submit" kind="main">{words.apply}</Button>
    </form>
  );
}
