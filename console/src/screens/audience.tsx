// One audience: who is in it and why, who came and went, what it asks, its versions, and what it is used for.

import { useState } from "react";

import { api, held } from "../api/client";
import { type Audience, AUDIENCES, useAudiences } from "../api/audiences";
import { useMove } from "../app/place";
import { Link, useGo, useParams, useSearch } from "../app/router";
import { useMayConfigure } from "../app/using";
import { Badge, Button, Card, Choice, Code, css, Gone, number, Page, Stat } from "../ui/basics";
import { Shown } from "../ui/asked";
import { AsCall } from "../ui/as-call";
import { Remove } from "../ui/remove";
import { Uses } from "../ui/uses";
import { Versions } from "../ui/versions";
import { audiences as words } from "../words/audiences";
import { EditAudience } from "./audience-form";
import { Members } from "./audience-members";
import { Overlap } from "./audience-overlap";
import { OverTime } from "./audience-time";
import { State } from "./audiences";

type Tab = keyof typeof words.tabs;

export default function One() {
  const { id = "" } = useParams();
  const { edit } = useSearch<{ edit?: string }>();
  return edit ? <EditAudience id={id} /> : <Stored id={id} />;
}

function Stored({ id }: { id: string }) {
  const asked = useAudiences();
  return (
    <Shown asked={asked}>
      {(all) => {
        const audience = all.find((one) => one.id === id);
        return audience ? <Known audience={audience} /> : <Gone id={id} title={words.gone} hint={words.goneHint} />;
      }}
    </Shown>
  );
}

function Known({ audience }: { audience: Audience }) {
  const { id, name, description, members, version, sticky, state, progress, enabled } = audience;
  const [isRemoving, setRemoving] = useState(false);
  const { tab = "members" } = useSearch<{ tab?: Tab }>();
  const move = useMove();
  const mayChange = useMayConfigure();
  const go = useGo();
  const away = async () => {
    await held(api.DELETE("/api/audiences/{id}", { params: { path: { id } } }));
    go({ to: "/audiences" });
  };
  const actions = (
    <div className={css.row}>
      <Link className={css.button} to="/audiences">{words.back}</Link>
      {mayChange && <Button kind="main" onClick={() => move({ edit: "yes" })}>{words.edit}</Button>}
      {mayChange && <Button kind="danger" onClick={() => setRemoving(true)}>{words.remove}</Button>}
    </div>
  );
  return (
    <Page title={name} about={description || <span className={css.mono}>{id}</span>} actions={actions}>
      <Card flush>
        <dl className={css.stats}>
          <Stat name={words.members} value={number(members)} />
          <Stat name={words.state} value={<State audience={audience} />} />
          <Stat name={words.version} value={number(version)} {...(sticky ? { note: <Badge>{words.stickyBadge}</Badge> } : {})} />
        </dl>
      </Card>
      {enabled && state === "warming" && <p role="status" className={css.note}>{words.warmingNote(progress?.people, progress?.of)}</p>}
      <Choice label={words.view} value={tab} options={Object.entries(words.tabs) as [Tab, string][]} onChange={(chosen) => move({ tab: chosen === "members" ? undefined : chosen, behind: undefined })} />
      {tab === "members" && <Members audience={audience} />}
      {tab === "time" && <OverTime audience={audience} />}
      {tab === "overlap" && <Overlap audience={audience} />}
      {tab === "rule" && <Rule audience={audience} />}
      {tab === "versions" && <Versions kind="audience" id={id} />}
      {tab === "uses" && <Uses kind="audiences" id={id} />}
      {isRemoving && <Remove kind="audiences" id={id} name={name} text={words.removeText} keys={[AUDIENCES, "uses"]} onConfirm={away} onClose={() => setRemoving(false)} />}
    </Page>
  );
}

function Rule({ audience: { id, condition, live, state } }: { audience: Audience }) {
  return (
    <Card title={words.condition} foot={<AsCall path={`/api/audiences/${id}`} />}>
      <div className={css.stack}>
        <Code label={words.condition} text={condition} />
        {state === "warming" && (live ? <><p>{words.until}</p><Code label={words.counts} text={live} /></> : <p>{words.untilNone}</p>)}
      </div>
    </Card>
  );
}
