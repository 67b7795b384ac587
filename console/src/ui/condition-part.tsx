// One part of a condition about people: what they did, a field of theirs, another audience, or words of one's own.

import { useId } from "react";

import { useAudiences } from "../api/audiences";
import { useLists } from "../api/kept";
import { changed, COMPARISONS, needsValue } from "../questions/conditions";
import type { Did, Group, Held, Inside, Part, Times, When, Which, Words } from "../questions/people-parts";
import { building as words } from "../words/audiences";
import { understand } from "../words/understand";
import { Check, css, Field, Select } from "./basics";
import { Steps } from "./condition-steps";
import { FilterField } from "./filter-field";
import { NumberField } from "./number-field";
import { useTraits } from "./traits";
import { TypeField } from "./types";

type Props<T> = { part: T; own: string; onChange: (part: T) => void };

export function PartEditor({ part, ...rest }: Props<Exclude<Part, Group>>) {
  switch (part.kind) {
    case "did": return <DidEditor part={part} {...rest} />;
    case "field": return <FieldEditor part={part} {...rest} />;
    case "inside": return <InsideEditor part={part} {...rest} />;
    case "text": return <WordsEditor part={part} {...rest} />;
  }
}

function DidEditor({ part, onChange }: Props<Did>) {
  const set = (change: Partial<Did>) => onChange({ ...part, ...change });
  const how = part.not ? "NOT" : part.which;
  // Of those that are followed by something, each counts.
  const isCounted = !part.which && part.then.length === 0;
  return (
    <div className={css.stack}>
      <div className={css.parted}>
        <Select label={words.did} options={Object.entries(words.dids)} value={how} onChange={({ target }) => set({ not: target.value === "NOT", which: target.value === "NOT" ? "" : (target.value as Which) })} />
        <TypeField label={words.type} value={part.type} onChange={({ target }) => set({ type: target.value })} />
        <div className={css.twice}><FilterField root="event" label={words.where} placeholder={words.whereHint} value={part.where} onText={(where) => set({ where })} /></div>
        {part.which && <div className={css.twice}><FilterField root="event" label={words.with} placeholder={words.withHint} value={part.with} onText={(held) => set({ with: held })} /></div>}
        {isCounted && <Select label={words.often} options={Object.entries(words.times)} value={part.times} onChange={({ target }) => set({ times: target.value as Times })} />}
        {isCounted && part.times && <NumberField label={words.many} min={part.times === "AT LEAST" ? 1 : 0} max={100} value={part.many} onNumber={(many) => set({ many: Number(many) })} />}
        <Select label={words.when} options={Object.entries(words.whens)} value={part.when} onChange={({ target }) => set({ when: target.value as When })} />
        {part.when === "within" && <Field label={words.within} placeholder={words.withinHint} value={part.within} onChange={({ target }) => set({ within: target.value })} />}
        {part.when === "between" && <Field label={words.from} hint={words.midnight} type="date" value={part.from.slice(0, 10)} onChange={({ target }) => set({ from: target.value })} />}
        {part.when === "between" && <Field label={words.to} hint={words.midnight} type="date" value={part.to.slice(0, 10)} onChange={({ target }) => set({ to: target.value })} />}
      </div>
      {!part.which && <Steps steps={part.then} onChange={(then) => set({ then })} />}
    </div>
  );
}

function FieldEditor({ part, onChange }: Props<Held>) {
  const id = useId();
  const traits = useTraits();
  const set = (name: "field" | "is" | "value") => ({ target }: { target: { value: string } }) => onChange(changed(part, name, target.value));
  return (
    <div className={css.parted}>
      <Field label={words.field} list={id} placeholder={words.fieldHint} value={part.field} onChange={set("field")} />
      <datalist id={id}>{traits.map((one) => <option key={one} value={one} />)}</datalist>
      <Select label={words.is} options={COMPARISONS.map((is) => [is, understand.comparisons[is] ?? is] as const)} value={part.is} onChange={set("is")} />
      {needsValue(part.is) && <Field label={words.value} value={part.value} onChange={set("value")} />}
      {part.not && <Not onChange={() => onChange({ ...part, not: false })} />}
    </div>
  );
}

function InsideEditor({ part, own, onChange }: Props<Inside>) {
  const audiences = useAudiences().data?.value.filter(({ id }) => id !== own) ?? [];
  const lists = useLists().data?.value ?? [];
  const known = (part.of === "LIST" ? lists : audiences).map(({ id, name }) => [id, name] as const);
  const others = part.id && !known.some(([id]) => id === part.id) ? [[part.id, part.id] as const] : [];
  return (
    <div className={css.parted}>
      <Select label={words.inside} options={Object.entries(words.insides)} value={part.not ? "NOT" : ""} onChange={({ target }) => onChange({ ...part, not: target.value === "NOT" })} />
      <Select label={words.of} options={Object.entries(words.ofs)} value={part.of} onChange={({ target }) => onChange({ ...part, of: target.value as Inside["of"], id: "" })} />
      <Select label={words.ofs[part.of] ?? words.of} options={[["", words.choose], ...known, ...others]} value={part.id} onChange={({ target }) => onChange({ ...part, id: target.value })} />
    </div>
  );
}

function WordsEditor({ part, onChange }: Props<Words>) {
  return (
    <div className={css.stack}>
      <Field label={words.text} hint={words.textHint} value={part.text} onChange={({ target }) => onChange({ ...part, text: target.value })} />
      {part.not && <Not onChange={() => onChange({ ...part, not: false })} />}
    </div>
  );
}

/** What was written with NOT, and may be without. */
const Not = ({ onChange }: { onChange: () => void }) => <Check checked onChange={onChange}>{words.not}</Check>;
