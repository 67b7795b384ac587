// One event that is kept apart: it is mended, and let in as if it had come now.

import { useState } from "react";

import { api, held, type Schemas } from "../api/client";
import { useZone } from "../app/place";
import type { Document } from "../questions/places";
import { shown } from "../time/zone";
import { Badge, Button, Code, css, Dialog, Field, json, Problem } from "../ui/basics";
import { Confirm, useChange } from "../ui/confirm";
import { useKept } from "../ui/edited";
import { JsonArea } from "../ui/json-area";
import { held as words } from "../words/rules";
import { PersonLink } from "./event";
import type { Held } from "./held";

const KEYS = ["held", "events"];

export function Mend({ event, onClose }: { event: Held; onClose: () => void }) {
  const zone = useZone();
  const at = `/held/${event.key}`;
  const [{ type, properties }, setTyped] = useKept(at, () => ({ type: event.type, properties: event.properties as Document }));
  const [told, setTold] = useState<Schemas["LetIn"] | null>(null);
  const [isRemoving, setRemoving] = useState(false);
  const path = { key: event.key };
  const body = { type, properties: properties as Record<string, never> };
  const letIn = useChange(async () => setTold(await held(api.POST("/api/held-events/{key}/release", { params: { path }, body }))), KEYS);
  const isKept = told?.warnings.some(({ code }) => code === "event_repeated") ?? false;
  if (isRemoving) return <Confirm title={words.removeTitle} text={words.removeText} act={words.remove} keys={KEYS} onConfirm={() => held(api.DELETE("/api/held-events/{key}", { params: { path } }))} onClose={onClose} />;
  return (
    <Dialog wide title={event.type} onClose={onClose}>
      {told?.released || isKept ? <p role="status">{isKept ? words.isKept : words.released}</p> : (
        <form className={css.stack} onSubmit={(sent) => (sent.preventDefault(), letIn.mutate(undefined))}>
          <dl className={css.pairs}>
            <dt>{words.when}</dt><dd>{shown(event.time, zone)} <span className={css.quiet}>{zone}</span></dd>
            <dt>{words.received}</dt><dd>{shown(event.received, zone)}</dd>
            <dt>{words.source}</dt><dd>{event.source}</dd>
            <dt>{words.person}</dt><dd><PersonLink id={event.profile} /></dd>
          </dl>
          <Faults event={event} told={told} />
          <Field label={words.type} required value={type} onChange={(change) => setTyped({ type: change.target.value, properties })} />
          <JsonArea at={`${at} properties`} label={words.properties} value={properties} onChange={(properties: Document) => setTyped({ type, properties })} />
          <details><summary>{words.context}</summary><Code label={words.context} text={json(event.context)} /></details>
          {letIn.error && <Problem error={letIn.error} />}
          <div className={css.dialogFoot}>
            <Button kind="danger" onClick={() => setRemoving(true)}>{words.remove}</Button>
            <Button kind="main" type="submit" disabled={letIn.isPending}>{words.letIn}</Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}

/** What was wrong with it, and what still is. */
function Faults({ event, told }: { event: Held; told: Schemas["LetIn"] | null }) {
  if (told) {
    return (
      <div className={css.problem} role="alert">
        <strong>{words.still}</strong>
        {told.warnings.map(({ code, message }, at) => <span key={at}><Badge tone="warn">{code}</Badge> {message}</span>)}
      </div>
    );
  }
  return (
    <div className={css.problem}>
      <strong>{words.faults}</strong>
      {event.faults.map(({ place, wanted }) => <span key={`${place} ${wanted}`}><code>{place}</code> {wanted}</span>)}
    </div>
  );
}
