// From nothing to the first event: a source, its snippet, and the event as it arrives.

import { Link } from "../app/router";
import { useEffect, useState } from "react";

import { useMayConfigure } from "../app/using";
import { type Row, Tail } from "../live/stream";
import { Badge, Card, Code, css, Empty, Page, Select } from "../ui/basics";
import { Shown } from "../ui/asked";
import { sources as sourceWords, welcome as words } from "../words/screens";
import { forPage, forShell, useSources } from "./snippet";
import { TestEvent } from "./sources";

export default function Welcome() {
  // Who sets nothing up sees no sources, and waits for what others send.
  return useMayConfigure() ? <Steps /> : <Page title={words.title} about={words.notYours}><Card title={words.three}><Arrival /></Card></Page>;
}

function Steps() {
  const sources = useSources();
  const [chosen, setChosen] = useState("");
  return (
    <Page title={words.title} about={words.about}>
      <Shown asked={sources}>
        {(all) => {
          const fit = all.filter((source) => source.enabled && source.type.includes("rest"));
          const source = chosen || fit[0]?.id;
          if (!source) return <Card><Empty title={words.noSource}><Link className={css.button} to="/sources" search={{ add: "yes" }}>{words.make}</Link></Empty></Card>;
          return (
            <div className={css.page}>
              <Card title={`1. ${words.one}`}>
                <div className={css.stack}><p>{words.oneText}</p><Select label={words.choose} options={fit.map((one) => [one.id, `${one.name} (${one.id})`] as const)} value={source} onChange={(event) => setChosen(event.target.value)} /></div>
              </Card>
              <Card title={`2. ${words.two}`}>
                <div className={css.stack}>
                  <p>{words.twoText}</p>
                  <h3>{sourceWords.page}</h3><Code label={sourceWords.page} text={forPage(source)} />
                  <h3>{sourceWords.shell}</h3><Code label={sourceWords.shell} text={forShell(source)} />
                  <TestEvent source={source} />
                </div>
              </Card>
              <Card title={`3. ${words.three}`}><Arrival /></Card>
            </div>
          );
        }}
      </Shown>
    </Page>
  );
}

/** Turns green by itself. */
function Arrival() {
  const [first, setFirst] = useState<Row | null>(null);
  useEffect(() => {
    const tail = new Tail("?only=kept", ({ rows }) => setFirst((known) => known ?? rows.at(-1) ?? null), () => undefined);
    return () => tail.stop();
  }, []);
  const event = first && "kept" in first ? first.kept : null;
  if (!event) return <p role="status">{words.waiting}</p>;
  return (
    <div className={css.stack} role="status">
      <div className={css.badges}><Badge tone="good">✓ {words.arrived}</Badge><Badge>{event.type}</Badge></div>
      <div className={css.row}>
        <Link className={css.button} data-kind="main" to="/">{words.next}</Link>
        {event.profile && <Link className={css.button} to="/people/$id" params={{ id: event.profile.id }}>{words.person}</Link>}
      </div>
    </div>
  );
}
