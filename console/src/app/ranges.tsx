// The range of every chart and list: words, a step back or on, further out, or two moments; and the zone.

import { useContext, useEffect, useId, useRef, useState } from "react";

import { before, instant, shifted, WORDS, zoomedOut } from "../time/range";
import { isZone, LOCAL, offset, shown, ZONES } from "../time/zone";
import { Button, css as ui, Field } from "../ui/basics";
import { ranges as words } from "../words/en";
import { Now, recent, useSetRange, useSetZone, useWhen } from "./place";
import css from "./shell.module.css";

/** What a range is called. */
const called = (text: string, zone: string) => {
  const [from, to] = text.split("..");
  if (!from || !to) return words.called[text] ?? text;
  const name = (end: string) => shown(instant(end, zone) ?? new Date(NaN), zone, "minute").replace(" 00:00", "");
  return `${name(from)} – ${name(to)}`;
};

export function RangePicker() {
  const [isOpen, setOpen] = useState(false);
  const when = useWhen();
  const setRange = useSetRange();
  const { renew } = useContext(Now);
  const element = useRef<HTMLDivElement>(null);
  useAway(element, isOpen, () => setOpen(false));
  return (
    <div className={css.pop} ref={element}>
      <div className={ui.group}>
        <Button aria-label={words.back} title={words.back} onClick={() => setRange(before(when))}>‹</Button>
        <Button aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>{called(when.text, when.zone)} <span className={ui.quiet}>{when.zone === "UTC" ? "UTC" : `UTC${offset(when.to, when.zone)}`}</span></Button>
        <Button aria-label={words.on} title={words.on} onClick={() => setRange(shifted(when, 1))}>›</Button>
        <Button aria-label={words.out} title={words.out} onClick={() => setRange(zoomedOut(when))}>−</Button>
        <Button aria-label={words.renew} title={words.renew} onClick={renew}>↻</Button>
      </div>
      {isOpen && <Choices onDone={() => setOpen(false)} />}
    </div>
  );
}

function Choices({ onDone }: { onDone: () => void }) {
  const when = useWhen();
  const setRange = useSetRange();
  const choose = (text: string) => (setRange(text), onDone());
  return (
    <div className={css.popped} role="dialog" aria-label={words.title}>
      <div className={css.words}>{WORDS.map((word) => <Button key={word} aria-pressed={word === when.text} onClick={() => choose(word)}>{words.called[word]}</Button>)}</div>
      <Between onChosen={choose} />
      {recent().length > 0 && <div className={ui.stack}><span className={ui.label}>{words.recent}</span>{recent().map((text) => <Button key={text} onClick={() => choose(text)}>{called(text, when.zone)}</Button>)}</div>}
      <ZonePicker />
    </div>
  );
}

function Between({ onChosen }: { onChosen: (text: string) => void }) {
  const when = useWhen();
  const typed = (date: Date) => shown(date, when.zone, "minute").replace(" ", "T");
  const [from, setFrom] = useState(typed(when.from));
  const [to, setTo] = useState(typed(when.to));
  return (
    <form className={ui.stack} onSubmit={(event) => (event.preventDefault(), onChosen(`${from}..${to}`))}>
      <Field label={words.from} type="datetime-local" value={from} max={to} required onChange={(event) => setFrom(event.target.value)} />
      <Field label={words.to} type="datetime-local" value={to} min={from} required onChange={(event) => setTo(event.target.value)} />
      <Button type="submit" kind="main">{words.show}</Button>
    </form>
  );
}

function ZonePicker() {
  const when = useWhen();
  const setZone = useSetZone();
  const [text, setText] = useState(when.zone);
  const id = useId();
  const typed = (value: string) => (setText(value), isZone(value) && ZONES.includes(value) && setZone(value));
  return (
    <div className={ui.stack}>
      <Field label={words.zone} list={id} value={text} onChange={(event) => typed(event.target.value)} onFocus={(event) => event.target.select()} />
      <datalist id={id}>{ZONES.map((zone) => <option key={zone} value={zone} />)}</datalist>
      <div className={css.words}>{[...new Set([LOCAL, "UTC"])].map((zone) => <Button key={zone} aria-pressed={zone === when.zone} onClick={() => typed(zone)}>{zone}</Button>)}</div>
    </div>
  );
}

/** Closes what is open when somebody presses Escape or clicks elsewhere. */
function useAway(element: React.RefObject<HTMLElement | null>, isOpen: boolean, close: () => void) {
  useEffect(() => {
    if (!isOpen) return;
    const away = (event: Event) => {
      const isEscape = event instanceof KeyboardEvent && event.key === "Escape";
      const isElsewhere = event.type === "pointerdown" && !element.current?.contains(event.target as Node);
      if (isEscape || isElsewhere) close();
    };
    document.addEventListener("pointerdown", away);
    document.addEventListener("keydown", away);
    return () => (document.removeEventListener("pointerdown", away), document.removeEventListener("keydown", away));
  }, [element, isOpen, close]);
}
