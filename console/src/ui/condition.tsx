// A condition about people: a builder of parts and the text, two views of the same.

import { useState } from "react";

import { written } from "../questions/people";
import type { Group } from "../questions/people-parts";
import { parts } from "../questions/people-read";
import { audiences as words } from "../words/audiences";
import { Area, Choice, Code, css } from "./basics";
import { GroupEditor } from "./condition-group";

type View = "builder" | "text";

export function ConditionEditor({ text, own, onText }: { text: string; /** The audience that it is of, which cannot name itself. */ own: string; onText: (text: string) => void }) {
  const [view, setView] = useState<View>("builder");
  const [tree, setTree] = useState<Group>(() => parts(text));
  const changed = (next: Group) => (setTree(next), onText(written(next)));
  // What was typed as a text meanwhile is what the builder begins with.
  const turn = (to: View) => (setView(to), to === "builder" && setTree(parts(text)));
  return (
    <div className={css.stack}>
      <Choice label={words.shown} value={view} options={[["builder", words.builder], ["text", words.text]]} onChange={turn} />
      {view === "text" ? <Area label={words.condition} hint={words.textHint} rows={6} value={text} onChange={(event) => onText(event.target.value)} /> : (
        <>
          <GroupEditor group={tree} path="" own={own} onChange={changed} />
          {text && <Code label={words.condition} text={text} />}
        </>
      )}
    </div>
  );
}
