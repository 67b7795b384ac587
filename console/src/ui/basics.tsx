// What screens are made of: buttons, fields, cards, tables and their states.

import { type ComponentProps, type ReactNode, useEffect, useId, useRef, useState } from "react";

import { isGone, isOvertaken, Refused, Unreachable } from "../api/client";
import { write } from "../api/json";
import { useWithin } from "../app/router";
import { states as words } from "../words/en";
import css from "./ui.module.css";
import { useUnsaved } from "./unsaved";

export { css };

type Kind = "main" | "danger" | "plain";

export function Button({ kind, ...rest }: ComponentProps<"button"> & { kind?: Kind }) {
  return <button type="button" className={css.button} data-kind={kind} {...rest} />;
}

/** One of several, of which one is on. */
export function Choice<T extends string>({ label, value, options, onChange }: { label: string; value: T; options: readonly (readonly [T, string])[]; onChange: (value: T) => void }) {
  return (
    <div role="group" aria-label={label} className={css.group}>
      {options.map(([name, text]) => (
        <Button key={name} aria-pressed={name === value} onClick={() => onChange(name)}>{text}</Button>
      ))}
    </div>
  );
}

export function Field({ label, hint, ...rest }: ComponentProps<"input"> & { label: string; hint?: string }) {
  const id = useId();
  return (
    <div className={css.field}>
      <label className={css.label} htmlFor={id}>{label}</label>
      <input className={css.input} id={id} aria-describedby={hint ? `${id}-hint` : undefined} autoComplete="off" {...rest} />
      {hint && <span className={css.hint} id={`${id}-hint`}>{hint}</span>}
    </div>
  );
}

export function Area({ label, hint, ...rest }: ComponentProps<"textarea"> & { label: string; hint?: string }) {
  const id = useId();
  return (
    <div className={css.field}>
      <label className={css.label} htmlFor={id}>{label}</label>
      <textarea className={`${css.input} ${css.mono}`} id={id} spellCheck={false} aria-describedby={hint ? `${id}-hint` : undefined} {...rest} />
      {hint && <span className={css.hint} id={`${id}-hint`}>{hint}</span>}
    </div>
  );
}

export function Select({ label, hint, options, ...rest }: ComponentProps<"select"> & { label: string; hint?: string | undefined; options: readonly (readonly [string, string])[] }) {
  const id = useId();
  return (
    <div className={css.field}>
      <label className={css.label} htmlFor={id}>{label}</label>
      <select className={css.input} id={id} aria-describedby={hint ? `${id}-hint` : undefined} {...rest}>
        {options.map(([value, text]) => <option key={value} value={value}>{text}</option>)}
      </select>
      {hint && <span className={css.hint} id={`${id}-hint`}>{hint}</span>}
    </div>
  );
}

export function Check({ children, hint, ...rest }: ComponentProps<"input"> & { hint?: string | undefined }) {
  const id = useId();
  const box = <label className={css.check}><input type="checkbox" aria-describedby={hint ? id : undefined} {...rest} />{children}</label>;
  if (!hint) return box;
  return <div className={css.checked}>{box}<span className={css.hint} id={id}>{hint}</span></div>;
}

/** Part of a long form that is opened by whoever needs it. */
export function More({ title, children }: { title: string; children: ReactNode }) {
  return <details className={css.more}><summary>{title}</summary><div className={css.stack}>{children}</div></details>;
}

/** Several of a few, each by itself. */
export function Checks({ label, hint, options, names = {}, value, onChange }: { label: string; hint?: string; options: readonly string[]; /** What they are called; as they are unless said. */ names?: Record<string, string>; value: readonly string[]; onChange: (value: string[]) => void }) {
  const toggled = (one: string) => (value.includes(one) ? value.filter((other) => other !== one) : [...value, one]);
  return (
    <div className={css.field}>
      <fieldset className={css.checks}>
        <legend className={css.label}>{label}</legend>
        {options.map((one) => <Check key={one} checked={value.includes(one)} onChange={() => onChange(toggled(one))}>{names[one] ?? one}</Check>)}
      </fieldset>
      {hint && <span className={css.hint}>{hint}</span>}
    </div>
  );
}

export function Page({ title, about, actions, children }: { title: string; about?: ReactNode; actions?: ReactNode; children: ReactNode }) {
  const isPart = useWithin() !== null;
  useEffect(() => {
    if (!isPart) document.title = `${title} · Kith`;
  }, [title, isPart]);
  // Inside of another page, that one has the title and says what can be done.
  if (isPart) return <div className={css.page}>{children}</div>;
  return (
    <div className={css.page}>
      <header className={css.pageHead}>
        <div><h1>{title}</h1>{about && <p>{about}</p>}</div>
        {actions}
      </header>
      {children}
    </div>
  );
}

export function Card({ title, actions, foot, flush, children }: { title?: string; actions?: ReactNode; foot?: ReactNode; flush?: boolean; children: ReactNode }) {
  return (
    <section className={css.card}>
      {title && <header className={css.cardHead}><h2>{title}</h2>{actions}</header>}
      <div className={flush ? css.flush : css.cardBody}>{children}</div>
      {foot && <footer className={css.cardFoot}>{foot}</footer>}
    </section>
  );
}

/** A wide table that scrolls by itself, also with the keyboard. */
export function Table({ label, heads, numbers = [], children }: { label: string; heads: readonly ReactNode[]; /** Columns of numbers, which stand to the right. */ numbers?: readonly number[]; children: ReactNode }) {
  return (
    <div className={css.scroll} tabIndex={0} role="region" aria-label={label}>
      <table className={css.table}>
        <thead><tr>{heads.map((head, at) => <th key={at} scope="col" className={numbers.includes(at) ? css.number : undefined}>{head}</th>)}</tr></thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

export type Tone = "good" | "bad" | "warn" | "accent";

export function Badge({ tone, children }: { tone?: Tone; children: ReactNode }) {
  return <span className={css.badge} data-tone={tone}>{children}</span>;
}

export function Loading() {
  return <div className={`${css.state} ${css.loading}`} role="status"><span className="hidden">{words.loading}</span></div>;
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return <div className={css.state}><strong>{title}</strong>{children}</div>;
}

/** The page of something that is not there: deep links outlive what they lead to. */
export function Gone({ id, title, hint }: { id: string; title: string; hint: string }) {
  return <Page title={id}><Empty title={title}>{hint}</Empty></Page>;
}

export function Problem({ error, again }: { error: unknown; again?: () => void }) {
  return (
    <div className={css.problem} role="alert">
      <span>{said(error)}</span>
      {error instanceof Refused && error.problems.length > 0 && <ul>{error.problems.map(({ loc, msg }, at) => <li key={at}><code>{loc.join(".")}</code> {msg}</li>)}</ul>}
      {error instanceof Refused && <code>{error.code}</code>}
      {again && <Button onClick={again}>{words.again}</Button>}
    </div>
  );
}

/** What an error says to people. */
export function said(error: unknown): string {
  if (error instanceof Unreachable) return words.unreachable;
  if (isOvertaken(error)) return words.overtaken;
  if (isGone(error)) return words.gone;
  return error instanceof Error ? error.message : String(error);
}

export function Code({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState(false);
  const copy = () => navigator.clipboard.writeText(text).then(() => setCopied(true), () => setCopied(false));
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <div className={css.code}>
      <pre tabIndex={0} role="region" aria-label={label}>{text}</pre>
      <Button onClick={copy}>{copied ? words.copied : words.copy}</Button>
    </div>
  );
}

/** JSON for people. */
export const json = (value: unknown) => write(value, 2);

/** What somebody who opens a window wants to fill in first. */
const FIRST = "input:not([readonly]), textarea, select, [data-first]";

/** Whether a pointer is on what lies around a window. */
function isAround(element: HTMLElement, { target, clientX, clientY }: { target: EventTarget; clientX: number; clientY: number }): boolean {
  const { left, right, top, bottom } = element.getBoundingClientRect();
  return target === element && (clientX < left || clientX > right || clientY < top || clientY > bottom);
}

/** A window over the page: the browser keeps the focus in it, and Escape closes it, or a click that begins and ends around it; whoever selects text may leave it meanwhile. Both happen by chance: what is typed in its form and not stored is not lost by them unasked. */
export function Dialog({ title, wide, onClose, children }: { title: string; wide?: boolean; onClose: () => void; children: ReactNode }) {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  const began = useRef(false);
  const unsaved = useUnsaved(element);
  const end = () => element.current?.close();
  useEffect(() => {
    element.current?.showModal();
    // By itself the browser would choose the button that closes.
    element.current?.querySelector<HTMLElement>(FIRST)?.focus();
  }, []);
  return (
    <dialog
      ref={element} className={css.dialog} data-wide={wide || undefined} aria-labelledby={id} onClose={onClose} {...unsaved.hears}
      onPointerDown={(press) => (began.current = isAround(press.currentTarget, press))} onClick={(click) => began.current && isAround(click.currentTarget, click) && !unsaved.asks() && end()}
    >
      <header className={css.dialogHead}>
        <h2 id={id}>{title}</h2>
        <Button kind="plain" onClick={end} aria-label={words.close}>✕</Button>
      </header>
      {unsaved.isAsking && (
        <div className={css.dialogAsk} role="alertdialog" aria-label={words.unsaved}>
          <span>{words.unsaved}</span>
          <Button autoFocus onClick={unsaved.goOn}>{words.goOn}</Button>
          <Button kind="danger" onClick={end}>{words.discard}</Button>
        </div>
      )}
      <div className={css.dialogBody}>{children}</div>
    </dialog>
  );
}

export function Stat({ name, value, note }: { name: string; value: ReactNode; note?: ReactNode }) {
  return <div className={css.stat}><dt>{name}</dt><dd>{value}{note && <small>{note}</small>}</dd></div>;
}

/** The whole number, in groups of three. */
export const number = (value: number) => value.toLocaleString("en-US");

/** How much is done of what is under way, to stand behind its name; nothing where that is not known. */
export const done = (progress: { people: number; of: number } | null | undefined) => (progress?.of ? ` ${Math.floor((100 * progress.people) / progress.of)} %` : "");

/** The same with at most so many digits behind the point as tell something. */
export const rounded = (value: number) => value.toLocaleString("en-US", { maximumFractionDigits: Math.abs(value) < 10 ? 3 : 1 });

/** So many seconds, as people say it. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
