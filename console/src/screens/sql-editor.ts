// The editor of questions: CodeMirror in a shadow root, where a strict policy lets it have its styles.

import { autocompletion, closeBrackets, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { PostgreSQL, sql } from "@codemirror/lang-sql";
import { bracketMatching, HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

import { statementAt } from "./statements";

export type Editor = { text: () => string; /** What is selected, or else the statement at the cursor. */ meant: () => string; set: (text: string) => void; insert: (text: string) => void; end: () => void };
type Schema = Record<string, string[]>;

const theme = EditorView.theme({
  "&": { height: "220px", fontSize: "13px", backgroundColor: "var(--card)", color: "var(--ink)", border: "1px solid var(--line-strong)", borderRadius: "6px" },
  "&.cm-focused": { outline: "2px solid var(--accent)" },
  ".cm-content": { fontFamily: "var(--mono)", caretColor: "var(--ink)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--sunken)", color: "var(--quiet)", border: "none" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--accent-soft)" },
  ".cm-tooltip": { backgroundColor: "var(--raised)", border: "1px solid var(--line)" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--on-accent)" },
});

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--accent)", fontWeight: "600" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--good)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--warn)" },
  { tag: tags.comment, color: "var(--quiet)", fontStyle: "italic" },
]);

/** Writes over what is selected. Left to itself, the browser would keep its colours with a style that the policy refuses. */
function replace(event: InputEvent, view: EditorView): boolean {
  const isPlain = event.inputType === "insertText" && event.data !== null && !view.composing;
  if (!isPlain || view.state.selection.main.empty) return false;
  event.preventDefault();
  view.dispatch({ ...view.state.replaceSelection(event.data ?? ""), userEvent: "input.type", scrollIntoView: true });
  return true;
}

export function edit(host: HTMLElement, { text, label, schema, run, changed }: { text: string; label: string; schema: Schema; run: () => void; changed: (text: string) => void }): Editor {
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: text,
      extensions: [
        // First: the usual keys take Ctrl-Enter for a new line.
        keymap.of([{ key: "Mod-Enter", run: () => (run(), true) }]),
        lineNumbers(), history(), drawSelection(), bracketMatching(), closeBrackets(), autocompletion(),
        sql({ dialect: PostgreSQL, schema, upperCaseKeywords: true }), syntaxHighlighting(colours), theme, EditorView.lineWrapping,
        EditorView.domEventHandlers({ beforeinput: replace }),
        EditorView.contentAttributes.of({ "aria-label": label }),
        EditorView.updateListener.of((update) => update.docChanged && changed(update.state.doc.toString())),
        // Tab leaves the editor: whoever has only a keyboard must get out.
        keymap.of([...completionKeymap, ...defaultKeymap, ...historyKeymap]),
      ],
    }),
  });
  return {
    text: () => view.state.doc.toString(),
    meant: () => {
      const { from, to, head } = view.state.selection.main;
      return view.state.sliceDoc(from, to).trim() || statementAt(view.state.doc.toString(), head);
    },
    set: (fresh) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: fresh } }),
    insert: (more) => (view.dispatch(view.state.replaceSelection(more)), view.focus()),
    end: () => view.destroy(),
  };
}
