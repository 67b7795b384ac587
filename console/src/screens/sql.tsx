// Any question, in SQL: written, run, cancelled, taken out in any format, and kept.

import { useSearch } from "../app/router";
import { useEffect, useRef, useState } from "react";

import { raw } from "../api/client";
import { useMove } from "../app/place";
import { Button, Card, css as ui, Empty, Loading, Page, Problem, Select, Table } from "../ui/basics";
import { curl } from "../ui/as-call";
import { download } from "../ui/files";
import { answers } from "../words/en";
import { sql as words } from "../words/screens";
import type { Editor } from "./sql-editor";
import { SCHEMA } from "./sql-schema";
import css from "./sql.module.css";

const FIRST = "SELECT type, count(*) AS events, count(DISTINCT profile_id) AS people\nFROM events\nWHERE time > now() - INTERVAL 7 DAY\nGROUP BY type\nORDER BY events DESC";
const HISTORY = "kith.sql";
const HISTORY_MAX = 30;
/** Rows that are drawn; a download has all. */
const ROWS_SHOWN_MAX = 500;

type Row = Record<string, unknown>;
type Result = { rows: Row[]; isCut: boolean; milliseconds: number; query: string };
type State = { result?: Result; problem?: unknown; running?: AbortController };

const past = (): string[] => JSON.parse(localStorage.getItem(HISTORY) ?? "[]") as string[];
const remember = (query: string) => localStorage.setItem(HISTORY, JSON.stringify([query, ...past().filter((one) => one !== query)].slice(0, HISTORY_MAX)));

export default function Sql() {
  const { query } = useSearch<{ query?: string }>();
  const move = useMove();
  const editor = useRef<Editor | null>(null);
  const [state, setState] = useState<State>({});
  const run = async () => {
    const text = (editor.current?.selected() || editor.current?.text() || "").trim();
    if (!text) return;
    state.running?.abort();
    const running = new AbortController();
    setState({ running });
    move({ query: editor.current?.text() }, true);
    remember(text);
    setState(await ask(text, running));
  };
  const latest = useRef(run);
  latest.current = run;
  return (
    <Page title={words.title} about={words.about}>
      <div className={css.layout}>
        <div className={ui.stack}>
          <Write first={query ?? FIRST} editor={editor} run={() => void latest.current()} />
          <div className={ui.row}>
            <Button kind="main" onClick={() => void run()} disabled={Boolean(state.running)}>{words.run}</Button>
            <Button onClick={() => state.running?.abort()} disabled={!state.running}>{words.cancel}</Button>
            <span className={ui.hint}>{words.keys}</span>
          </div>
          <Answer state={state} />
        </div>
        <aside className={ui.stack}>
          <Card title={words.schema} flush><Tables insert={(name) => editor.current?.insert(name)} /></Card>
          <Card title={words.history} flush><History key={state.result?.query} open={(text) => editor.current?.set(text)} /></Card>
        </aside>
      </div>
    </Page>
  );
}

async function ask(query: string, running: AbortController): Promise<State> {
  const began = performance.now();
  try {
    const answer = await raw("/sql?format=json", { method: "POST", body: query, signal: running.signal });
    const rows = (await answer.json()) as Row[];
    return { result: { rows, query, isCut: answer.headers.has("x-kith-rows-cut-off"), milliseconds: Math.round(performance.now() - began) } };
  } catch (problem) {
    return { problem: running.signal.aborted ? new Error(words.cancelled) : problem };
  }
}

function Write({ first, editor, run }: { first: string; editor: React.RefObject<Editor | null>; run: () => void }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let isOver = false;
    void import("./sql-editor").then(({ edit }) => {
      if (isOver || !place.current) return;
      editor.current = edit(place.current, { text: first, label: words.editor, schema: SCHEMA, run, changed: () => undefined });
    });
    return () => {
      isOver = true;
      editor.current?.end();
      editor.current = null;
    };
    // Once: from then on the text is the editor's.
  }, []);
  return <div ref={place} className={css.editor} />;
}

function Answer({ state: { result, problem, running } }: { state: State }) {
  if (running && !result) return <Card title={words.rows}><Loading /></Card>;
  if (problem) return <Problem error={problem} />;
  if (!result) return <Card title={words.rows} flush><Empty title={words.idle} /></Card>;
  const { rows, query } = result;
  const heads = Object.keys(rows[0] ?? {});
  const foot = (
    <>
      <span>{answers.rows(rows.length)}</span><span>{answers.took(result.milliseconds)}</span>
      {result.isCut && <span>{words.cut}</span>}
      {rows.length > ROWS_SHOWN_MAX && <span>{words.most(ROWS_SHOWN_MAX)}</span>}
      <Button kind="plain" onClick={() => void navigator.clipboard.writeText(curl({ path: "/sql", body: { query } }))}>{answers.asCall}: {"⧉"}</Button>
    </>
  );
  return (
    <Card title={words.rows} flush actions={<Formats query={query} />} foot={foot}>
      {rows.length === 0 ? <Empty title={words.none} /> : (
        <Table label={words.rows} heads={heads}>
          {rows.slice(0, ROWS_SHOWN_MAX).map((row, at) => <tr key={at}>{heads.map((head) => <Cell key={head} value={row[head]} />)}</tr>)}
        </Table>
      )}
    </Card>
  );
}

function Cell({ value }: { value: unknown }) {
  if (value === null || value === undefined) return <td className={ui.quiet}>null</td>;
  if (typeof value === "number") return <td className={ui.number}>{value}</td>;
  return <td>{typeof value === "object" ? JSON.stringify(value) : String(value)}</td>;
}

function Formats({ query }: { query: string }) {
  const [problem, setProblem] = useState<unknown>(null);
  const save = async (format: string) => {
    if (!format) return;
    try {
      setProblem(null);
      download(`answer.${format}`, await (await raw(`/sql?format=${format}`, { method: "POST", body: query })).blob());
    } catch (error) {
      setProblem(error);
    }
  };
  const options = [["", "…"] as const, ...Object.entries(words.formats)];
  return <div>{problem ? <Problem error={problem} /> : null}<Select label={words.format} options={options} value="" onChange={(event) => void save(event.target.value)} /></div>;
}

function Tables({ insert }: { insert: (name: string) => void }) {
  return (
    <div className={css.tables}>
      {Object.entries(SCHEMA).map(([table, columns]) => (
        <details key={table} open={table === "events"}>
          <summary>{table}</summary>
          {columns.map((column) => <button key={column} type="button" title={words.insert} onClick={() => insert(column)}>{column}</button>)}
        </details>
      ))}
    </div>
  );
}

function History({ open }: { open: (text: string) => void }) {
  const all = past();
  if (all.length === 0) return <Empty title={words.noHistory} />;
  return <div className={css.history}>{all.map((query) => <button key={query} type="button" title={query} onClick={() => open(query)}>{query}</button>)}</div>;
}
