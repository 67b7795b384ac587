// Puts people on a list: one that there is, or a new one.

import { useRef, useState } from "react";

import { api, held } from "../api/client";
import { addPeople, LISTS, useLists } from "../api/kept";
import { Link } from "../app/router";
import { useSession } from "../app/using";
import { lists as words } from "../words/kept";
import { Shown } from "./asked";
import { Button, css, Dialog, Field, Problem, Select } from "./basics";
import { useChange } from "./confirm";
import { useKeptHere } from "./edited";

const NEW = "+";

/** A button that puts these people on a list. */
export function PutOnList({ people }: { people: readonly string[] }) {
  const [isOpen, setOpen] = useKeptHere("put on a list", () => false);
  return (
    <>
      <Button disabled={people.length === 0} onClick={() => setOpen(true)}>{words.putOn}</Button>
      {isOpen && <Dialog title={words.putOn} onClose={() => setOpen(false)}><Choose people={people} /></Dialog>}
    </>
  );
}

function Choose({ people }: { people: readonly string[] }) {
  const me = useSession();
  const asked = useLists();
  const [{ chosen, name }, setTyped] = useKeptHere("which list", () => ({ chosen: "", name: "" }));
  const [done, setDone] = useState("");
  // A new one is made once, however often somebody tries to put them on it.
  const made = useRef("");
  const put = useChange(async (first: string) => {
    const list = chosen || first;
    if (list === NEW && !made.current) made.current = (await held(api.POST("/api/lists", { body: { name } }))).id;
    const id = list === NEW ? made.current : list;
    await addPeople(id, people);
    setDone(id);
  }, [LISTS, "members", "lists-of"]);
  if (done) return <><p role="status">{words.done}</p><div className={css.dialogFoot}><Link className={css.button} to="/lists/$id" params={{ id: done }}>{words.to}</Link></div></>;
  return (
    <Shown asked={asked}>
      {(all) => {
        const mine = all.filter((one) => one.owner === me?.email || me?.roles.includes("admin")).map((one) => [one.id, one.name] as const);
        const options = [...mine, [NEW, words.newList] as const];
        const first = options[0]?.[0] ?? NEW;
        return (
          <form className={css.stack} onSubmit={(event) => (event.preventDefault(), put.mutate(first))}>
            <p>{words.count(people.length)}</p>
            <Select label={words.which} options={options} value={chosen || first} onChange={(event) => setTyped({ chosen: event.target.value, name })} />
            {(chosen || first) === NEW && <Field label={words.newName} required maxLength={200} value={name} onChange={(event) => setTyped({ chosen, name: event.target.value })} />}
            {put.error && <Problem error={put.error} />}
            <div className={css.dialogFoot}><Button kind="main" type="submit" disabled={put.isPending}>{words.putOn}</Button></div>
          </form>
        );
      }}
    </Shown>
  );
}
