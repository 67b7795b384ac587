// The filters that questions about events share, in the address.

import { useSearch } from "../app/router";
import { type FormEvent, useEffect, useState } from "react";

import { useMove } from "../app/place";
import { Button, css, Field } from "../ui/basics";
import { FilterField } from "../ui/filter-field";
import { events as words } from "../words/screens";

export type Filters = { type?: string; source?: string; session?: string; profile?: string; where?: string };

const NAMES = ["type", "source", "session", "profile", "where"] as const;

export function useFilters(): Filters {
  const said = useSearch<Filters>();
  const kept = NAMES.filter((name) => said[name]).map((name) => [name, said[name]]);
  return Object.fromEntries(kept) as Filters;
}

export function FilterForm({ fields, labels: own, children }: { fields: readonly (keyof Filters)[]; /** What fields are called here, where that is something else. */ labels?: Partial<Record<keyof Filters, string>>; children?: React.ReactNode }) {
  const now = useFilters();
  const move = useMove();
  const [typed, setTyped] = useState<Filters>(now);
  const key = JSON.stringify(now);
  useEffect(() => setTyped(JSON.parse(key) as Filters), [key]);
  const apply = (event: FormEvent) => (event.preventDefault(), move({ ...typed }));
  const clear = () => move(Object.fromEntries(NAMES.map((name) => [name, undefined])));
  const labels: Record<keyof Filters, string> = { type: words.type, source: words.source, session: words.session, profile: words.person, where: words.where, ...own };
  return (
    <form className={css.row} onSubmit={apply} role="search">
      {fields.map((name) => (
        <div key={name} className={name === "where" ? css.grow : undefined}>
          {name === "where" ? <FilterField label={labels.where} placeholder={words.whereHint} value={typed.where ?? ""} onText={(where) => setTyped({ ...typed, where })} /> : <Field label={labels[name]} value={typed[name] ?? ""} onChange={(event) => setTyped({ ...typed, [name]: event.target.value })} />}
        </div>
      ))}
      <Button type="submit" kind="main">{words.apply}</Button>
      {Object.keys(now).length > 0 && <Button onClick={clear}>{words.clear}</Button>}
      {children}
    </form>
  );
}

/** Filters as SQL's conditions, as far as they are no filter language. */
export function conditions(filters: Filters, from: string, to: string): string {
  const columns = { type: "type", source: "source_id", session: "session_id", profile: "profile_id" } as const;
  const equal = Object.entries(columns).map(([name, column]) => {
    const value = filters[name as keyof typeof columns];
    return value ? `${column} = '${value.replaceAll("'", "''")}'` : "";
  });
  return [`time >= TIMESTAMPTZ '${from}'`, `time < TIMESTAMPTZ '${to}'`, ...equal.filter(Boolean)].join("\n  AND ");
}
