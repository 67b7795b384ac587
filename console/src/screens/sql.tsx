// Any question, in SQL: written in tabs, run at the cursor, cancelled, taken out in any format, and kept.

import { useEffect, useRef, useState } from "react";

import { useMove, useNarrow, useSaying } from "../app/place";
import { useSearch, useWithin } from "../app/router";
import { usePreferences } from "../app/using";
import { Button, Card, css as ui, Empty, Page } from "../ui/basics";
import { useAsked } from "../ui/asked";
import { sql as words } from "../words/screens";
import { Answer, rowsOf, type State } from "./sql-answer";
import { type Drafts, remember, useDrafts } from "./sql-drafts";
import type { Editor } from "./sql-editor";
import { SCHEMA } from "./sql-schema";
import css from "./sql.module.css";

const FIRST = "SELECT type, count(*) AS events, count(DISTINCT profile_id) AS people\nFROM events\nWHERE time > now() - INTERVAL 7 DAY\nGROUP BY type\nORDER BY events DESC";
export default function Sql() {
  return useWithin() ? <OnDashboard /> : <Bench />;
}

/** On a dashboard a question is not written, only answered: over the events that the dashboard means. */
function OnDashboard() {
  const { query = "" } = useSearch<{ query?: string }>();
  const scope = useNarrow();
  const asked = useAsked(["sql", query, scope], (signal) => rowsOf(query, signal, scope), { enabled: Boolean(query) });
  const state: State = { ...(asked.data ? { result: asked.data.value } : {}), ...(asked.error ? { problem: asked.error } : {}), ...(asked.isFetching ? { running: new AbortController() } : {}) };
  return <Page title={words.title}><Answer state={state} /></Page>;
}

function Bench() {
  const { query } = useSearch<{ query?: string }>();
  const move = useMove();
  const editor = useRef<Editor | null>(null);
  const [state, setState] = useState<State>({});
  const drafts = useDrafts(query, FIRST);
  // Run or not, what stands in the editor is what somebody keeps.
  useSaying(() => editor.current && move({ query: editor.current.meant() }, true));
  const run = async () => {
    const text = editor.current?.meant() ?? "";
    if (!text) return;
    state.running?.abort();
    const running = new AbortController();
    setState({ running });
    move({ query: text }, true);
    remember(text);
    setState(await ask(text, running));
  };
  const latest = useRef(run);
  latest.current = run;
  const open = (text: string) => (editor.current?.set(text), drafts.keep(text));
  return (
    <Page title={words.title} about={words.about}>
      <div className={css.layout}>
        <div className={ui.stack}>
          <Tabs drafts={drafts} editor={editor} />
          <Write first={drafts.text} editor={editor} run={() => void latest.current()} changed={drafts.keep} />
          <div className={ui.row}>
            <Button kind="main" onClick={() => void run()} disabled={Boolean(state.running)}>{words.run}</Button>
            <Button onClick={() => state.running?.abort()} disabled={!state.running}>{words.cancel}</Button>
            <span className={ui.hint}>{words.keys}</span>
          </div>
          <Answer state={state} />
        </div>
        <aside className={ui.stack}>
          <Card title={words.schema} flush><Tables insert={(name) => editor.current?.insert(name)} /></Card>
          <Card title={words.history} flush><History open={open} /></Card>
        </aside>
      </div>
    </Page>
  );
}

async function ask(query: string, running: AbortController): Promise<State> {
  try {
    return { result: await rowsOf(query, running.signal) };
  } catch (problem) {
    return { problem: running.signal.aborted ? new Error(words.cancelled) : problem };
  }
}

/** The first words of a draft. */
const named = (text: string, at: number) => text.replace(/\s+/g, " ").trim().slice(0, 24) || words.draft(at + 1);

function Tabs({ drafts, editor }: { drafts: Drafts; editor: React.RefObject<Editor | null> }) {
  // The editor holds the text of the tab that is open.
  useEffect(() => {
    if (editor.current && editor.current.text() !== drafts.text) editor.current.set(drafts.text);
  }, [drafts.at, drafts.all.length]);
  return (
    <div role="group" aria-label={words.tabs} className={css.tabs}>
      {drafts.all.map((text, at) => <Button key={at} aria-pressed={at === drafts.at} title={text} onClick={() => drafts.open(at)}>{named(text, at)}</Button>)}
      <Button disabled={drafts.isFull} onClick={drafts.add} aria-label={words.newTab}>+</Button>
      {drafts.all.length > 1 && <Button onClick={drafts.close} aria-label={words.closeTab}>✕</Button>}
    </div>
  );
}

function Write({ first, editor, run, changed }: { first: string; editor: React.RefObject<Editor | null>; run: () => void; changed: (text: string) => void }) {
  const place = useRef<HTMLDivElement>(null);
  const latest = useRef(changed);
  latest.current = changed;
  useEffect(() => {
    let isOver = false;
    void import("./sql-editor").then(({ edit }) => {
      if (isOver || !place.current) return;
      editor.current = edit(place.current, { text: first, label: words.editor, schema: SCHEMA, run, changed: (text) => latest.current(text) });
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
  const all = usePreferences().queries ?? [];
  if (all.length === 0) return <Empty title={words.noHistory} />;
  return <div className={css.history}>{all.map((query) => <button key={query} type="button" title={query} onClick={() => open(query)}>{query}</button>)}</div>;
}
