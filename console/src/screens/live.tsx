// Live: every event as it is kept, and every payload that is refused.

import { useSearch } from "../app/router";
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";

import { useMove, useZone } from "../app/place";
import { type Row, ROWS_MAX, type Seen, Tail } from "../live/stream";
import { shown } from "../time/zone";
import { Badge, Button, Card, Choice, Code, css as ui, Dialog, Empty, json, Page, Problem, type Tone } from "../ui/basics";
import { live as words } from "../words/screens";
import { EventDialog, summary } from "./event";
import { FilterForm } from "./filters";
import css from "./live.module.css";
import { SendLine } from "./snippet";

/** As its style says it. */
const ROW_HEIGHT = 37;
/** More than the list is high, with one above and below that are seen in part. */
const ROWS_DRAWN = 23;
/** Events a second: as many as can be read, and as many as the server tells. */
const [CALM, MOST] = ["20", "250"];
const NOTHING: Seen = { rows: [], waiting: 0, leftOut: 0, state: "connecting" };
const TONES: Record<Seen["state"], Tone> = { listening: "good", connecting: "warn", rested: "warn", ended: "bad" };

export default function Live() {
  const { type = "", source = "", where = "", only = "", rate = "" } = useSearch<Record<string, string | undefined>>();
  const move = useMove();
  const query = useMemo(() => {
    const said = Object.entries({ type, source, where, only, rate: rate === MOST ? MOST : CALM }).filter(([, value]) => value);
    return `?${new URLSearchParams(said)}`;
  }, [type, source, where, only, rate]);
  return (
    <Page title={words.title} about={words.about}>
      <FilterForm fields={["type", "source", "where"]}>
        <Choice label={words.only} value={only} options={[["", words.all], ["kept", words.kept], ["refused", words.refused]]} onChange={(value) => move({ only: value })} />
      </FilterForm>
      <Stream query={query}>
        <Choice label={words.rate} value={rate === MOST ? MOST : ""} options={[["", words.perSecond(CALM)], [MOST, words.perSecond(MOST)]]} onChange={(value) => move({ rate: value })} />
      </Stream>
    </Page>
  );
}

/** What comes on one line. By itself: only this is drawn anew when something happens. */
function Stream({ query, children }: { query: string; /** What stands with its buttons. */ children: ReactNode }) {
  const { seen, problem, isPaused, toggle, stands, clear } = useTail(query);
  const actions = (
    <div className={ui.row}>
      <Badge tone={TONES[seen.state]}>{words[seen.state]}</Badge>
      {seen.waiting > 0 && <Badge tone="accent">{words.held(seen.waiting)}</Badge>}
      {seen.leftOut > 0 && <Badge tone="warn">{words.leftOut(seen.leftOut)}</Badge>}
      {children}
      <Button onClick={toggle} aria-pressed={isPaused}>{isPaused ? words.go : words.pause}</Button>
      <Button onClick={clear}>{words.clear}</Button>
    </div>
  );
  return (
    <>
      {problem ? <Problem error={problem} /> : null}
      <Card title={words.stream} flush actions={actions} foot={<><span>{words.showing(seen.rows.length, ROWS_MAX)}</span><span>{words.stands}</span></>}>
        {seen.rows.length === 0 ? <Empty title={words.waiting}><span>{words.hint}</span><SendLine /></Empty> : <Rows rows={seen.rows} onStands={stands} />}
      </Card>
    </>
  );
}

function useTail(query: string) {
  const [seen, setSeen] = useState<Seen>(NOTHING);
  const [problem, setProblem] = useState<unknown>(null);
  const [isPaused, setPaused] = useState(false);
  const tail = useRef<Tail | null>(null);
  const isPointedAt = useRef(false);
  useEffect(() => {
    setProblem(null);
    setPaused(false);
    setSeen(NOTHING);
    const own = new Tail(query, (seen) => (setSeen(seen), seen.state === "listening" && setProblem(null)), setProblem);
    tail.current = own;
    return () => own.stop();
  }, [query]);
  const toggle = () => {
    tail.current?.pause(!isPaused);
    setPaused(!isPaused);
  };
  const stands = (isAt: boolean) => {
    if (isAt === isPointedAt.current) return;
    isPointedAt.current = isAt;
    tail.current?.pause(isAt || isPaused);
  };
  return { seen, problem, isPaused, toggle, stands, clear: () => tail.current?.clear() };
}

/** Only the rows that are seen are there. They stand still for whoever points at one or has come to one by keyboard: nobody hits what runs away. */
function Rows({ rows, onStands }: { rows: readonly Row[]; onStands: (isAt: boolean) => void }) {
  const zone = useZone();
  const [open, setOpen] = useState<Row | null>(null);
  const [top, setTop] = useState(0);
  const place = useRef<HTMLDivElement>(null);
  const note = () => onStands(Boolean(place.current?.matches(":hover, :has(:focus-visible)")));
  const drawn = rows.slice(top, top + ROWS_DRAWN);
  return (
    <div
      ref={place} className={css.list} role="region" aria-label={words.stream} tabIndex={0}
      onScroll={(event) => setTop(Math.max(0, Math.floor(event.currentTarget.scrollTop / ROW_HEIGHT) - 1))}
      onPointerEnter={note} onPointerLeave={note} onFocus={note} onBlur={(event) => event.currentTarget.contains(event.relatedTarget) || note()}
    >
      <div className={css.inner} style={{ height: rows.length * ROW_HEIGHT }}>
        {drawn.map((row, index) => <button key={row.key} type="button" className={css.row} style={{ top: (top + index) * ROW_HEIGHT }} onClick={() => setOpen(row)}><Cells row={row} zone={zone} /></button>)}
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
