// A condition held against somebody, part by part: what holds, what is missing, what was done and when.

import { type ReactNode, useState } from "react";

import type { Schemas } from "../api/client";
import { useZone } from "../app/place";
import { Link } from "../app/router";
import { shown } from "../time/zone";
import { why as words } from "../words/audiences";
import { Button, css } from "./basics";

type Part = Schemas["WhyDocument"];

/** Moments of one line. */
const MOMENTS_MAX = 3;

/** A line about somebody or something, and why it is so, when that is wanted. */
export function Explained({ part, name, isOpen = false, line, children }: { part: Part; /** What is explained. */ name: string; isOpen?: boolean; line: ReactNode; children?: ReactNode }) {
  const [open, setOpen] = useState(isOpen);
  return (
    <li className={css.explained}>
      <div className={css.inline}>
        {line}
        <Button kind="plain" aria-expanded={open} aria-label={words.ofNamed(name)} onClick={() => setOpen(!open)}>{words.why}</Button>
      </div>
      {open && <div className={css.reasons}><Why part={part} />{children}</div>}
    </li>
  );
}

export const Why = ({ part }: { part: Part }) => <ul className={css.why}><One part={part} /></ul>;

/** What is hidden from whoever looks is told as neither. */
const SIGNS: Record<string, string> = { true: "✓", false: "✕", null: "–" };
const told = (holds: boolean | null) => holds === null ? words.unseen : holds ? words.holds : words.missing;

function One({ part }: { part: Part }) {
  return (
    <li>
      <div className={css.whyLine}>
        <span data-holds={part.holds} className={css.sign}>{SIGNS[`${part.holds}`]}<span className="hidden"> {told(part.holds)}</span></span>
        {part.of ? <span className={css.quiet}>{words.of[part.of] ?? part.of}</span> : <code>{part.text}</code>}
      </div>
      {part.did && <Done did={part.did} />}
      {part.parts.length > 0 && <ul className={css.why}>{part.parts.map((one, at) => <One key={at} part={one} />)}</ul>}
    </li>
  );
}

function Done({ did: { found, wanted, at, events } }: { did: NonNullable<Part["did"]> }) {
  const zone = useZone();
  // Where single events are known, each opens; of sums only the moments are.
  const known = events.length > 0 ? events : at.map((moment) => ({ at: moment, id: null }));
  const more = known.length - MOMENTS_MAX;
  return (
    <span className={`${css.quiet} ${css.whyDone}`}>
      {words.done(found, wanted)}
      {known.slice(0, MOMENTS_MAX).map((one, index) => (
        <span key={index}>{index === 0 ? `, ${words.at} ` : ", "}{one.id ? <Link to="/events" search={{ where: `id = "${one.id}"`, range: "12mo" }}>{shown(one.at, zone, "minute")}</Link> : shown(one.at, zone, "minute")}</span>
      ))}
      {more > 0 && ` ${words.more(more)}`}
    </span>
  );
}
