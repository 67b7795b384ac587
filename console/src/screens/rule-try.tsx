// What a rule would do to a payload: the events by the rules of now and with it, and what of the profile would change.

import { useEffect, useState } from "react";

import { api, held, raw, type Schemas } from "../api/client";
import { answered, write } from "../api/json";
import type { Document } from "../questions/places";
import { Button, Card, Check, css, Problem } from "../ui/basics";
import { AsCall } from "../ui/as-call";
import { useChange } from "../ui/confirm";
import { JsonArea } from "../ui/json-area";
import { trying as words } from "../words/rules";
import { type Kind, named } from "../rules/kind";
import { Tried } from "./rule-tried";
import { useSources } from "./snippet";

type Answer = Schemas["Tried"];

const begin = (source: string, type: string): Document => ({ source: { id: source }, events: [{ type: type || "page-view", properties: {} }] });

/** The payload that the latest event of a type could have come with; null where there is none. */
async function latest(type: string): Promise<Document | null> {
  const { result } = await held(api.GET("/api/events", { params: { query: { ...(type ? { type } : {}), limit: 1 } } }));
  const [event] = result;
  if (!event) return null;
  const person: Document = event.profile?.id ? { profile: { id: event.profile.id } } : {};
  return { source: { id: event.source?.id ?? "" }, ...person, events: [{ type: event.type, properties: event.properties as Document }] };
}

const attempt = async (body: Document) => (await answered(await raw("/api/rules/try", { method: "POST", body: write(body) }))) as Answer;

export function Try({ kind, draft }: { kind: Kind; draft: Document }) {
  const sources = useSources().data?.value;
  const type = kind.typeOf?.(draft) ?? "";
  const source = named(draft.event_source) || (kind.name === "tracking-plans" && named(draft.id)) || sources?.find((one) => one.enabled && one.type.includes("rest"))?.id || "";
  const [payload, setPayload] = useState<Document | null>(null);
  // Another text area for another payload: what is typed in one stays in it.
  const [taken, setTaken] = useState(0);
  const [consents, setConsents] = useState<Document | null>(null);
  const [answers, setAnswers] = useState<{ now: Answer; then: Answer } | null>(null);
  const used = payload ?? begin(source, type);
  const now: Document = { payload: used, ...(consents ? { consents } : {}) };
  const then: Document = { ...now, rules: { [kind.tried ?? ""]: [draft] } };
  const take = useChange(async () => {
    const found = await latest(type);
    if (!found) throw new Error(words.noneSeen);
    setPayload(found);
    setTaken(taken + 1);
  }, []);
  const run = useChange(async () => setAnswers({ now: await attempt(now), then: await attempt(then) }), []);
  // An answer is of the rule and the payload that were tried.
  const asked = write(then);
  useEffect(() => setAnswers(null), [asked]);
  return (
    <Card title={words.title} foot={<AsCall path="/api/rules/try" body={then} />}>
      <div className={css.stack}>
        <p className={css.quiet}>{words.about}</p>
        <JsonArea key={`${taken} ${payload ? "" : `${source} ${type}`}`} label={words.payload} value={used} rows={12} onChange={setPayload} />
        <div><Check checked={consents !== null} onChange={(event) => setConsents(event.target.checked ? {} : null)}>{words.assume}</Check></div>
        {consents && <JsonArea label={words.consents} hint={words.consentsHint} value={consents} rows={3} onChange={setConsents} />}
        {(take.error ?? run.error) && <Problem error={take.error ?? run.error} />}
        <div className={css.row}>
          <Button kind="main" disabled={run.isPending} onClick={() => run.mutate(undefined)}>{words.run}</Button>
          <Button disabled={take.isPending} onClick={() => take.mutate(undefined)}>{words.take}</Button>
        </div>
        {answers && <Tried {...answers} />}
      </div>
    </Card>
  );
}
