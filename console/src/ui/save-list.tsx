// The people behind a number, put on a list: all of them, page by page.

import { useRef } from "react";

import { api, held } from "../api/client";
import { useGo } from "../app/router";
import { behind as words } from "../words/understand";
import { Button, css, Field, Problem } from "./basics";
import { useChange } from "./confirm";
import { useKeptHere } from "./edited";
import type { Of } from "./people-behind";

/** As many as a call takes, and as a list may have in the end. */
const PAGE = 1000;
const AT_ONCE_MAX = 10_000;

/** Every id behind a number, in portions that one call may have. */
async function* everybody(of: Of): AsyncGenerator<string[]> {
  let portion: string[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const page: { result: { id: string }[]; next: string | null } = await held(api.POST("/api/people/behind", { body: { of, limit: PAGE, ...(cursor ? { cursor } : {}) } }));
    portion.push(...page.result.map(({ id }) => id));
    cursor = page.next;
    if (portion.length + PAGE > AT_ONCE_MAX || cursor === null) {
      yield portion;
      portion = [];
    }
  }
}

/** Puts them on a list that is made with the first of them, but once, however often somebody tries. */
async function save(name: string, of: Of, made: { current: string }): Promise<string> {
  for await (const profiles of everybody(of)) {
    if (!made.current) made.current = (await held(api.POST("/api/lists", { body: { name, profiles } }))).id;
    else await held(api.POST("/api/lists/{id}/members", { params: { path: { id: made.current } }, body: { profiles } }));
  }
  return made.current;
}

export function SaveList({ of }: { of: Of }) {
  const [name, setName] = useKeptHere(of, () => "");
  const made = useRef("");
  const go = useGo();
  const put = useChange(async () => go({ to: "/lists/$id", params: { id: await save(name.trim(), of, made) } }), ["lists"]);
  return (
    <form className={css.row} onSubmit={(event) => (event.preventDefault(), put.mutate(undefined))}>
      <div className={css.grow}><Field label={words.name} required maxLength={200} value={name} onChange={(event) => setName(event.target.value)} /></div>
      <Button type="submit" disabled={put.isPending}>{words.save}</Button>
      {put.error && <Problem error={put.error} />}
    </form>
  );
}
