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

export const Gone = ({ value }: { value: Json }) => (value === null ? <span className={css.quiet}>–</span> : <del className={css.gone}>{cell(value)}</del>);
export const Come = ({ value }: { value: Json }) => (value === null ? <span className={css.quiet}>–</span> : <ins className={css.come}>{cell(value)}</ins>);
