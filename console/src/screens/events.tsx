// Events: over time, and one by one.

import { useInfiniteQuery } from "@tanstack/react-query";
import { useSearch } from "../app/router";
import { useState } from "react";

import { api, held } from "../api/client";
import { useMove, useWhen, type When } from "../app/place";
import { both } from "../app/filters";
import { preferences } from "../app/preferences";
import { usePreferences } from "../app/using";
import { shown } from "../time/zone";
import { Badge, Button, Card, css, Empty, Field, Loading, Page, Problem, Table } from "../ui/basics";
import { AsCall } from "../ui/as-call";
import { OverTime } from "../ui/over-time";
import { useConditionSql } from "../ui/condition-sql";
import { csv, download, timed } from "../ui/files";
import { answers } from "../words/en";
import { events as words } from "../words/screens";
import { at, type Event, EventDialog, PersonLink, summary } from "./event";
import { conditions, FilterForm, type Filters, useFilters } from "./filters";

const PAGE = 50;

export default function Events() {
  const when = useWhen();
  const said = useFilters();
  const where = both(when.params.where, said.where);
  const filters = { ...said, ...(where ? { where } : {}) };
  return (
    <Page title={words.title} about={words.about}>
      <FilterForm fields={["type", "source", "where"]}><Columns /></FilterForm>
      <OverTime title={words.histogram} line={words.title} when={when} filters={filters} />
      <List when={when} filters={filters} />
    </Page>
  );
}

/** The columns of the address, or else those that were chosen last. */
function useColumns(): string {
  const liked = usePreferences().columns ?? "";
  const { columns = liked } = useSearch<{ columns?: string }>();
  return columns;
}

function Columns() {
  const columns = useColumns();
  const [text, setText] = useState(columns);
  const move = useMove();
  return <Field label={words.columns} placeholder={words.columnsHint} value={text} onChange={(event) => setText(event.target.value)} onBlur={() => text !== columns && (preferences.set({ columns: text }), move({ columns: text }))} />;
}

function List({ when, filters }: { when: When; filters: Filters }) {
  const [open, setOpen] = useState<Event | null>(null);
  const columns = useColumns();
  const more = columns.split(",").map((path) => path.trim()).filter(Boolean);
  const query = { ...when.params, ...filters, limit: PAGE };
  const list = useInfiniteQuery({
    queryKey: ["events", query],
    queryFn: ({ pageParam, signal }) => held(api.GET("/api/events", { params: { query: { ...query, ...(pageParam ? { cursor: pageParam } : {}) } }, signal })),
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const isFiltered = Boolean(filters.where);
  const written = useConditionSql({ ...when.params, ...filters }, isFiltered);
  if (list.error) return <Problem error={list.error} again={() => void list.refetch()} />;
  if (!list.data) return <Loading />;
  const rows: Event[] = list.data.pages.flatMap((page) => page.result);
  const heads = [words.time, words.type, words.person, words.source, ...(more.length > 0 ? more : [words.properties])];
  const cells = (event: Event) => (more.length > 0 ? more.map((path) => at(event, path)) : [summary(event)]);
  const save = () => download("events.csv", csv([timed(heads, [0], when.zone), ...rows.map((event) => [shown(event.metadata.time.insert ?? "", when.zone), event.type, event.profile?.id, event.source?.id, ...cells(event)])]));
  const sql = `SELECT time, type, profile_id, source_id, properties\nFROM events\nWHERE ${written ?? conditions(filters, when.params.from, when.params.to)}\nORDER BY time DESC, received_at DESC\nLIMIT ${PAGE}`;
  return (
    <Card title={words.list} flush actions={<Button onClick={save}>{answers.csv}</Button>} foot={<><span>{answers.rows(rows.length)}</span><span>{when.zone}</span><AsCall path="/api/events" params={query} {...(isFiltered && written === undefined ? {} : { sql })} /></>}>
      {rows.length === 0 ? <Empty title={words.none}>{words.noneHint}</Empty> : (
        <Table label={words.list} heads={heads}>
          {rows.map((event) => (
            <tr key={`${event.id} ${event.source?.id}`}>
              <td className={css.time}><Button kind="plain" onClick={() => setOpen(event)}>{shown(event.metadata.time.insert ?? "", when.zone)}</Button></td>
              <td>{event.type} {event.metadata.warning && <Badge tone="warn">{words.warnings}</Badge>}</td>
              <td><PersonLink id={event.profile?.id} /></td>
              <td className={css.quiet}>{event.source?.id}</td>
              {cells(event).map((cell, index) => <td key={index} className={css.quiet}>{cell}</td>)}
            </tr>
          ))}
        </Table>
      )}
      {list.hasNextPage && <div className={css.state}><Button onClick={() => void list.fetchNextPage()} disabled={list.isFetchingNextPage}>{words.more}</Button></div>}
      {open && <EventDialog event={open} zone={when.zone} onClose={() => setOpen(null)} />}
    </Card>
  );
}
