// Every number opens its people: which number is in the address, so that a link to them can be sent.

import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { api, held, type Schemas } from "../api/client";
import { useMove, useZone } from "../app/place";
import { Link, useSearch } from "../app/router";
import { shown } from "../time/zone";
import { behind as words } from "../words/understand";
import { answers } from "../words/en";
import { AsCall } from "./as-call";
import { Button, css, Dialog, Empty, Loading, number, Problem, Table } from "./basics";
import { csv, download, timed } from "./files";
import { SaveList } from "./save-list";

/** A question and which of its numbers, as Kith wants it. */
export type Of = Schemas["NumberOf"];

const PAGE = 50;

/** Which number is open: what tells it from others of its screen. */
export function useBehind<Cell>() {
  const { behind } = useSearch<{ behind?: string }>();
  const move = useMove();
  return { cell: read<Cell>(behind), open: (cell: Cell) => move({ behind: JSON.stringify(cell) }), close: () => move({ behind: undefined }) };
}

function read<Cell>(text: string | undefined): Cell | null {
  try {
    return text ? (JSON.parse(text) as Cell) : null;
  } catch {
    return null;
  }
}

/** A number of people, which opens them; as it is where it is nobody. */
export function Count({ value, name, children, onOpen }: { value: number; /** What it counts, for those who do not see where it stands. */ name: string; children?: ReactNode; onOpen: () => void }) {
  const text = children ?? number(value);
  if (value === 0) return <>{text}</>;
  return <Button kind="plain" aria-label={`${typeof text === "string" ? text : number(value)}: ${words.open(name)}`} onClick={onOpen}>{text}</Button>;
}

export function PeopleBehind({ of, onClose }: { of: Of; onClose: () => void }) {
  const zone = useZone();
  const list = useInfiniteQuery({
    queryKey: ["behind", of],
    queryFn: ({ pageParam, signal }) => held(api.POST("/api/people/behind", { body: { of, limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) }, signal })),
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const rows = list.data?.pages.flatMap((page) => page.result) ?? [];
  const total = list.data?.pages[0]?.total;
  const heads = [words.id, words.email, words.visits, words.seen, words.first];
  const at = (time: string | undefined) => (time ? shown(time, zone, "minute") : "–");
  const save = () => download("people.csv", csv([timed(heads, [3, 4], zone), ...rows.map((row) => [row.id, row.email, row.visits, at(row.last_visit), at(row.created)])]));
  return (
    <Dialog wide title={total === undefined ? words.loading : words.title(total)} onClose={onClose}>
      {list.error ? <Problem error={list.error} again={() => void list.refetch()} /> : !list.data ? <Loading /> : rows.length === 0 ? <Empty title={words.nobody} /> : (
        <Table label={words.list} heads={heads} numbers={[2]}>
          {rows.map((row) => (
            <tr key={row.id}>
              <td><Link className={`${css.mono} ${css.id}`} to="/people/$id" params={{ id: row.id }}>{row.id}</Link></td>
              <td>{row.email ?? "–"}</td>
              <td className={css.number}>{row.visits === undefined ? "–" : number(row.visits)}</td>
              <td className={css.time}>{row.created ? at(row.last_visit ?? row.created) : words.removed}</td>
              <td className={css.time}>{at(row.created)}</td>
            </tr>
          ))}
        </Table>
      )}
      <div className={css.row}>
        {list.hasNextPage && <Button onClick={() => void list.fetchNextPage()} disabled={list.isFetchingNextPage}>{words.more}</Button>}
        {rows.length > 0 && <Button onClick={save}>{answers.csv}</Button>}
      </div>
      {rows.length > 0 && <SaveList of={of} />}
      <AsCall path="/api/people/behind" body={{ of }} />
    </Dialog>
  );
}
