// Takes a merger back: both as they were are shown first, and what it came to is told after.

import { useState } from "react";

import { api, held, type Schemas } from "../api/client";
import { useZone } from "../app/place";
import { Link } from "../app/router";
import { Button, Card, css, Dialog, number, Problem } from "../ui/basics";
import { Shown, useAsked } from "../ui/asked";
import { useChange } from "../ui/confirm";
import { identity as words } from "../words/person";
import { type Merge, Why } from "./person-identity";
import { called, email, lastVisit, visits } from "./person-name";

type Profile = Schemas["ProfileDocument"];

export function TakeBack({ merge, onClose }: { merge: Merge; onClose: () => void }) {
  const path = { id: merge.id };
  const asked = useAsked(["merge", merge.id], (signal) => held(api.GET("/api/merges/{id}", { params: { path }, signal })));
  const [done, setDone] = useState<Schemas["TakenApart"] | null>(null);
  const undo = useChange(async () => setDone(await held(api.POST("/api/merges/{id}/undo", { params: { path } }))), []);
  // What is behind the window asks anew when it closes: it may be somebody else by then.
  const close = useChange(async () => undefined, ["identity", "profile", "timeline", "consents", "lists-of"], onClose);
  const end = () => (done ? close.mutate(undefined as never) : onClose());
  return (
    <Dialog title={words.undoTitle} wide onClose={end}>
      {done ? <Done done={done} /> : (
        <Shown asked={asked}>
          {({ winner, loser }) => (
            <>
              <p>{words.undoText}</p>
              <Why merge={merge} />
              <div className={css.grid}><Before title={words.livedOn} profile={winner} /><Before title={words.ended} profile={loser} /></div>
              {undo.error && <Problem error={undo.error} />}
              <div className={css.dialogFoot}>
                <Button onClick={onClose}>{words.cancel}</Button>
                <Button kind="danger" disabled={undo.isPending} onClick={() => undo.mutate(undefined as never)}>{undo.isPending ? words.undoing : words.undo}</Button>
              </div>
            </>
          )}
        </Shown>
      )}
    </Dialog>
  );
}

/** Somebody as they were before the merger. */
function Before({ title, profile }: { title: string; profile: Profile }) {
  const zone = useZone();
  return (
    <Card title={title}>
      <dl className={css.pairs}>
        <dt>{words.name}</dt><dd>{called(profile)}</dd>
        <dt>{words.id}</dt><dd className={css.mono}>{profile.id}</dd>
        <dt>{words.email}</dt><dd>{email(profile) || "–"}</dd>
        <dt>{words.visits}</dt><dd>{number(visits(profile).count)}</dd>
        <dt>{words.last}</dt><dd>{lastVisit(profile, zone) || "–"}</dd>
      </dl>
    </Card>
  );
}

function Done({ done }: { done: Schemas["TakenApart"] }) {
  return (
    <>
      <p role="status">{words.isUndone(done.people.length)}</p>
      <ul className={css.stack}>{done.people.map((id) => <li key={id}><Link className={css.mono} to="/people/$id" params={{ id }}>{id}</Link></li>)}</ul>
      <p>{words.toldApart(done.events)}</p>
      {done.untold.length > 0 && <div className={css.note}><strong>{words.untold}</strong><ul>{done.untold.map((place) => <li key={place} className={css.mono}>{place}</li>)}</ul></div>}
    </>
  );
}
