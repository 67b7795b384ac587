// What Kith does with a type of events by itself.

import { useState } from "react";

import { api, held, Refused, type Schemas } from "../api/client";
import { Card, css, Empty } from "../ui/basics";
import { Shown, useAsked } from "../ui/asked";
import { kinds } from "../words/rules";
import type { Document } from "../questions/places";
import { named } from "./kind";

const words = kinds.eventTypes;

/** What is known of a type of its own accord; null of one that is the company's. */
async function builtIn(id: string, signal: AbortSignal) {
  return held(api.GET("/event-type/build-in/{id}", { params: { path: { id } }, signal })).catch((error: unknown) => {
    if (error instanceof Refused && error.status === 404) return null;
    throw error;
  });
}

export function BuiltIn({ rule }: { rule: Document }) {
  const id = named(rule.event_type);
  const [isOpen, setOpen] = useState(false);
  const asked = useAsked(["built-in", id], (signal) => builtIn(id, signal), { enabled: isOpen && Boolean(id) });
  if (!id) return null;
  return (
    <Card>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{words.byItself}</summary>
        {isOpen && <Shown asked={asked}>{(known) => (known ? <Known known={known} /> : <Empty title={words.nothingByItself} />)}</Shown>}
      </details>
    </Card>
  );
}

function Known({ known }: { known: Schemas["BuiltInDocument"] }) {
  return (
    <dl className={css.pairs}>
      <dt>{words.journey}</dt><dd>{known.journey ?? "–"}</dd>
      <dt>{words.tags}</dt><dd>{known.tags.join(", ") || "–"}</dd>
      <dt>{words.copied}</dt><dd>{Object.entries(known.index_schema).map(([to, from]) => <div key={to} className={css.mono}>{from} → {to}</div>)}</dd>
      <dt>{words.profile}</dt><dd>{known.profile.map((place) => <div key={place} className={css.mono}>{place}</div>)}</dd>
    </dl>
  );
}
