// One list of people: who is on it now, more of them, fewer, its name, and its end.

import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api, held, type Reading, type Schemas, whole } from "../api/client";
import { type List, LISTS } from "../api/kept";
import { useZone } from "../app/place";
import { Link, useGo, useParams } from "../app/router";
import { useSession } from "../app/using";
import { shown } from "../time/zone";
import { Area, Button, Card, css, Dialog, Empty, Field, Gone, Loading, Page, Problem, Table } from "../ui/basics";
import { Shown, useAsked } from "../ui/asked";
import { AsCall } from "../ui/as-call";
import { Confirm, useChange } from "../ui/confirm";
import { changed, Edited, useDraft, useKept } from "../ui/edited";
import { csv, download, timed } from "../ui/files";
import { lists as words } from "../words/kept";
import { ids } from "./lists";
import { called, email, lastVisit } from "./person-name";

const PAGE = 50;
const MEMBERS = "members";

type Member = Schemas["ListMember"];

export default function One() {
  const { id = "" } = useParams();
  const asked = useAsked([LISTS, id], (signal) => held(api.GET("/api/lists/{id}", { params: { path: { id } }, signal })));
  return <Shown asked={asked} gone={<Gone id={id} title={words.gone} hint={words.goneHint} />}>{(list) => <Known list={list} />}</Shown>;
}

function Known({ list }: { list: List }) {
  const me = useSession();
  const [open, setOpen] = useKept<"change" | "add" | "remove" | null>(`/lists/${list.id} window`, () => null);
  const go = useGo();
  const close = () => setOpen(null);
  const mayChange = list.owner === me?.email || Boolean(me?.roles.includes("admin"));
  const remove = async () => {
    await held(api.DELETE("/api/lists/{id}", { params: { path: { id: list.id } } }));
    go({ to: "/lists" });
  };
  const actions = mayChange && (
    <div className={css.row}>
      <Button kind="main" onClick={() => setOpen("add")}>{words.addIds}</Button>
      <Button onClick={() => setOpen("change")}>{words.change}</Button>
      <Button kind="danger" onClick={() => setOpen("remove")}>{words.remove}</Button>
    </div>
  );
  return (
    <Page title={list.name} about={[words.count(list.people), list.owner, list.note].filter(Boolean).join(" · ")} actions={actions}>
      <Members list={list} mayChange={mayChange} />
      {open === "add" && <Add id={list.id} onClose={close} />}
      {open === "change" && <Change list={list} onClose={close} />}
      {open === "remove" && <Confirm title={words.removeTitle} text={words.removeText} act={words.remove} keys={[LISTS]} exact onConfirm={remove} onClose={close} />}
    </Page>
  );
}

function Members({ list, mayChange }: { list: List; mayChange: boolean }) {
  const zone = useZone();
  const path = { id: list.id };
  const asked = useInfiniteQuery({
    queryKey: [MEMBERS, list.id],
    queryFn: ({ pageParam, signal }) => held(api.GET("/api/lists/{id}/members", { params: { path, query: { limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) } }, signal })),
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const off = useChange((id: string) => held(api.DELETE("/api/lists/{id}/members/{profile}", { params: { path: { ...path, profile: id } } })), [MEMBERS, LISTS]);
  if (asked.error) return <Problem error={asked.error} again={() => void asked.refetch()} />;
  if (!asked.data) return <Loading />;
  const rows: Member[] = asked.data.pages.flatMap((page) => page.result);
  const cells = ({ id, added, profile }: Member) => [called(profile), id, email(profile), shown(added, zone, "minute"), lastVisit(profile, zone)];
  const heads = [words.person, words.email, words.added, words.last, ...(mayChange ? [words.actions] : [])];
  const save = () => download(`${list.name}.csv`, csv([timed([words.person, "id", words.email, words.added, words.last], [3, 4], zone), ...rows.map(cells)]));
  return (
    <Card title={words.members} flush actions={<Button onClick={save}>{words.csv}</Button>} foot={<><span>{zone}</span><AsCall path={`/api/lists/${list.id}/members`} /></>}>
      {off.error && <Problem error={off.error} />}
      {rows.length === 0 ? <Empty title={words.nobody}>{words.nobodyHint}</Empty> : (
        <Table label={words.members} heads={heads}>
          {rows.map((member) => (
            <tr key={member.id}>
              <td><Link to="/people/$id" params={{ id: member.id }}>{called(member.profile)}</Link></td>
              <td>{email(member.profile) || "–"}</td>
              <td className={css.time}>{shown(member.added, zone, "minute")}</td>
              <td className={css.time}>{lastVisit(member.profile, zone) || "–"}</td>
              {mayChange && <td><Button aria-label={words.takeOffNamed(called(member.profile))} disabled={off.isPending} onClick={() => off.mutate(member.id)}>{words.takeOff}</Button></td>}
            </tr>
          ))}
        </Table>
      )}
      {asked.hasNextPage && <div className={css.state}><Button onClick={() => void asked.fetchNextPage()} disabled={asked.isFetchingNextPage}>{words.more}</Button></div>}
    </Card>
  );
}

function Add({ id, onClose }: { id: string; onClose: () => void }) {
  const [typed, setTyped] = useKept(`/lists/${id} people`, () => "");
  const [done, setDone] = useState<Schemas["ListAnswer"] | null>(null);
  const add = useChange(async () => setDone(await held(api.POST("/api/lists/{id}/members", { params: { path: { id } }, body: { profiles: ids(typed) } }))), [MEMBERS, LISTS]);
  return (
    <Dialog title={words.addIds} onClose={onClose}>
      <form className={css.stack} onSubmit={(event) => (event.preventDefault(), add.mutate(undefined))}>
        <Area label={words.ids} hint={words.idsHint} rows={5} required value={typed} onChange={(event) => setTyped(event.target.value)} />
        {add.error && <Problem error={add.error} />}
        {done && <p role="status">{words.result(done.added, done.unknown)}</p>}
        <div className={css.dialogFoot}><Button kind="main" type="submit" disabled={add.isPending}>{words.addAct}</Button></div>
      </form>
    </Dialog>
  );
}

function Change({ list, onClose }: { list: List; onClose: () => void }) {
  const read = (signal: AbortSignal) => whole(api.GET("/api/lists/{id}", { params: { path: { id: list.id } }, signal }));
  return <Dialog title={list.name} onClose={onClose}><Edited read={read}>{(reading) => <Form reading={reading} onClose={onClose} />}</Edited></Dialog>;
}

const begin = (list: List | undefined) => ({ name: list?.name ?? "", note: list?.note ?? "" });

function Form({ reading, onClose }: { reading: Reading<List>; onClose: () => void }) {
  const { id } = reading.document;
  const { draft, base, setDraft } = useDraft(`/lists/${id}`, reading, begin);
  const save = useChange(() => held(api.POST("/api/lists/{id}", { params: { path: { id } }, body: changed(begin(base), draft) })), [LISTS], onClose);
  return (
    <form className={css.stack} onSubmit={(event) => (event.preventDefault(), save.mutate(undefined))}>
      <Field label={words.name} required autoFocus maxLength={200} value={draft.name} onChange={(event) => setDraft({ ...draft, name: event.target.value })} />
      <Area label={words.note} rows={3} value={draft.note} onChange={(event) => setDraft({ ...draft, note: event.target.value })} />
      {save.error && <Problem error={save.error} />}
      <div className={css.dialogFoot}><Button kind="main" type="submit" disabled={save.isPending}>{words.save}</Button></div>
    </form>
  );
}
