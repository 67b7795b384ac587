// Links that record an event and lead on.

import { useSearch } from "../app/router";
import { type FormEvent, useState } from "react";

import { api, held, type Schemas } from "../api/client";
import { parse } from "../api/json";
import { useMove } from "../app/place";
import { isNest } from "../questions/places";
import { Area, Button, Card, Code, css, Dialog, Empty, Field, json, Page, Problem, Select, Table } from "../ui/basics";
import { Shown, useAsked } from "../ui/asked";
import { Confirm, useChange } from "../ui/confirm";
import { redirects as words } from "../words/screens";
import { useSources } from "./snippet";

type Redirect = Schemas["RedirectDocument"];

const NEW = "new";
const address = (id: string) => `${location.origin}/redirect/${encodeURIComponent(id)}`;

export default function Redirects() {
  const asked = useAsked(["redirects"], async (signal) => (await held(api.GET("/event-redirect", { signal }))).result);
  const { edit } = useSearch<{ edit?: string }>();
  const move = useMove();
  const close = () => move({ edit: undefined });
  return (
    <Page title={words.title} about={words.about} actions={<Button kind="main" onClick={() => move({ edit: NEW })}>{words.add}</Button>}>
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
            {edit === NEW && <RedirectForm onClose={close} />}
            {all.filter((one) => one.id === edit).map((one) => <Edit key={one.id} redirect={one} onClose={close} />)}
          </Card>
        )}
      </Shown>
    </Page>
  );
}

function Edit({ redirect, onClose }: { redirect: Redirect; onClose: () => void }) {
  const [removing, setRemoving] = useState(false);
  const remove = () => held(api.DELETE("/event-redirect/{id}", { params: { path: { id: redirect.id } } }));
  if (removing) return <Confirm title={words.removeTitle} text={words.removeText} act={words.remove} keys={["redirects"]} onConfirm={remove} onClose={onClose} />;
  return <RedirectForm redirect={redirect} onClose={onClose} onRemove={() => setRemoving(true)} />;
}

function RedirectForm({ redirect, onClose, onRemove }: { redirect?: Redirect; onClose: () => void; onRemove?: () => void }) {
  const sources = useSources().data?.value.filter((source) => source.type.includes("redirect"));
  const [typed, setTyped] = useState({ name: redirect?.name ?? "", url: redirect?.url ?? "", event_type: redirect?.event_type ?? "", source: redirect?.source.id ?? "", props: json(redirect?.props ?? {}) });
  const text = (name: keyof typeof typed) => ({ value: typed[name], onChange: (event: { target: { value: string } }) => setTyped({ ...typed, [name]: event.target.value }) });
  const source = typed.source || (sources?.[0]?.id ?? "");
  const save = useChange(async () => {
    const props = parsed(typed.props);
    const kept = redirect ? { id: redirect.id, description: redirect.description, tags: redirect.tags, status: redirect.status } : {};
    return held(api.POST("/event-redirect", { body: { ...kept, ...typed, props, source: { id: source } } as never }));
  }, ["redirects"], onClose);
  return (
    <Dialog title={words.title2} onClose={onClose}>
      {sources?.length === 0 ? <Empty title={words.noSource} /> : (
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
      )}
    </Dialog>
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
