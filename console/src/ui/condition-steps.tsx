// What followed something that somebody did, step by step.

import { NEW_STEP, type Step } from "../questions/people-parts";
import { building as words } from "../words/audiences";
import { Button, css, Field, Select } from "./basics";
import { FilterField } from "./filter-field";
import { TypeField } from "./types";

export function Steps({ steps, onChange }: { steps: readonly Step[]; onChange: (steps: readonly Step[]) => void }) {
  const set = (at: number, change: Partial<Step>) => onChange(steps.map((one, index) => (index === at ? { ...one, ...change } : one)));
  return (
    <div className={css.rows}>
      {steps.map((step, at) => (
        <div key={at} className={css.part} role="group" aria-label={words.step(at + 1)}>
          <div className={css.parted}>
            <Select label={words.step(at + 1)} options={Object.entries(words.thens)} value={step.not ? "NOT" : ""} onChange={({ target }) => set(at, { not: target.value === "NOT" })} />
            <Field label={words.within} placeholder={words.withinHint} value={step.within} onChange={({ target }) => set(at, { within: target.value })} />
            <TypeField label={words.type} value={step.type} onChange={({ target }) => set(at, { type: target.value })} />
            <FilterField root="event" label={words.where} placeholder={words.whereHint} value={step.where} onText={(where) => set(at, { where })} />
          </div>
          <Button aria-label={words.removeStep(at + 1)} onClick={() => onChange(steps.filter((_, index) => index !== at))}>✕</Button>
        </div>
      ))}
      <div><Button onClick={() => onChange([...steps, NEW_STEP])}>{words.addStep}</Button></div>
    </div>
  );
}
