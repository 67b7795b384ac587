// What people do, and by which intervals: for questions that ask no more.

import { Button, css, Select } from "../ui/basics";
import { useKeptHere } from "../ui/edited";
import { FilterField } from "../ui/filter-field";
import { understand as words } from "../words/understand";

export type Does = { where?: string; interval?: string };

const INTERVALS = ["day", "week", "month"].map((name) => [name, words.intervals[name] ?? name] as const);

export function DoesForm({ where, interval, onAsk }: Required<Does> & { onAsk: (change: Record<string, string | undefined>) => void }) {
  const [typed, setTyped] = useKeptHere({ where, interval }, () => ({ where, interval }));
  const ask = () => onAsk({ ...typed, interval: typed.interval === "day" ? undefined : typed.interval });
  return (
    <form className={css.row} onSubmit={(event) => (event.preventDefault(), ask())}>
      <div className={css.grow}><FilterField label={words.filter} placeholder={`${words.filterHint} (${words.any})`} value={typed.where} onText={(where) => setTyped({ ...typed, where })} /></div>
      <Select label={words.interval} options={INTERVALS} value={typed.interval} onChange={(event) => setTyped({ ...typed, interval: event.target.value })} />
      <Button type="submit" kind="main">{words.ask}</Button>
    </form>
  );
}
