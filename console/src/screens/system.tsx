// What the server says about itself.

import { useState } from "react";

import { api, held } from "../api/client";
import { metrics } from "../api/counted";
import type { Metrics } from "../api/metrics";
import { Badge, Card, Code, css, Empty, Field, number, Page, Stat, Table } from "../ui/basics";
import { Shown, useAsked } from "../ui/asked";
import { system as words } from "../words/screens";
import { Erasures, Jobs, kilo, Machine, Nodes } from "./system-parts";

const EVERY_MS = 5000;
const HALF = 0.5;
const MOST = 0.99;

export default function System() {
  const health = useAsked(["system-health"], async (signal) => (await api.GET("/health", { signal })).data, { refetchInterval: EVERY_MS });
  const said = useAsked(["metrics"], metrics, { refetchInterval: EVERY_MS });
  const told = useAsked(["system"], (signal) => held(api.GET("/api/system", { signal })), { refetchInterval: EVERY_MS });
  const isWell = health.data?.value?.status === "ok";
  return (
    <Page title={words.title} about={`${words.about} ${words.node}`} actions={<div className={css.badges}>{health.data && <Badge tone={isWell ? "good" : "bad"}>{isWell ? words.well : words.unwell}</Badge>}{health.data?.value && <Badge>{words.version} {health.data.value.version}</Badge>}</div>}>
      <Shown asked={told}>{(system) => <Machine system={system} />}</Shown>
      <Shown asked={said}>{(all) => <div className={css.page}><Figures all={all} /><Refusals all={all} /><Times all={all} /></div>}</Shown>
      <Shown asked={told}>{(system) => <div className={css.page}><Nodes system={system} /><Erasures system={system} /></div>}</Shown>
      <Shown asked={said}>{(all) => <div className={css.page}><Jobs all={all} /><Backups /><All all={all} /></div>}</Shown>
    </Page>
  );
}

/** Backups are made beside the server, so that one is there when the server is not. */
function Backups() {
  return <Card title={words.backups}><div className={css.stack}><p>{words.backupsText}</p><Code label={words.backups} text="kith backup /path/to/backup" /></div></Card>;
}

function Figures({ all }: { all: Metrics }) {
  const of = (name: string) => number(all.sum(name));
  return (
    <>
      <Card title={words.tail} flush>
        <dl className={css.stats}>
          <Stat name={words.kept} value={number(all.sum("kith_outcomes_total", { outcome: "kept" }))} note={words.payloads} />
          <Stat name={words.tailEvents} value={of("kith_tail_events")} />
          <Stat name={words.queue} value={of("kith_queue_payloads")} />
          <Stat name={words.held} value={of("kith_held_back_sessions")} />
          <Stat name={words.storage} value={<Badge tone={all.sum("kith_storage_up") ? "good" : "bad"}>{all.sum("kith_storage_up") ? words.up : words.down}</Badge>} />
        </dl>
      </Card>
      <Card title={words.lake} flush>
        <dl className={css.stats}>
          <Stat name={words.files} value={of("kith_lake_files")} />
          <Stat name={words.bytes} value={kilo(all.sum("kith_lake_bytes"))} />
          <Stat name={words.flushed} value={of("kith_events_flushed_total")} />
          <Stat name={words.compacted} value={of("kith_files_compacted_total")} />
          <Stat name={words.expired} value={of("kith_events_expired_total")} />
        </dl>
      </Card>
    </>
  );
}

function Refusals({ all }: { all: Metrics }) {
  const rows = all.named("kith_outcomes_total").filter(({ labels, value }) => labels.outcome !== "kept" && value > 0);
  return (
    <Card title={words.refusals} flush>
      {rows.length === 0 ? <Empty title={words.none} /> : (
        <Table label={words.refusals} heads={[words.outcome, words.reason, words.many]} numbers={[2]}>
          {rows.sort((a, b) => b.value - a.value).map(({ labels, value }) => (
            <tr key={`${labels.outcome}${labels.reason}`}><td><Badge tone={labels.outcome === "failed" ? "bad" : "warn"}>{labels.outcome}</Badge></td><td className={css.mono}>{labels.reason}</td><td className={css.number}>{number(value)}</td></tr>
          ))}
        </Table>
      )}
    </Card>
  );
}

function Times({ all }: { all: Metrics }) {
  const measured = [["kith_track_seconds", words.track], ["kith_round_fold_seconds", words.fold], ["kith_round_commit_seconds", words.commit], ["kith_flush_seconds", words.flush]] as const;
  const below = (seconds: number | null) => (seconds === null ? "–" : `≤ ${Math.round(seconds * 10_000) / 10} ms`);
  return (
    <Card title={words.speed} flush>
      <Table label={words.speed} heads={[words.metric, words.median, words.most, words.measured]} numbers={[1, 2, 3]}>
        {measured.map(([name, title]) => (
          <tr key={name}><td>{title}</td><td className={css.number}>{below(all.quantile(name, HALF))}</td><td className={css.number}>{below(all.quantile(name, MOST))}</td><td className={css.number}>{number(all.sum(`${name}_count`))}</td></tr>
        ))}
      </Table>
    </Card>
  );
}

function All({ all }: { all: Metrics }) {
  const [text, setText] = useState("");
  const rows = all.samples.filter(({ name }) => !name.endsWith("_bucket") && name.includes(text.trim())).sort((a, b) => a.name.localeCompare(b.name));
  const labels = (of: Record<string, string>) => Object.entries(of).map(([name, value]) => `${name}=${value}`).join(" ");
  return (
    <Card title={words.all} flush>
      <div className={css.cardBody}><Field label={words.find} value={text} onChange={(event) => setText(event.target.value)} /></div>
      <Table label={words.all} heads={[words.metric, words.labels, words.value]} numbers={[2]}>
        {rows.map((sample) => <tr key={`${sample.name}${labels(sample.labels)}`}><td className={css.mono}>{sample.name}</td><td className={css.mono}>{labels(sample.labels)}</td><td className={css.number}>{Number.isInteger(sample.value) ? number(sample.value) : sample.value.toPrecision(4)}</td></tr>)}
      </Table>
    </Card>
  );
}
