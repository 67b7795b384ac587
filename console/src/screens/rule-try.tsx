// What a rule would do to a payload: the events by the rules of now and with it, and what of the profile would change.

import { useEffect, useState } from "react";

import { api, held, raw, type Schemas } from "../api/client";
import { answered, write } from "../api/json";
import type { Document } from "../questions/places";
import { Button, Card, Check, css, Problem } from "../ui/basics";
import { AsCall } from "../ui/as-call";
import { useChange } from "../ui/confirm";
import { useKept } from "../ui/edited";
import { isRefused, JsonArea } from "../ui/json-area";
import { trying as words } from "../words/rules";
import { type Kind, named } from "../rules/kind";
import { Tried } from "./rule-tried";
import { useSources } from "./snippet";

type Answer = Schemas["Tried"];
type Typed = { /** None: one that fits the rule. */ payload: Document | null; taken: number; consents: Document | null };

const begin = (source: string, type: string): Document => ({ source: { id: source }, events: [{ type: type || "page-view", properties: {} }] });

/** The payload that the latest event of a type could have come with; null where there is none. What Kith says itself comes from no source that there is: it is `otherwise`. */
async function latest(type: string, sources: readonly string[], otherwise: string): Promise<Document | null> {
  const { result } = await held(api.GET("/api/events", { params: { query: { ...(type ? { type } : {}), limit: 1 } } }));
  const [event] = result;
  if (!event) return null;
  const person: Document = event.profile?.id ? { profile: { id: event.profile.id } } : {};
  const visit: Document = event.session?.id ? { session: { id: event.session.id } } : {};
  const source = sources.find((id) => id === event.source?.id) ?? otherwise;
  return { source: { id: source }, ...person, ...visit, events: [{ type: event.type, properties: event.properties as Document, context: event.context as Document }] };
}

const attempt = async (body: Document) => (await answered(await raw("/api/rules/try", { method: "POST", body: write(body) }))) as Answer;

export function Try({ kind, draft }: { kind: Kind; draft: Document }) {
  const sources = useSources().data?.value;
  const type = kind.typeOf?.(draft) ?? "";
  const source = named(draft.event_source) || (kind.name === "tracking-plans" && named(draft.id)) || sources?.find((one) => one.enabled && one.type.includes("rest"))?.id || "";
  const at = `${kind.path}/${named(draft.id)} payload`;
  // Another text area for another payload that is taken: what is typed in one stays in it.
  const [{ payload, taken, consents }, setTyped] = useKept<Typed>(at, () => ({ payload: null, taken: 0, consents: null }));
  const change = (typed: Partial<Typed>) => setTyped((before) => ({ ...before, ...typed }));
  const [answers, setAnswers] = useState<{ now: Answer; then: Answer } | null>(null);
  const used = payload ?? begin(source, type);
  const now: Document = { payload: used, ...(consents ? { consents } : {}) };
  const then: Document = { ...now, rules: { [kind.tried ?? ""]: [draft] } };
  const take = useChange(async () => {
    const found = await latest(type, sources?.map(({ id }) => id) ?? [], source);
    if (!found) throw new Error(words.noneSeen);
    change({ payload: found, taken: taken + 1 });
  }, []);
  const run = useChange(async () => setAnswers({ now: await attempt(now), then: await attempt(then) }), []);
  // What the rule's form has not taken would be tried as it was before.
  const begun = () => (isRefused(document.querySelector("main")) ? setAnswers(null) : run.mutate(undefined));
  // An answer is of the rule and the payload that were tried, and not of what is no payload yet.
  const asked = write(then);
  useEffect(() => setAnswers(null), [asked]);
  return (
    <Card title={words.title} foot={<AsCall path="/api/rules/try" body={then} />}>
      <form className={css.stack} onChange={() => setAnswers(null)} onSubmit={(event) => (event.preventDefault(), begun())}>
        <p className={css.quiet}>{words.about}</p>
        {sources && <JsonArea key={`${taken} ${payload ? "" : `${source} ${type}`}`} at={`${at} text`} label={words.payload} value={used} rows={12} onChange={(payload: Document) => change({ payload })} />}
        <div><Check checked={consents !== null} onChange={(event) => change({ consents: event.target.checked ? {} : null })}>{words.assume}</Check></div>
        {consents && <JsonArea at={`${at} consents`} label={words.consents} hint={words.consentsHint} value={consents} rows={3} onChange={(consents: Document) => change({ consents })} />}
        {(take.error ?? run.error) && <Problem error={take.error ?? run.error} />}
        <div className={css.row}>
          <Button kind="main" type="submit" disabled={run.isPending}>{words.run}</Button>
          <Button disabled={take.isPending} onClick={() => take.mutate(undefined)}>{words.take}</Button>
        </div>
        {answers && <Tried {...answers} />}
      </form>
    </Card>
  );
}
