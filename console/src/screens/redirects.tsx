// Links that record an event and lead on.

import { useSearch } from "../app/router";
import { type FormEvent, useState } from "react";

import { api, held, type Reading, type Schemas, whole } from "../api/client";
import { parse } from "../api/json";
import { basedOn } from "../api/tags";
import { useMove } from "../app/place";
import { isNest } from "../questions/places";
import { Area, Button, Card, Code, css, Dialog, Empty, Field, json, Page, Problem, Select, Table } from "../ui/basics";
import { Shown, useAsked } from "../ui/asked";
import { Confirm, useChange } from "../ui/confirm";
import { Edited, useDraft } from "../ui/edited";
import { redirects as words } from "../words/screens";
import { useSources } from "./snippet";

type Redirect = Schemas["RedirectDocument"];

const address = (id: string) => `${location.origin}/redirect/${encodeURIComponent(id)}`;

export default function Redirects() {
  const asked = useAsked(["redirects"], async (signal) => (await held(api.GET("/event-redirect", { signal }))).result);
  const { add, edit } = useSearch<{ add?: string; edit?: string }>();
  const move = useMove();
  const close = () => move({ add: undefined, edit: undefined });
  return (
    <Page title={words.title} about={words.about} actions={<Button kind="main" onClick={() => move({ add: "yes" })}>{words.add}</Button>}>
      <Shown asked={asked}>
        {(all) => (
          <Card flush title={words.title}>
            {all.length === 0 ? <Empty title={words.none}>{words.noneHint}</Empty> : (
              <Table label={words.title} heads={[words.name, words.url, words.event, words.source, words.address]}>
                {all.map((one) => (
                  <tr key={one.id}>
                    <td><Button kind="plain" onClick={() => move({ edit: one.id })}>{one.name}</Button></td>
                    <td>{one.url}</td><td>{one.event_type}</td><td>{one.source.id}</td><td className={css.mono}>{address(one.id)}</td>
                  </tr>
                ))}
              </Table>
            )}
            {add && <Dialog title={words.title2} onClose={close}><RedirectForm onClose={close} /></Dialog>}
            {all.filter((one) => one.id === edit).map((one) => <Edit key={one.id} id={one.id} onClose={close} />)}
          </Card>
        )}
      </Shown>
    </Page>
  );
}

function Edit({ id, onClose }: { id: string; onClose: () => void }) {
  const [removing, setRemoving] = useState(false);
  const params = { path: { id } };
  const read = (signal: AbortSignal) => whole(api.GET("/event-redirect/{id}", { params, signal }));
  const remove = () => held(api.DELETE("/event-redirect/{id}", { params }));
  if (removing) return <Confirm title={words.removeTitle} text={words.removeText} act={words.remove} keys={["redirects"]} onConfirm={remove} onClose={onClose} />;
  return <Dialog title={words.title2} onClose={onClose}><Edited read={read}>{(reading) => <RedirectForm reading={reading} onClose={onClose} onRemove={() => setRemoving(true)} />}</Edited></Dialog>;
}

function RedirectForm({ reading, onClose, onRemove }: { reading?: Reading<Redirect>; onClose: () => void; onRemove?: () => void }) {
  const sources = useSources().data?.value.filter((source) => source.type.includes("redirect"));
  const redirect = reading?.document;
  const { draft: typed, tag, setDraft: setTyped } = useDraft(`/redirects/${redirect?.id ?? ""}`, reading, (was) => ({ name: was?.name ?? "", url: was?.url ?? "", event_type: was?.event_type ?? "", source: was?.source.id ?? "", props: json(was?.props ?? {}) }));
  const text = (name: keyof typeof typed) => ({ value: typed[name], onChange: (event: { target: { value: string } }) => setTyped({ ...typed, [name]: event.target.value }) });
  const source = typed.source || (sources?.[0]?.id ?? "");
  const save = useChange(async () => {
    const props = parsed(typed.props);
    const { timestamp: _, ...kept } = redirect ?? {};
    return held(api.POST("/event-redirect", { body: { ...kept, ...typed, props, source: { id: source } } as never, headers: basedOn(tag) }));
  }, ["redirects"], onClose);
  if (sources?.length === 0) return <Empty title={words.noSource} />;
  return (
    <form className={css.stack} onSubmit={(event: FormEvent) => (event.preventDefault(), save.mutate(undefined))}>
      {redirect && <Code label={words.address} text={address(redirect.id)} />}
      <Field label={words.name} required autoFocus {...text("name")} />
      <Field label={words.url} type="url" required placeholder="https://shop.example/" {...text("url")} />
      <Field label={words.event} required placeholder="link-followed" {...text("event_type")} />
      <Select label={words.source} options={(sources ?? []).map((one) => [one.id, one.name] as const)} {...text("source")} value={source} />
      <Area label={words.props} hint={words.propsHint} {...text("props")} />
      {save.error && <Problem error={save.error} />}
      <div className={css.dialogFoot}>
        {onRemove && <Button kind="danger" onClick={onRemove}>{words.remove}</Button>}
        <Button kind="main" type="submit" disabled={save.isPending}>{words.save}</Button>
      </div>
    </form>
  );
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value = parse(text || "{}");
    if (isNest(value) && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new Error(words.badJson);
}
