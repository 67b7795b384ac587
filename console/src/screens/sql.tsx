// Any question, in SQL: written in tabs, run at the cursor, cancelled, taken out in any format, and kept.

import { useEffect, useRef, useState } from "react";

import { useMove, useNarrow } from "../app/place";
import { preferences } from "../app/preferences";
import { useSearch, useWithin } from "../app/router";
import { usePreferences } from "../app/using";
import { Button, Card, css as ui, Empty, Page } from "../ui/basics";
import { useAsked } from "../ui/asked";
import { sql as words } from "../words/screens";
import { Answer, rowsOf, type State } from "./sql-answer";
import type { Editor } from "./sql-editor";
import { SCHEMA } from "./sql-schema";
import css from "./sql.module.css";

const FIRST = "SELECT type, count(*) AS events, count(DISTINCT profile_id) AS people\nFROM events\nWHERE time > now() - INTERVAL 7 DAY\nGROUP BY type\nORDER BY events DESC";
/** Questions that are remembered, drafts that are kept, and letters of each: preferences have a bound. */
const HISTORY_MAX = 20;
const DRAFTS_MAX = 6;
const LETTERS_MAX = 1200;
/** After so long without a key, what was typed is kept. */
const KEEP_MS = 800;

const past = (): string[] => preferences.now().queries ?? [];
function remember(query: string): void {
  const others = past().filter((one) => one !== query);
  if (query.length <= LETTERS_MAX) preferences.set({ queries: [query, ...others].slice(0, HISTORY_MAX) });
}

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
  const drafts = useDrafts(query);
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

type Drafts = ReturnType<typeof useDrafts>;

/** What stands in the tabs, kept with the preferences. A question that a link brings has a tab of its own. */
function useDrafts(linked: string | undefined) {
  const [all, setAll] = useState<string[]>(() => {
    const kept = (preferences.now().drafts ?? []).slice(0, DRAFTS_MAX);
    if (!linked) return kept.length > 0 ? kept : [FIRST];
    return kept.includes(linked) ? kept : [linked, ...kept].slice(0, DRAFTS_MAX);
  });
  const [at, setAt] = useState(() => Math.max(0, linked ? all.indexOf(linked) : 0));
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const texts = useRef(all);
  const change = (fresh: string[]) => {
    texts.current = fresh;
    setAll(fresh);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => preferences.set({ drafts: fresh.filter((text) => text.length <= LETTERS_MAX) }), KEEP_MS);
  };
  return {
    all, at, text: all[at] ?? "",
    keep: (text: string) => change(texts.current.map((one, index) => (index === at ? text : one))),
    open: (index: number) => setAt(index),
    add: () => (change([...texts.current, ""]), setAt(texts.current.length - 1)),
    close: () => {
      const left = texts.current.filter((_, index) => index !== at);
      change(left.length > 0 ? left : [""]);
      setAt(Math.max(0, at - 1));
    },
    isFull: all.length >= DRAFTS_MAX,
  };
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
