// What a funnel is asked for: steps, in which order, within which time, without what, told apart by what.

import { Button, Check, css, Field, Select } from "../ui/basics";
import { useKeptHere } from "../ui/edited";
import { FilterField } from "../ui/filter-field";
import { funnel as words, understand as common } from "../words/understand";

export type Said = { steps?: string; window?: string; order?: string; without?: string; by?: string; now?: string };

const STEPS_MAX = 10;
export const WINDOW = "86400";

export function FunnelForm({ said, steps, onAsk }: { said: Said; steps: string[]; onAsk: (change: Record<string, string | undefined>) => void }) {
  const [typed, setTyped] = useKeptHere([steps], () => (steps.length > 1 ? steps : ["type = page-view", ""]));
  const [rest, setRest] = useKeptHere(said, () => ({ window: said.window ?? WINDOW, order: said.order ?? "ordered", without: said.without ?? "", by: said.by ?? "", now: said.now ?? "" }));
  const setStep = (at: number, text: string) => setTyped(typed.map((one, index) => (index === at ? text : one)));
  const set = (name: string) => (event: { target: { value: string } }) => setRest({ ...rest, [name]: event.target.value });
  const ask = () => onAsk({
    ...rest, steps: typed.filter((text) => text.trim()).join("\n"), behind: undefined,
    window: rest.window === WINDOW ? undefined : rest.window, order: rest.order === "ordered" ? undefined : rest.order,
  });
  return (
    <form className={css.stack} onSubmit={(event) => (event.preventDefault(), ask())}>
      {typed.map((text, at) => (
        <div className={css.row} key={at}>
          <div className={css.grow}><FilterField label={words.step(at + 1)} placeholder={words.stepHint} value={text} onText={(text) => setStep(at, text)} /></div>
          {typed.length > 2 && <Button aria-label={`${common.remove} ${words.step(at + 1)}`} onClick={() => setTyped(typed.filter((_, index) => index !== at))}>✕</Button>}
        </div>
      ))}
      <div className={css.row}>
        <Select label={words.window} options={Object.entries(words.windows)} value={rest.window} onChange={set("window")} />
        <Select label={words.order} options={Object.entries(words.orders)} value={rest.order} onChange={set("order")} />
        {rest.order === "ordered" && <div className={css.grow}><Field label={words.without} placeholder={words.withoutHint} value={rest.without} onChange={set("without")} /></div>}
        <div className={css.grow}><Field label={common.by} placeholder={common.byHint} value={rest.by} onChange={set("by")} /></div>
        <Check checked={rest.now === "yes"} onChange={(event) => setRest({ ...rest, now: event.target.checked ? "yes" : "" })}>{common.now}</Check>
      </div>
      <div className={css.row}>
        {typed.length < STEPS_MAX && <Button onClick={() => setTyped([...typed, ""])}>{words.add}</Button>}
        <Button type="submit" kind="main">{common.ask}</Button>
      </div>
    </form>
  );
}
