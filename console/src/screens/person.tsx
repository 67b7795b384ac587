// One person: what they did by session, and where each trait comes from.

import { useState } from "react";

import { api, held, raw, type Schemas } from "../api/client";
import { useMove, useZone } from "../app/place";
import { useParams, useSearch } from "../app/router";
import { useSession } from "../app/using";
import { may } from "../session/session";
import { shown } from "../time/zone";
import { Button, Card, Choice, Code, css, Gone, json, number, Page, Problem, Stat } from "../ui/basics";
import { Shown, useAsked } from "../ui/asked";
import { download } from "../ui/files";
import { PutOnList } from "../ui/put-on-list";
import { person as words } from "../words/screens";
import { standing } from "../words/audiences";
import { Erase } from "./erase";
import { Standings } from "./person-audiences";
import { Consents } from "./person-consents";
import { Identity } from "./person-identity";
import { Lists } from "./person-lists";
import { called, visits } from "./person-name";
import { Timeline } from "./person-timeline";
import { Traits } from "./person-traits";

type Profile = Schemas["ProfileDocument"];
type Tab = "timeline" | "traits" | "identity" | "consents" | "audiences" | "lists" | "raw";

export default function Person() {
  const { id = "" } = useParams();
  const asked = useAsked(["profile", id], (signal) => held(api.GET("/profile/{id}", { params: { path: { id } }, signal })));
  return <Shown asked={asked} gone={<Gone id={id} title={words.gone} hint={words.goneHint} />}>{(profile) => <Known profile={profile} />}</Shown>;
}

function Known({ profile }: { profile: Profile }) {
  const { tab = "timeline" } = useSearch<{ tab?: Tab }>();
  const move = useMove();
  const zone = useZone();
  const { count, last } = visits(profile);
  const tabs = [["timeline", words.timeline], ["traits", words.traits], ["identity", words.identity], ["consents", words.consents], ["audiences", standing.tab], ["lists", words.lists], ["raw", words.raw]] as const;
  return (
    <Page title={called(profile)} about={<span className={css.mono}>{profile.id}</span>} actions={<Actions profile={profile} />}>
      <Card flush>
        <dl className={css.stats}>
          <Stat name={words.seen} value={shown(profile.metadata.time.insert ?? "", zone, "day")} />
          <Stat name={words.last} value={last ? shown(last, zone, "day") : "–"} />
          <Stat name={words.visits} value={number(count)} />
          <Stat name={words.ids} value={number(profile.ids.length)} />
        </dl>
      </Card>
      <Choice label={words.view} value={tab} options={tabs} onChange={(chosen) => move({ tab: chosen === "timeline" ? undefined : chosen })} />
      {tab === "timeline" && <Timeline id={profile.id} />}
      {tab === "traits" && <Traits profile={profile} zone={zone} />}
      {tab === "identity" && <Identity id={profile.id} />}
      {tab === "consents" && <Consents id={profile.id} zone={zone} />}
      {tab === "audiences" && <Standings id={profile.id} />}
      {tab === "lists" && <Lists id={profile.id} />}
      {tab === "raw" && <Card><Code label={words.raw} text={json(profile)} /></Card>}
    </Page>
  );
}

function Actions({ profile }: { profile: Profile }) {
  const roles = useSession()?.roles ?? [];
  const [erasing, setErasing] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const save = async () => download(`${profile.id}.json`, await (await raw(`/api/profiles/${encodeURIComponent(profile.id)}/export`)).blob());
  return (
    <div className={css.row}>
      {problem ? <Problem error={problem} /> : null}
      <PutOnList people={[profile.id]} />
      {may(roles, ["admin", "maintainer"]) && <Button onClick={() => void save().then(() => setProblem(null), setProblem)}>{words.export}</Button>}
      {may(roles, ["admin", "maintainer"]) && <Button kind="danger" onClick={() => setErasing(true)}>{words.erase}</Button>}
      {erasing && <Erase id={profile.id} onClose={() => setErasing(false)} />}
    </div>
  );
}
