// People, found by an id, an e-mail address or a trait.

import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useSearch } from "../app/router";
import { type FormEvent, useState } from "react";

import { api, held } from "../api/client";
import { both } from "../app/filters";
import { params, useMove, useNarrow, useWhen } from "../app/place";
import { shown } from "../time/zone";
import { Button, Card, css, Empty, Field, Loading, number, Page, Problem, Table } from "../ui/basics";
import { AsCall, literal } from "../ui/as-call";
import { useConditionSql } from "../ui/condition-sql";
import { csv, download, timed } from "../ui/files";
import { FilterField } from "../ui/filter-field";
import { PutOnList } from "../ui/put-on-list";
import { answers } from "../words/en";
import { people as words } from "../words/screens";
import { SendLine } from "./snippet";

const PAGE = 50;

/** What somebody typed, as the question has it: a place and a value, an address, or an id. */
export function search(text: string): Record<string, string> {
  const [, path, value] = /^\s*((?:traits|data|interests|consents)\.[^=\s]+)\s*=\s*"?(.*?)"?\s*$/.exec(text) ?? [];
  if (path && value !== undefined) return { path, value };
  const plain = text.trim();
  if (!plain) return {};
  return plain.includes("@") ? { email: plain } : { id: plain };
}

/** What they are to have done, and when: where an event is named, or a dashboard names a range. */
function useDid(): Record<string, string> {
  const { did = "" } = useSearch<{ did?: string }>();
  const when = useWhen();
  const { from, to, where } = { ...(did ? params(when) : {}), ...useNarrow() };
  const said = both(did, where);
  return { ...(said ? { did: said } : {}), ...(from ? { did_from: from } : {}), ...(to ? { did_to: to } : {}) };
}

const EMAILS = ["main", "private", "business"].map((place) => `lower(data->'contact'->'email'->>'${place}')`);

/** Whom to find, as a condition of SQL; none where it is said as a path, or what they did is not known in SQL yet. */
function useCondition({ id, email, path, did, did_from, did_to }: Record<string, string>): string | undefined {
  const isOfEvents = Boolean(did || did_from || did_to);
  const done = useConditionSql({ ...(did ? { where: did } : {}), ...(did_from ? { from: did_from } : {}), ...(did_to ? { to: did_to } : {}) }, isOfEvents);
  if (path || (isOfEvents && done === undefined)) return undefined;
  const whom = id ? `list_contains(ids, ${literal(id)})` : email ? `${literal(email.trim().toLowerCase())} IN (${EMAILS.join(", ")})` : "";
  return [whom, done && `id IN (SELECT profile_id FROM events WHERE ${done})`].filter(Boolean).join("\n  AND ") || "true";
}

const statement = (where: string) => `SELECT id, email, visits, last_visit, created\nFROM profiles\nWHERE ${where}\nORDER BY coalesce(last_visit, created) DESC, id DESC\nLIMIT ${PAGE}`;

export default function People() {
  const { q = "", did = "" } = useSearch<{ q?: string; did?: string }>();
  const { zone } = useWhen();
  const whom = { ...search(q), ...useDid() };
  const query = { ...whom, limit: PAGE };
  const where = useCondition(whom);
  const list = useInfiniteQuery({
    queryKey: ["profiles", query],
    queryFn: ({ pageParam, signal }) => held(api.GET("/api/profiles", { params: { query: { ...query, ...(pageParam ? { cursor: pageParam } : {}) } }, signal })),
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const rows = list.data?.pages.flatMap((page) => page.result) ?? [];
  const heads = [words.id, words.email, words.visits, words.seen, words.first, words.ids];
  const seen = (row: (typeof rows)[number]) => shown(row.last_visit ?? row.updated ?? row.created, zone, "minute");
  const save = () => download("people.csv", csv([timed(heads, [3, 4], zone), ...rows.map((row) => [row.id, row.email, row.visits, seen(row), shown(row.created, zone, "minute"), row.ids.length])]));
  return (
    <Page title={words.title} about={words.about}>
      <Find key={`${q} ${did}`} text={q} did={did} />
      {list.error ? <Problem error={list.error} again={() => void list.refetch()} /> : !list.data ? <Loading /> : (
        <Card title={words.list} flush actions={<div className={css.row}><PutOnList people={rows.map((row) => row.id)} /><Button onClick={save}>{answers.csv}</Button></div>} foot={<><span>{zone}</span><AsCall path="/api/profiles" params={query} {...(where === undefined ? {} : { sql: statement(where) })} /></>}>
          {rows.length === 0 ? <Empty title={words.none}><span>{words.noneHint}</span><SendLine /></Empty> : (
            <Table label={words.list} heads={heads} numbers={[2, 5]}>
              {rows.map((row) => (
                <tr key={row.id}>
                  <td><Link className={`${css.mono} ${css.id}`} to="/people/$id" params={{ id: row.id }}>{row.id}</Link></td>
                  <td>{row.email ?? "–"}</td>
                  <td className={css.number}>{number(row.visits)}</td>
                  <td className={css.time}>{seen(row)}</td>
                  <td className={css.time}>{shown(row.created, zone, "minute")}</td>
                  <td className={css.number}>{number(row.ids.length)}</td>
                </tr>
              ))}
            </Table>
          )}
          {list.hasNextPage && <div className={css.state}><Button onClick={() => void list.fetchNextPage()} disabled={list.isFetchingNextPage}>{words.more}</Button></div>}
        </Card>
      )}
    </Page>
  );
}

function Find({ text, did }: { text: string; did: string }) {
  const [typed, setTyped] = useState(text);
  const [done, setDone] = useState(did);
  const move = useMove();
  const find = (event: FormEvent) => (event.preventDefault(), move({ q: typed, did: done }));
  return (
    <form className={css.row} role="search" onSubmit={find}>
      <div className={css.grow}><Field label={words.label} hint={words.hint} value={typed} onChange={(event) => setTyped(event.target.value)} /></div>
      <div className={css.grow}><FilterField label={words.did} hint={words.didHint} value={done} onText={setDone} /></div>
      <Button type="submit" kind="main">{words.find}</Button>
    </form>
  );
}
