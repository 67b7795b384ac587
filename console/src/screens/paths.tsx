// Paths: what people do one after the other, within a session.

import { useSearch } from "../app/router";
import { useState } from "react";

import { api, held } from "../api/client";
import { useMove, useWhen } from "../app/place";
import { Badge, Button, Card, css, Empty, Field, number, Page, Select, Table } from "../ui/basics";
import { Shown, useAsked } from "../ui/asked";
import { AsCall } from "../ui/as-call";
import { csv, download } from "../ui/files";
import { answers } from "../words/en";
import { understand as words } from "../words/screens";

const LENGTH = "3";
const LENGTHS = ["2", "3", "4", "5", "6"];
const ROWS = 50;

export default function Paths() {
  const { start = "", length = LENGTH } = useSearch<{ start?: string; length?: string }>();
  const when = useWhen();
  const move = useMove();
  const query = { ...when.params, ...(start ? { start } : {}), length: Number(length), limit: ROWS };
  const asked = useAsked(["paths", query], async (signal) => (await held(api.GET("/api/events/paths", { params: { query }, signal }))).result);
  const heads = [words.path, words.times, words.people];
  return (
    <Page title={words.paths} about={words.pathsAbout}>
      <Card><Form key={`${start}${length}`} start={start} length={length} onAsk={(start, length) => move({ start, length: length === LENGTH ? undefined : length })} /></Card>
      <Shown asked={asked}>
        {(rows, milliseconds) => (
          <Card title={words.paths} flush actions={<Button onClick={() => download("paths.csv", csv([heads, ...rows.map((row) => [row.path.join(" > "), row.count, row.people])]))}>{answers.csv}</Button>} foot={<><span>{answers.took(milliseconds)}</span><AsCall path="/api/events/paths" params={query} /></>}>
            {rows.length === 0 ? <Empty title={words.nothing} /> : (
              <Table label={words.paths} heads={heads} numbers={[1, 2]}>
                {rows.map(({ path, count, people }) => (
                  <tr key={path.join(" ")}>
                    <td><span className={css.badges}>{path.map((type, at) => <span key={at}>{at > 0 && "→ "}<Badge>{type}</Badge></span>)}</span></td>
                    <td className={css.number}>{number(count)}</td><td className={css.number}>{number(people)}</td>
                  </tr>
                ))}
              </Table>
            )}
          </Card>
        )}
      </Shown>
    </Page>
  );
}

function Form({ start, length, onAsk }: { start: string; length: string; onAsk: (start: string, length: string) => void }) {
  const [text, setText] = useState(start);
  const [steps, setSteps] = useState(length);
  return (
    <form className={css.row} onSubmit={(event) => (event.preventDefault(), onAsk(text, steps))}>
      <div className={css.grow}><Field label={words.start} placeholder={`${words.startHint} (${words.anywhere})`} value={text} onChange={(event) => setText(event.target.value)} /></div>
      <Select label={words.length} options={LENGTHS.map((one) => [one, one] as const)} value={steps} onChange={(event) => setSteps(event.target.value)} />
      <Button type="submit" kind="main">{words.ask}</Button>
    </form>
  );
}
