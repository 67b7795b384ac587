// What trends are asked for: series with their measures, what they are told apart by, formulas over them.

import type { ReactNode } from "react";

import { LETTERS, NEEDS_FIELD, readAll, type Series, writtenAll } from "../questions/series";
import { Button, Check, css, Field, Select } from "../ui/basics";
import { useKeptHere } from "../ui/edited";
import { FilterField } from "../ui/filter-field";
import { NumberField } from "../ui/number-field";
import { trends as words, understand as common } from "../words/understand";

type Said = { series?: string; by?: string; now?: string; formula?: string; smooth?: string; every?: string };
type Change = Record<string, string | undefined>;

export function TrendsForm({ said, onAsk, children }: { said: Said; onAsk: (change: Change) => void; children: ReactNode }) {
  const [series, setSeries] = useKeptHere<Series[]>([said], () => readAll(said.series ?? ""));
  const [typed, setTyped] = useKeptHere(said, () => ({ by: said.by ?? "", now: said.now ?? "", formula: said.formula ?? "", smooth: said.smooth ?? "", every: said.every ?? "" }));
  const set = (name: string) => (event: { target: { value: string } }) => setTyped({ ...typed, [name]: event.target.value });
  const change = (at: number, change: Series) => setSeries(series.map((one, index) => (index === at ? change : one)));
  return (
    <form className={css.stack} onSubmit={(event) => (event.preventDefault(), onAsk({ series: writtenAll(series), ...typed }))}>
      {series.map((one, at) => (
        <One key={at} letter={LETTERS[at] ?? ""} series={one} onChange={(next) => change(at, next)} {...(series.length > 1 ? { onRemove: () => setSeries(series.filter((_, index) => index !== at)) } : {})} />
      ))}
      <div className={css.row}>
        <div className={css.grow}><Field label={common.by} placeholder={common.byHint} value={typed.by} onChange={set("by")} /></div>
        <Check checked={typed.now === "yes"} onChange={(event) => setTyped({ ...typed, now: event.target.checked ? "yes" : "" })}>{common.now}</Check>
        <div className={css.grow}><Field label={words.formula} placeholder={words.formulaHint} value={typed.formula} onChange={set("formula")} /></div>
        <Select label={common.interval} options={Object.entries(common.intervals).map(([name, text]) => [name === "auto" ? "" : name, text] as const)} value={typed.every} onChange={set("every")} />
        <Select label={words.smooth} options={Object.entries(words.smooths).sort(([a], [b]) => Number(a) - Number(b))} value={typed.smooth} onChange={set("smooth")} />
      </div>
      <div className={css.row}>
        {series.length < LETTERS.length && <Button onClick={() => setSeries([...series, {}])}>{words.add}</Button>}
        <Button type="submit" kind="main">{common.ask}</Button>
        {children}
      </div>
    </form>
  );
}

function One({ letter, series, onChange, onRemove }: { letter: string; series: Series; onChange: (series: Series) => void; onRemove?: () => void }) {
  const measure = series.measure ?? "count";
  return (
    <div className={css.row} role="group" aria-label={words.letter(letter)}>
      <Select label={`${letter}: ${words.measure}`} options={Object.entries(words.measures)} value={measure} onChange={(event) => onChange({ ...series, measure: event.target.value, ...(event.target.value === "percentile" ? { percentile: series.percentile ?? 95 } : {}) })} />
      {NEEDS_FIELD.includes(measure) && <Field label={`${letter}: ${words.field}`} placeholder={words.fieldHint} required value={series.field ?? ""} onChange={(event) => onChange({ ...series, field: event.target.value })} />}
      {measure === "percentile" && <NumberField label={`${letter}: ${words.percentile}`} min={0} max={100} step="any" value={series.percentile ?? 95} onNumber={(percentile) => onChange({ ...series, percentile: Number(percentile) })} />}
      <div className={css.grow}><FilterField label={`${letter}: ${common.filter}`} placeholder={`${common.filterHint} (${common.all})`} value={series.where ?? ""} onText={(where) => onChange({ ...series, where })} /></div>
      {onRemove && <Button aria-label={`${common.remove} ${letter}`} onClick={onRemove}>✕</Button>}
    </div>
  );
}
