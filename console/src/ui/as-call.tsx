// Every view is also a call of the interface and, where it is known, a statement: to copy.

import { Link } from "../app/router";
import { useState } from "react";

import { write } from "../api/json";
import { answers as words } from "../words/en";
import { Button, Code, css } from "./basics";

type Call = { path: string; params?: Record<string, string | number | undefined>; body?: unknown };

/** A text as one word of a line for a shell. */
export const inShell = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** The line for a shell. */
export function curl({ path, params = {}, body }: Call): string {
  const said = Object.entries(params).filter(([, value]) => value !== undefined && value !== "");
  const query = new URLSearchParams(said.map(([name, value]) => [name, String(value)])).toString();
  const sent = body === undefined ? "" : ` \\\n  -d ${inShell(write(body))}`;
  return `curl -s ${inShell(`${location.origin}${path}${query ? `?${query}` : ""}`)} \\\n  -H "Authorization: Bearer $TOKEN"${sent}`;
}

export function AsCall({ sql, ...call }: Call & { sql?: string | undefined }) {
  const [open, setOpen] = useState<"call" | "sql" | null>(null);
  const toggle = (which: "call" | "sql") => setOpen(open === which ? null : which);
  return (
    <div className={css.stack}>
      <div className={css.row}>
        <Button kind="plain" aria-expanded={open === "call"} onClick={() => toggle("call")}>{words.asCall}</Button>
        {sql && <Button kind="plain" aria-expanded={open === "sql"} onClick={() => toggle("sql")}>{words.asSql}</Button>}
        {sql && open === "sql" && <Link className={css.button} to="/sql" search={{ query: sql }}>{words.openSql}</Link>}
      </div>
      {open === "call" && <Code label={words.asCall} text={curl(call)} />}
      {open === "sql" && sql && <Code label={words.asSql} text={sql} />}
    </div>
  );
}

/** A text as SQL writes it. */
export const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;
