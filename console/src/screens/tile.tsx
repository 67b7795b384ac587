// A saved question on a dashboard: the screen that asks it, with its own state and the dashboard's range and filter.

import { Suspense, useMemo, useState } from "react";

import type { Dashboard, Question } from "../api/kept";
import { useMove } from "../app/place";
import { Fence, Link, screenAt, useSearch, type Within, WithinContext } from "../app/router";
import { Button, css, Empty, Loading, Problem } from "../ui/basics";
import { kept as words } from "../words/kept";
import grid from "./dashboard.module.css";

type Part = Dashboard["tiles"][number];
type Props = { part: Part; question: Question | undefined; where: string; onChange?: (part: Part | null) => void; onEarlier?: () => void; onLater?: () => void };

const COLUMNS = 4;
const ROWS_MAX = 4;
/** What all tiles of a dashboard have from its own address. */
const SHARED = ["range", "zone"];

export function Tile({ part, question, where, ...edit }: Props) {
  const name = question?.name ?? words.gone;
  return (
    <section className={grid.tile} data-width={part.width} data-height={part.height} aria-label={name}>
      <header className={grid.head}>
        <h2>{question ? <Link to={`/${question.view}`} search={{ ...question.state, range: undefined, saved: question.id }}>{name}</Link> : name}</h2>
        {edit.onChange && <Layout name={name} part={part} {...edit} onChange={edit.onChange} />}
      </header>
      <div className={grid.body} tabIndex={0} role="region" aria-label={words.tile(name)}>{question ? <View question={question} where={where.trim()} /> : <Empty title={words.goneHint} />}</div>
    </section>
  );
}

function View({ question, where }: { question: Question; where: string }) {
  const { range, zone } = useSearch<{ range?: string; zone?: string }>();
  const move = useMove();
  // What somebody tries in a tile is gone when they leave; what is meant for all goes to the dashboard.
  const [tried, setTried] = useState<Record<string, string | undefined>>({});
  const within = useMemo((): Within => {
    const said = { ...question.state, ...(range ? { range } : {}), ...(zone ? { zone } : {}), ...tried };
    const search = Object.fromEntries(Object.entries(said).filter(([, value]) => value)) as Record<string, string>;
    return {
      search, where: where || undefined, isRanged: Boolean(range),
      move: (change) => {
        const shared = Object.entries(change).filter(([key]) => SHARED.includes(key));
        if (shared.length > 0) move(Object.fromEntries(shared));
        else setTried((now) => ({ ...now, ...change }));
      },
    };
  }, [question, range, zone, tried, where, move]);
  const Screen = screenAt(`/${question.view}`);
  if (!Screen) return <Empty title={words.noView} />;
  return (
    <WithinContext value={within}>
      <Suspense fallback={<Loading />}><Fence show={(error, again) => <Problem error={error} again={again} />}><Screen /></Fence></Suspense>
    </WithinContext>
  );
}

/** Buttons instead of dragging: they work with a keyboard and say what they do. */
function Layout({ name, part, onChange, onEarlier, onLater }: { name: string; part: Part; onChange: (part: Part | null) => void; onEarlier?: () => void; onLater?: () => void }) {
  const sized = (width: number, height: number) => () => onChange({ ...part, width, height });
  const { width, height } = part;
  const all = [
    ["←", words.earlier, onEarlier], ["→", words.later, onLater],
    ["⇤", words.narrower, width > 1 ? sized(width - 1, height) : undefined], ["⇥", words.wider, width < COLUMNS ? sized(width + 1, height) : undefined],
    ["⤒", words.lower, height > 1 ? sized(width, height - 1) : undefined], ["⤓", words.higher, height < ROWS_MAX ? sized(width, height + 1) : undefined],
    ["✕", words.takeOff, () => onChange(null)],
  ] as const;
  return (
    <div role="group" aria-label={words.layoutOf(name)} className={css.group}>
      {all.map(([sign, label, act]) => <Button key={label} aria-label={`${label}: ${name}`} title={label} disabled={!act} onClick={act}>{sign}</Button>)}
    </div>
  );
}
