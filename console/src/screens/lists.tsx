// Lists of people: found, opened, made.

import { api, held } from "../api/client";
import { LISTS, useLists } from "../api/kept";
import { useZone } from "../app/place";
import { Link, useGo } from "../app/router";
import { shown } from "../time/zone";
import { Area, Button, Card, css, Dialog, Empty, Field, number, Page, Problem, Table } from "../ui/basics";
import { Shown } from "../ui/asked";
import { AsCall } from "../ui/as-call";
import { useChange } from "../ui/confirm";
import { useKept } from "../ui/edited";
import { lists as words } from "../words/kept";

export default function Lists() {
  const asked = useLists();
  const zone = useZone();
  const [isNew, setNew] = useKept("/lists", () => false);
  return (
    <Page title={words.title} about={words.about} actions={<Button kind="main" onClick={() => setNew(true)}>{words.add}</Button>}>
      <Shown asked={asked}>
        {(all) => (
          <Card title={words.title} flush foot={<AsCall path="/api/lists" />}>
            {all.length === 0 ? <Empty title={words.none}>{words.noneHint}</Empty> : (
              <Table label={words.title} heads={[words.name, words.people, words.owner, words.changed]} numbers={[1]}>
                {all.map((one) => (
                  <tr key={one.id}>
                    <td><Link to="/lists/$id" params={{ id: one.id }}>{one.name}</Link>{one.note && <div className={css.quiet}>{one.note}</div>}</td>
                    <td className={css.number}>{number(one.people)}</td>
                    <td className={css.quiet}>{one.owner}</td>
                    <td className={css.time}>{shown(one.changed, zone, "minute")}</td>
                  </tr>
                ))}
              </Table>
            )}
          </Card>
        )}
      </Shown>
      {isNew && <New onClose={() => setNew(false)} />}
    </Page>
  );
}

/** Ids as somebody typed or pasted them. */
export const ids = (text: string): string[] => [...new Set(text.split(/[\s,;]+/).filter(Boolean))];

function New({ onClose }: { onClose: () => void }) {
  const [typed, setTyped] = useKept("/lists/", () => ({ name: "", note: "", people: "" }));
  const go = useGo();
  const set = (name: keyof typeof typed) => (event: { target: { value: string } }) => setTyped({ ...typed, [name]: event.target.value });
  const make = useChange(async () => {
    const { name, note, people } = typed;
    const { id } = await held(api.POST("/api/lists", { body: { name, note, profiles: ids(people) } }));
    go({ to: "/lists/$id", params: { id } });
  }, [LISTS], onClose);
  return (
    <Dialog title={words.add} onClose={onClose}>
      <form className={css.stack} onSubmit={(event) => (event.preventDefault(), make.mutate(undefined))}>
        <Field label={words.name} required maxLength={200} value={typed.name} onChange={set("name")} />
        <Area label={words.note} rows={2} value={typed.note} onChange={set("note")} />
        <Area label={words.ids} hint={words.idsHint} rows={4} value={typed.people} onChange={set("people")} />
        {make.error && <Problem error={make.error} />}
        <div className={css.dialogFoot}><Button kind="main" type="submit" disabled={make.isPending}>{words.make}</Button></div>
      </form>
    </Dialog>
  );
}
