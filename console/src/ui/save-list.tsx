// The people behind a number, put on a list: all of them, page by page.

import { useState } from "react";

import { api, held } from "../api/client";
import { go } from "../app/router";
import { behind as words } from "../words/understand";
import { Button, css, Field, Problem } from "./basics";
import { useChange } from "./confirm";
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

async function saved(name: string, of: Of): Promise<string> {
  let id = "";
  for await (const profiles of everybody(of)) {
    if (id === "") ({ id } = await held(api.POST("/api/lists", { body: { name, profiles } })));
    else await held(api.POST("/api/lists/{id}/members", { params: { path: { id } }, body: { profiles } }));
  }
  return id;
}

export function SaveList({ of }: { of: Of }) {
  const [name, setName] = useState("");
  const save = useChange(async () => go({ to: "/lists/$id", params: { id: await saved(name.trim(), of) } }), ["lists"]);
  return (
    <form className={css.row} onSubmit={(event) => (event.preventDefault(), save.mutate(undefined))}>
      <div className={css.grow}><Field label={words.name} required maxLength={200} value={name} onChange={(event) => setName(event.target.value)} /></div>
      <Button type="submit" disabled={save.isPending}>{words.save}</Button>
      {save.error && <Problem error={save.error} />}
    </form>
  );
}
