// A form as its kind describes it: each field writes its place of one document.

import { useState } from "react";

import { cell, type Document, get, isNest, type Json, put } from "../questions/places";
import { useSources } from "../screens/snippet";
import { Area, Button, Check, css, Field as Input, Select } from "../ui/basics";
import { JsonArea } from "../ui/json-area";
import { NumberField } from "../ui/number-field";
import { TypeField } from "../ui/types";
import { rules as words } from "../words/rules";
import { meant, typed } from "./constant";
import { type Field, named } from "./kind";
import { ofLines } from "./lines";

type Of<As extends Field["as"]> = Extract<Field, { as: As }>;
type One<As extends Field["as"]> = { field: Of<As>; value: Json | undefined; onChange: (value: Json) => void };

/** `isStored`: what is its name for good stays as it is. */
export function Fields({ fields, document, isStored, onChange }: { fields: readonly Field[]; document: Document; isStored: boolean; onChange: (document: Document) => void }) {
  return fields.map((field) => <Any key={field.at} field={field} value={get(document, field.at)} isStored={isStored} onChange={(value) => onChange(put(document, field.at, value))} />);
}

function Any({ field, isStored, ...rest }: { field: Field; value: Json | undefined; isStored: boolean; onChange: (value: Json) => void }) {
  switch (field.as) {
    case "text": return <Text field={field} isFixed={isStored && Boolean(field.fixed)} {...rest} />;
    case "area": return <Area {...shared(field)} rows={field.lines ?? 2} value={shown(rest.value)} onChange={(event) => rest.onChange(event.target.value === "" && field.nullable ? null : event.target.value)} />;
    case "number": return <NumberField {...shared(field)} min={field.min} value={(rest.value ?? 0) as number} onNumber={rest.onChange} />;
    case "check": return <div><Check hint={field.hint} checked={rest.value !== false && rest.value !== undefined} onChange={(event) => rest.onChange(event.target.checked)}>{field.label}</Check></div>;
    case "select": return <Select label={field.label} hint={field.hint} options={field.options} value={String(rest.value ?? "")} onChange={(event) => rest.onChange(event.target.value === "" && field.nullable ? null : event.target.value)} />;
    case "type": return <Type field={field} isFixed={isStored && Boolean(field.fixed)} {...rest} />;
    case "source": return <Source field={field} isFixed={isStored && Boolean(field.fixed)} {...rest} />;
    case "words": return <Words field={field} {...rest} />;
    case "pairs": return <Pairs field={field} {...rest} />;
    case "said": return <Said field={field} {...rest} />;
    case "json": return <JsonArea label={field.label} hint={field.hint} rows={field.lines} isAny={field.any} value={rest.value ?? (field.any ? null : {})} onChange={rest.onChange} />;
    case "rows": return <Rows field={field} {...rest} />;
  }
}

const shared = ({ label, hint, placeholder, required, autoFocus }: Field) => ({ label, placeholder, required, autoFocus, ...(hint ? { hint } : {}) });
const shown = (value: Json | undefined) => (value === undefined || value === null ? "" : cell(value));

function Text({ field, value, isFixed, onChange }: One<"text"> & { isFixed: boolean }) {
  return <Input {...shared(field)} readOnly={isFixed} value={shown(value)} onChange={(event) => onChange(event.target.value === "" && field.nullable ? null : event.target.value)} />;
}

function Type({ field, value, isFixed, onChange }: One<"type"> & { isFixed: boolean }) {
  return <TypeField {...shared(field)} readOnly={isFixed} value={named(value)} onChange={(event) => onChange(event.target.value === "" && field.nullable ? null : event.target.value)} />;
}

function Source({ field, value, isFixed, onChange }: One<"source"> & { isFixed: boolean }) {
  const known = (useSources().data?.value ?? []).map((one) => [one.id, one.name] as const);
  const own = named(value);
  const options = [...(field.nullable ? [["", words.all] as const] : own ? [] : [["", words.choose] as const]), ...known, ...(own && !known.some(([id]) => id === own) ? [[own, own] as const] : [])];
  return <Select label={field.label} required={field.required} disabled={isFixed} options={options} value={own} onChange={(event) => onChange(event.target.value || (field.nullable ? null : ""))} />;
}

function Words({ field, value, onChange }: One<"words">) {
  const [before] = useState(() => (Array.isArray(value) ? value : []).map(named));
  const [text, setText] = useState(() => before.join("\n"));
  return <Area {...shared(field)} rows={2} value={text} onChange={(event) => (setText(event.target.value), onChange(ofLines(event.target.value, before, field.isByLine)))} />;
}

function Said({ field, value, onChange }: One<"said">) {
  const { value: own = "", ref = true } = (isNest(value) ? value : {}) as Document;
  const isPlace = ref !== false;
  // What is typed stays as it is typed, also where it means the same without a blank.
  const [text, setText] = useState(isPlace ? shown(own) : typed(own));
  const change = (next: string, ref: boolean) => (setText(next), onChange({ value: ref ? next : meant(next), ref }));
  return (
    <>
      <Input {...shared(field)} {...(isPlace ? {} : { hint: field.hintOfValue })} value={text} onChange={(event) => change(event.target.value, isPlace)} />
      <div><Check checked={isPlace} onChange={(event) => change(text, event.target.checked)}>{field.isPlace}</Check></div>
    </>
  );
}

function Pairs({ field, value, onChange }: One<"pairs">) {
  const [pairs, setPairs] = useState(() => Object.entries((value ?? {}) as Record<string, string>));
  const change = (next: [string, string][]) => (setPairs(next), onChange(Object.fromEntries(next.filter(([name]) => name.trim()).map(([name, own]) => [name.trim(), own.trim()]))));
  const set = (at: number, side: 0 | 1) => (event: { target: { value: string } }) => change(pairs.map((pair, index) => (index === at ? (side === 0 ? [event.target.value, pair[1]] : [pair[0], event.target.value]) : pair)));
  return (
    <fieldset className={css.rows}>
      <legend className={css.label}>{field.label}</legend>
      {pairs.map(([name, own], at) => (
        <div key={at} className={css.row}>
          <div className={css.grow}><Input label={field.heads[0]} value={name} onChange={set(at, 0)} /></div>
          <div className={css.grow}><Input label={field.heads[1]} value={own} onChange={set(at, 1)} /></div>
          <Button aria-label={words.removeRow(name)} onClick={() => change(pairs.filter((_, index) => index !== at))}>✕</Button>
        </div>
      ))}
      {field.hint && <span className={css.hint}>{field.hint}</span>}
      <div><Button onClick={() => change([...pairs, ["", ""]])}>{words.addPair}</Button></div>
    </fieldset>
  );
}

function Rows({ field, value, onChange }: One<"rows">) {
  const all = (Array.isArray(value) ? value : []) as readonly Document[];
  // Rows are told apart by when they were added: what is typed into one stays with it.
  const [keys, setKeys] = useState(() => all.map((_, at) => at));
  const add = () => (setKeys([...keys, Math.max(0, ...keys) + 1]), onChange([...all, field.blank]));
  const remove = (at: number) => (setKeys(keys.filter((_, index) => index !== at)), onChange(all.filter((_, index) => index !== at)));
  return (
    <fieldset className={css.rows}>
      <legend className={css.label}>{field.label}</legend>
      {all.map((one, at) => (
        <div key={keys[at] ?? at} className={css.part} role="group" aria-label={field.one(at + 1)}>
          <div className={css.parted}><Fields fields={field.fields} document={one} isStored={false} onChange={(next) => onChange(all.map((other, index) => (index === at ? next : other)))} /></div>
          <Button aria-label={words.removeRow(field.one(at + 1))} onClick={() => remove(at)}>✕</Button>
        </div>
      ))}
      <div><Button onClick={add}>{field.add}</Button></div>
    </fieldset>
  );
}
