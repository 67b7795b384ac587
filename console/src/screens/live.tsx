// Live: every event as it is kept, and every payload that is refused.

import { useSearch } from "../app/router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState } from "react";

import { useMove, useZone } from "../app/place";
import { type Row, ROWS_MAX, type Seen, Tail } from "../live/stream";
import { shown } from "../time/zone";
import { Badge, Button, Card, Choice, Code, css as ui, Dialog, Empty, json, Page, Problem } from "../ui/basics";
import { live as words } from "../words/screens";
import { EventDialog, summary } from "./event";
import { FilterForm } from "./filters";
import css from "./live.module.css";
import { SendLine } from "./snippet";

const ROW_HEIGHT = 37;
const NOTHING: Seen = { rows: [], waiting: 0, leftOut: 0, state: "connecting" };

export default function Live() {
  const { type = "", source = "", where = "", only = "" } = useSearch<Record<string, string | undefined>>();
  const move = useMove();
  const query = useMemo(() => {
    const said = Object.entries({ type, source, where, only }).filter(([, value]) => value);
    const text = new URLSearchParams(said).toString();
    return text ? `?${text}` : "";
  }, [type, source, where, only]);
  const { seen, problem, isPaused, toggle, clear } = useTail(query);
  const tone = seen.state === "listening" ? "good" : seen.state === "ended" ? "bad" : "warn";
  const actions = (
    <div className={ui.row}>
      <Badge tone={tone}>{words[seen.state]}</Badge>
      {seen.waiting > 0 && <Badge tone="accent">{words.held(seen.waiting)}</Badge>}
      {seen.leftOut > 0 && <Badge tone="warn">{words.leftOut(seen.leftOut)}</Badge>}
      <Button onClick={toggle} aria-pressed={isPaused}>{isPaused ? words.go : words.pause}</Button>
      <Button onClick={clear}>{words.clear}</Button>
    </div>
  );
  return (
    <Page title={words.title} about={words.about}>
      <FilterForm fields={["type", "source", "where"]}>
        <Choice label={words.only} value={only} options={[["", words.all], ["kept", words.kept], ["refused", words.refused]]} onChange={(value) => move({ only: value })} />
      </FilterForm>
      {problem ? <Problem error={problem} /> : null}
      <Card title={words.stream} flush actions={actions} foot={words.showing(seen.rows.length, ROWS_MAX)}>
        {seen.rows.length === 0 ? <Empty title={words.waiting}><span>{words.hint}</span><SendLine /></Empty> : <Rows rows={seen.rows} />}
      </Card>
    </Page>
  );
}

function useTail(query: string) {
  const [seen, setSeen] = useState<Seen>(NOTHING);
  const [problem, setProblem] = useState<unknown>(null);
  const [isPaused, setPaused] = useState(false);
  const tail = useRef<Tail | null>(null);
  useEffect(() => {
    setProblem(null);
    setPaused(false);
    setSeen(NOTHING);
    const own = new Tail(query, (seen) => (setSeen(seen), seen.state === "listening" && setProblem(null)), setProblem);
    tail.current = own;
    return () => own.stop();
  }, [query]);
  const toggle = () => {
    if (!tail.current) return;
    if (isPaused) tail.current.go();
    else tail.current.isPaused = true;
    setPaused(!isPaused);
  };
  return { seen, problem, isPaused, toggle, clear: () => tail.current?.clear() };
}

function Rows({ rows }: { rows: readonly Row[] }) {
  const zone = useZone();
  const [open, setOpen] = useState<Row | null>(null);
  const place = useRef<HTMLDivElement>(null);
  const list = useVirtualizer({ count: rows.length, getScrollElement: () => place.current, estimateSize: () => ROW_HEIGHT, overscan: 12, getItemKey: (at) => rows[at]?.key ?? at });
  return (
    <div ref={place} className={css.list} role="region" aria-label={words.stream} tabIndex={0}>
      <div className={css.inner} style={{ height: list.getTotalSize() }}>
        {list.getVirtualItems().map(({ index, key, start }) => {
          const row = rows[index];
          return row && <button key={key} type="button" className={css.row} style={{ top: start }} onClick={() => setOpen(row)}><Cells row={row} zone={zone} /></button>;
        })}
      </div>
      {open && ("kept" in open ? <EventDialog event={open.kept} zone={zone} onClose={() => setOpen(null)} /> : <RefusalDialog row={open} onClose={() => setOpen(null)} />)}
    </div>
  );
}

function Cells({ row, zone }: { row: Row; zone: string }) {
  const time = shown(new Date(row.at), zone).slice(11);
  if ("kept" in row) {
    return <><span className={ui.mono}>{time}</span><span><Badge tone="good">✓ {words.kept}</Badge></span><span>{row.kept.type}</span><span className={ui.quiet}>{row.kept.source?.id}</span><span className={ui.quiet}>{summary(row.kept)}</span></>;
  }
  const { code, source, message, problems } = row.refused;
  const where = problems[0] ? `${problems[0].place}: ${problems[0].message}` : message;
  return <><span className={ui.mono}>{time}</span><span><Badge tone="bad">✕ {words.refused}</Badge></span><span>{code}</span><span className={ui.quiet}>{source || words.unknown}</span><span className={ui.quiet}>{where}</span></>;
}

function RefusalDialog({ row, onClose }: { row: Row; onClose: () => void }) {
  if (!("refused" in row)) return null;
  return (
    <Dialog title={row.refused.message} onClose={onClose}>
      <Code label={row.refused.code} text={json(row.refused)} />
    </Dialog>
  );
}
