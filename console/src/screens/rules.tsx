// The kinds of rules for events, in the order in which a payload passes them.

import { Link } from "../app/router";
import { type Kind } from "../rules/kind";
import { OF_EVENTS } from "../rules/kinds";
import { useRules } from "../rules/asked";
import { Badge, Card, css, Page } from "../ui/basics";
import { Shown } from "../ui/asked";
import { rules as words } from "../words/rules";

export default function Rules() {
  return (
    <Page title={words.title} about={words.about}>
      <ol className={css.grid}>{OF_EVENTS.map((kind) => <li key={kind.name} className={css.whole}><One kind={kind} /></li>)}</ol>
    </Page>
  );
}

function One({ kind }: { kind: Kind }) {
  const asked = useRules(kind);
  return (
    <Card title={kind.title} actions={<Link className={css.button} to={kind.path}>{words.open}<span className="hidden"> {kind.title}</span></Link>}>
      <div className={css.stack}>
        <p className={css.quiet}>{kind.about}</p>
        <Shown asked={asked}>
          {(all) => <span className={css.badges}><Badge>{words.count(all.length)}</Badge><Badge {...(all.some((one) => one.enabled) ? { tone: "good" } : {})}>{words.on(all.filter((one) => one.enabled).length)}</Badge></span>}
        </Shown>
      </div>
    </Card>
  );
}

/** Leads from one kind to the others. */
export function KindTabs() {
  return <nav className={css.tabs} aria-label={words.kinds}>{OF_EVENTS.map((kind) => <Link key={kind.name} to={kind.path}>{kind.title}</Link>)}</nav>;
}
