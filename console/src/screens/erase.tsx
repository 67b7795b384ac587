// Erasing a person, and the report of what left the disk.

import { useState } from "react";

import { api, held, type Schemas } from "../api/client";
import { Button, css, Dialog, Field, Loading, number, Problem } from "../ui/basics";
import { useAsked } from "../ui/asked";
import { person as words } from "../words/screens";

const LOOK_MS = 700;

/** What an erasure removed, and what it left that names them, as people read it. */
export const reported = (report: Schemas["Erased"]) => Object.entries(report).map(([name, said]) => {
  const many = typeof said === "number" ? said : said.length;
  const which = typeof said === "number" || many === 0 ? "" : ` (${said.map(({ kind, id }) => `${kind} ${id}`).join(", ")})`;
  return { name: words.report[name] ?? name, many, text: number(many) + which };
});

export function Erase({ id, onClose }: { id: string; onClose: () => void }) {
  const [typed, setTyped] = useState("");
  const [erasure, setErasure] = useState("");
  const [problem, setProblem] = useState<unknown>(null);
  const begin = () => held(api.DELETE("/api/profiles/{id}", { params: { path: { id } } })).then((begun) => setErasure(begun.erasure), setProblem);
  return (
    <Dialog title={words.eraseTitle} onClose={onClose}>
      {problem ? <Problem error={problem} /> : null}
      {erasure ? <Progress erasure={erasure} /> : (
        <>
          <p>{words.eraseText}</p>
          <Field label={words.confirm} hint={id} value={typed} onChange={(event) => setTyped(event.target.value)} />
          <div className={css.dialogFoot}><Button kind="danger" disabled={typed !== id} onClick={() => void begin()}>{words.erase}</Button></div>
        </>
      )}
    </Dialog>
  );
}

function Progress({ erasure }: { erasure: string }) {
  const [done, setDone] = useState(false);
  const asked = useAsked(["erasure", erasure], async (signal) => {
    const progress = await held(api.GET("/api/erasures/{id}", { params: { path: { id: erasure } }, signal }));
    setDone(progress.status === "done");
    return progress;
  }, { refetchInterval: done ? false : LOOK_MS });
  const report = asked.data?.value.report;
  if (asked.error) return <Problem error={asked.error} />;
  if (!done || !report) return <><p role="status">{words.erasing}</p><Loading /></>;
  return (
    <>
      <p role="status">{words.erased}</p>
      <dl className={css.pairs}>
        {reported(report).map(({ name, text }) => <div key={name} style={{ display: "contents" }}><dt>{name}</dt><dd>{text}</dd></div>)}
      </dl>
    </>
  );
}
