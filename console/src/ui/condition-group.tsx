// Parts of a condition that hold together: all, any or none of them; groups hold groups.

import { useId, useState } from "react";

import { type Group, NEW, type Part } from "../questions/people-parts";
import { building as words } from "../words/audiences";
import { Button, css, Select } from "./basics";
import { PartEditor } from "./condition-part";

const KINDS = ["did", "field", "inside", "group", "text"] as const;

type Props = { group: Group; /** Where it stands: 2.1 is the first part of the second. */ path: string; own: string; onChange: (group: Group) => void };

export function GroupEditor({ group, path, own, onChange }: Props) {
  // Parts are told apart by when they were added: what is being typed into one stays in it.
  const [keys, setKeys] = useState(() => group.parts.map((_, at) => at));
  const id = useId();
  const set = (all: Part[], left = keys) => (setKeys(left), onChange({ ...group, parts: all }));
  const add = (kind: Part["kind"]) => set([...group.parts, NEW[kind]], [...group.parts.map((_, at) => keys[at] ?? at), Math.max(-1, ...keys) + 1]);
  const joined = `${group.not ? "NOT " : ""}${group.joined}`;
  const join = (to: string) => onChange({ ...group, not: to.startsWith("NOT"), joined: to.endsWith("OR") ? "OR" : "AND" });
  return (
    <div className={css.stack} role="group" aria-labelledby={id}>
      <span id={id} className="hidden">{path ? words.part(path) : words.whole}</span>
      <div className={css.row}><Select label={path ? words.holds : words.whole} options={Object.entries(words.joined)} value={joined} onChange={(event) => join(event.target.value)} /></div>
      {group.parts.map((part, at) => {
        const place = path ? `${path}.${at + 1}` : String(at + 1);
        const change = (next: Part) => set(group.parts.map((one, index) => (index === at ? next : one)));
        const remove = () => set(group.parts.filter((_, index) => index !== at), keys.filter((_, index) => index !== at));
        return (
          <div key={keys[at] ?? at} className={css.part} {...(part.kind === "group" ? {} : { role: "group", "aria-label": words.part(place) })}>
            <div className={css.partBody}>{part.kind === "group" ? <GroupEditor group={part} path={place} own={own} onChange={change} /> : <PartEditor part={part} own={own} onChange={change} />}</div>
            <Button aria-label={words.removePart(place)} onClick={remove}>✕</Button>
          </div>
        );
      })}
      <div className={css.row}>{KINDS.map((kind) => <Button key={kind} aria-label={`${words.add}${path && ` ${words.part(path)}`}: ${words.adds[kind] ?? kind}`} onClick={() => add(kind)}>+ {words.adds[kind]}</Button>)}</div>
    </div>
  );
}
