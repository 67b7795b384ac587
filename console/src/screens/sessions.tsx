// Visits, newest first.

import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "../app/router";

import { api, held } from "../api/client";
import { both } from "../app/filters";
import { useWhen } from "../app/place";
import { shown } from "../time/zone";
import { Badge, Button, Card, css, duration, Empty, Loading, number, Page, Problem, Table } from "../ui/basics";
import { AsCall, literal } from "../ui/as-call";
import { useConditionSql } from "../ui/condition-sql";
import { csv, download, timed } from "../ui/files";
import { answers } from "../words/en";
import { sessions as words } from "../words/screens";
import { PersonLink } from "./event";
import { FilterForm, useFilters } from "./filters";

const PAGE = 50;

export default function Sessions() {
  const when = useWhen();
  const { source, profile, where: own } = useFilters();
  const { from, to, where } = when.params;
  const had = both(own, where);
  const query = { from, to, ...(had ? { had } : {}), ...(source ? { source } : {}), ...(profile ? { profile } : {}), limit: PAGE };
  const equal = Object.entries({ source_id: source, profile_id: profile }).flatMap(([column, value]) => (value ? [`\n  AND ${column} = ${literal(value)}`] : []));
  const written = useConditionSql({ ...(had ? { where: had } : {}) }, Boolean(had));
  const among = written ? `\n  AND id IN (SELECT session_id FROM events WHERE ${written})` : "";
  const sql = `SELECT created, id, profile_id, duration, events, status\nFROM sessions\nWHERE created >= TIMESTAMPTZ '${from}'\n  AND created < TIMESTAMPTZ '${to}'${equal.join("")}${among}\nORDER BY created DESC, id DESC\nLIMIT ${PAGE}`;
  const list = useInfiniteQuery({
    queryKey: ["sessions", query],
    queryFn: ({ pageParam, signal }) => held(api.GET("/api/sessions", { params: { query: { ...query, ...(pageParam ? { cursor: pageParam } : {}) } }, signal })),
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const rows = list.data?.pages.flatMap((page) => page.result) ?? [];
  const device = (row: (typeof rows)[number]) => [row.device_type, row.os_name, row.app_name].filter(Boolean).join(" · ");
  const heads = [words.began, words.id, words.person, words.lasted, words.events, words.device, words.place, words.campaign, words.status];
  const place = (row: (typeof rows)[number]) => [row.city, row.country].filter(Boolean).join(", ");
  const campaign = (row: (typeof rows)[number]) => [row.utm_source, row.utm_campaign].filter(Boolean).join(" / ");
  const save = () => download("sessions.csv", csv([timed(heads, [0], when.zone), ...rows.map((row) => [shown(row.created, when.zone), row.id, row.profile_id, row.duration, row.events, device(row), place(row), campaign(row), row.status])]));
  return (
    <Page title={words.title} about={words.about}>
      <FilterForm fields={["source", "profile", "where"]} labels={{ where: words.had }} />
      {list.error ? <Problem error={list.error} again={() => void list.refetch()} /> : !list.data ? <Loading /> : (
        <Card title={words.list} flush actions={<Button onClick={save}>{answers.csv}</Button>} foot={<><span>{when.zone}</span><AsCall path="/api/sessions" params={query} {...(had && !written ? {} : { sql })} /></>}>
          {rows.length === 0 ? <Empty title={words.none}>{words.noneHint}</Empty> : (
            <Table label={words.list} heads={heads} numbers={[4]}>
              {rows.map((row) => (
                <tr key={row.id}>
                  <td className={css.time}>{shown(row.created, when.zone)}</td>
                  <td><Link to="/events" search={{ session: row.id }} className={css.mono}>{row.id}</Link></td>
                  <td><PersonLink id={row.profile_id} /></td>
                  <td className={css.time}>{duration(row.duration)}</td>
                  <td className={css.number}>{number(row.events)}</td>
                  <td className={css.quiet}>{device(row)}</td>
                  <td className={css.quiet}>{place(row)}</td>
                  <td className={css.quiet}>{campaign(row)}</td>
                  <td><Badge {...(row.status === "active" ? { tone: "good" } : {})}>{row.status}</Badge></td>
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
