// Puts a filter together: fields and values that there are, without knowing the language. What it says is shown as it is written.

import { useId } from "react";
import { createPortal } from "react-dom";

import { api, held } from "../api/client";
import { useWhen } from "../app/place";
import { changed, COMPARISONS, type Condition, needsValue, type Plain, read, typed, written } from "../questions/conditions";
import { understand as words } from "../words/understand";
import { useAsked } from "./asked";
import { Button, Choice, Code, css, Dialog, Field, Select } from "./basics";
import { useKeptHere } from "./edited";

/** What all events have, beside what was found in some. */
const COLUMNS = ["type", "source.id", "page_path", "referrer_host", "utm.source", "utm.campaign", "country", "city", "device_type", "os_name", "app_name"];
const VALUES = 20;
const NEW: Condition = { field: "", is: "=", value: "" };

export default function Builder({ label, text, root = "", onDone, onClose }: { label: string; text: string; root?: string; onDone: (text: string) => void; onClose: () => void }) {
  // What rows cannot say stays, and what is added must hold as well.
  const known = read(text, root);
  const [plain, setPlain] = useKeptHere<Plain>([label, text], () => (known && known.conditions.length > 0 ? known : { joined: "AND", conditions: [NEW] }));
  const own = written(plain, root);
  const whole = known ? own : own ? `(${text}) AND (${own})` : text;
  const { conditions } = plain;
  const set = (at: number, condition: Condition | null) => setPlain({ ...plain, conditions: conditions.flatMap((one, index) => (index !== at ? [one] : condition ? [condition] : [])) });
  const use = () => (onDone(whole), onClose());
  // In the page and not in the form that it is opened from: a form in a form is none.
  return createPortal(
    <Dialog wide title={`${words.build}: ${label}`} onClose={onClose}>
      <form className={css.stack} onSubmit={(event) => (event.preventDefault(), event.stopPropagation(), use())}>
        {!known && <p className={css.quiet}>{words.byHand}</p>}
        {conditions.map((condition, at) => <One key={at} at={at} root={root} condition={condition} onChange={(next) => set(at, next)} {...(conditions.length > 1 ? { onRemove: () => set(at, null) } : {})} />)}
        <div className={css.row}>
          <Button onClick={() => setPlain({ ...plain, conditions: [...conditions, NEW] })}>{words.addCondition}</Button>
          {conditions.length > 1 && <Choice label={words.joined} value={plain.joined} options={[["AND", words.allOf], ["OR", words.anyOf]]} onChange={(joined) => setPlain({ ...plain, joined })} />}
        </div>
        {whole && <Code label={words.filterText} text={whole} />}
        <div className={css.dialogFoot}><Button kind="main" type="submit">{words.use}</Button></div>
      </form>
    </Dialog>,
    document.body,
  );
}

function One({ at, root, condition, onChange, onRemove }: { at: number; root: string; condition: Condition; onChange: (condition: Condition) => void; onRemove?: () => void }) {
  const id = useId();
  const fields = useFields(root);
  const values = useValues(fields.includes(condition.field) ? condition.field : "");
  const set = (name: "field" | "is" | "value") => (event: { target: { value: string } }) => onChange(changed(condition, name, event.target.value));
  // Rules know no stars.
  const hasStars = !root && ["=", "!="].includes(condition.is) && condition.value.includes("*");
  return (
    <div className={css.row} role="group" aria-label={words.condition(at + 1)}>
      <div className={css.grow}><Field label={words.field} list={`${id}-fields`} value={condition.field} onChange={set("field")} /></div>
      <datalist id={`${id}-fields`}>{fields.map((field) => <option key={field} value={field} />)}</datalist>
      <Select label={words.is} options={COMPARISONS.map((is) => [is, words.comparisons[is] ?? is] as const)} value={condition.is} onChange={set("is")} />
      {needsValue(condition.is) && <div className={css.grow}><Field label={words.valueIs} list={`${id}-values`} value={condition.value} onChange={set("value")} {...(hasStars ? { hint: words.stars } : {})} /></div>}
      <datalist id={`${id}-values`}>{values.map((value) => <option key={value} value={typed(value, root)} />)}</datalist>
      {onRemove && <Button aria-label={`${words.remove} ${words.condition(at + 1)}`} onClick={onRemove}>✕</Button>}
    </div>
  );
}

/** Fields that events of this range have. Rules name events' documents, and know no columns. */
function useFields(root: string): string[] {
  const { params: { from, to } } = useWhen();
  const asked = useAsked(["fields", from, to], (signal) => held(api.GET("/api/fields", { params: { query: { from, to } }, signal })));
  const columns = root ? [] : COLUMNS;
  return [...columns, ...(asked.data?.value.result ?? []).map((row) => row.path).filter((path) => !columns.includes(path))];
}

/** The values of a field that most of them have. */
function useValues(field: string): string[] {
  const { params: { from, to } } = useWhen();
  const query = { from, to, field, limit: VALUES };
  const asked = useAsked(["top", query], async (signal) => (await held(api.GET("/api/events/top", { params: { query }, signal }))).result, { enabled: Boolean(field) });
  const rows = field && !asked.isPlaceholderData ? (asked.data?.value ?? []) : [];
  return rows.map((row) => row.value ?? "").filter(Boolean);
}
