// What stands under every answer: whose clocks, what it took, and the same as a call and as SQL.

import { answers } from "../words/en";
import { understand as words } from "../words/understand";
import { AsCall } from "./as-call";

export type Told = { rows_read: number; milliseconds: number; sql: string };

export function Foot({ zone, told, path, body }: { zone: string; told: Told; path: string; body: unknown }) {
  return (
    <>
      <span>{zone}</span>
      <span>{words.read(told.rows_read)}, {answers.took(told.milliseconds)}</span>
      <AsCall path={path} body={body} sql={told.sql} />
    </>
  );
}

/** The range of a page as questions want it. */
export const scope = ({ params, zone }: { params: { from: string; to: string }; zone: string }, where = "") => ({ ...params, tz: zone, ...(where.trim() ? { where } : {}) });
