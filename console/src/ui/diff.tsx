// What is another: value by value, with a sign beside the colour.

import { cell, type Difference, type Json } from "../questions/places";
import { css, Table } from "./basics";

/** Differences under these heads: place, before, after. */
export function Diff({ label, heads, rows }: { label: string; heads: readonly [string, string, string]; rows: readonly Difference[] }) {
  return (
    <Table label={label} heads={heads}>
      {rows.map(({ place, before, after }) => (
        <tr key={place}><td className={css.mono}>{place}</td><td><Gone value={before} /></td><td><Come value={after} /></td></tr>
      ))}
    </Table>
  );
}

type Value = { /** None: nothing is there. */ value: Json | undefined };

/** An empty text is seen, too. */
const text = (value: Json) => (value === "" ? '""' : cell(value));

export const Gone = ({ value }: Value) => (value === undefined ? <span className={css.quiet}>–</span> : <del className={css.gone}>{text(value)}</del>);
export const Come = ({ value }: Value) => (value === undefined ? <span className={css.quiet}>–</span> : <ins className={css.come}>{text(value)}</ins>);
