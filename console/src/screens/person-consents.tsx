// What a person has agreed to, and every word of it that is kept.

import { api, held, type Schemas } from "../api/client";
import { Link } from "../app/router";
import { shown } from "../time/zone";
import { Badge, Button, Card, css, Empty, Table } from "../ui/basics";
import { Shown, useAsked } from "../ui/asked";
import { AsCall } from "../ui/as-call";
import { csv, download, timed } from "../ui/files";
import { answers } from "../words/en";
import { consents as words } from "../words/person";

type Standing = Schemas["ConsentStanding"];
type Word = Schemas["ConsentWord"];

export function Consents({ id, zone }: { id: string; zone: string }) {
  const asked = useAsked(["consents", id], (signal) => held(api.GET("/api/profiles/{id}/consents", { params: { path: { id } }, signal })));
  return (
    <Shown asked={asked}>
      {(all) => (
        <div className={css.page}>
          <Now rows={all.consents} zone={zone} />
          <History rows={all.history} zone={zone} hidden={all.hidden} id={id} />
        </div>
      )}
    </Shown>
  );
}

function State({ granted, expired = false }: { granted: boolean; expired?: boolean }) {
  if (expired) return <Badge tone="warn">◷ {words.expired}</Badge>;
  return granted ? <Badge tone="good">✓ {words.granted}</Badge> : <Badge tone="bad">✕ {words.denied}</Badge>;
}

const until = (word: Word) => (word.revoke === null || word.revoke === undefined || word.revoke === "" ? "–" : String(word.revoke));

function Now({ rows, zone }: { rows: readonly Standing[]; zone: string }) {
  return (
    <Card flush title={words.now}>
      {rows.length === 0 ? <Empty title={words.none} /> : (
        <Table label={words.now} heads={[words.consent, words.state, words.since, words.until, words.version, words.purposes]}>
          {rows.map(({ consent, granted, expired, word }) => (
            <tr key={consent}>
              <td>{consent}</td><td><State granted={granted} expired={expired} /></td><td className={css.time}>{shown(word.at, zone, "minute")}</td>
              <td>{until(word)}</td><td>{word.version ?? "–"}</td><td className={css.quiet}>{word.purposes.join(", ")}</td>
            </tr>
          ))}
        </Table>
      )}
    </Card>
  );
}

function History({ rows, zone, hidden, id }: { rows: readonly Word[]; zone: string; hidden: number; id: string }) {
  const heads = [words.when, words.consent, words.state, words.until, words.version, words.source, words.event];
  const save = () => download("consents.csv", csv([timed(heads, [0], zone), ...rows.map((word) => [shown(word.at, zone), word.consent ?? words.others, word.granted ? words.granted : words.denied, until(word), word.version, word.source, word.event])]));
  return (
    <Card flush title={words.history} actions={<Button onClick={save}>{answers.csv}</Button>} foot={<><span>{zone}</span>{hidden > 0 && <span>{words.hidden(hidden)}</span>}<AsCall path={`/api/profiles/${encodeURIComponent(id)}/consents`} /></>}>
      {rows.length === 0 ? <Empty title={words.none} /> : (
        <Table label={words.history} heads={heads}>
          {rows.map((word, at) => (
            <tr key={at}>
              <td className={css.time}>{shown(word.at, zone)}</td><td>{word.consent ?? <span className={css.quiet}>{words.others}</span>}</td><td><State granted={word.granted} /></td>
              <td>{until(word)}</td><td>{word.version ?? "–"}</td><td className={css.quiet}>{word.source ?? "–"}</td>
              <td><Link className={css.mono} to="/events" search={{ where: `id = "${word.event}"`, range: "12mo" }}>{word.event.slice(0, 8)}</Link></td>
            </tr>
          ))}
        </Table>
      )}
    </Card>
  );
}
