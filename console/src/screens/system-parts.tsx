// Parts of the system's page: the machine, the servers that run, jobs, erasures.

import type { Schemas } from "../api/client";
import type { Metrics } from "../api/metrics";
import { useZone } from "../app/place";
import { shown } from "../time/zone";
import { Badge, Card, css, Empty, number, Stat, Table } from "../ui/basics";
import { system as words } from "../words/screens";
import { reported } from "./erase";

type System = Schemas["System"];

/** A disk or memory with less than this part left is told of. */
const SCARCE = 0.1;

export const kilo = (bytes: number) => {
  const steps = ["B", "kB", "MB", "GB", "TB"];
  const step = Math.min(steps.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** step).toFixed(step === 0 ? 0 : 1)} ${steps[step]}`;
};

export function Machine({ system }: { system: System }) {
  const { disk, memory, tail, lake } = system;
  return (
    <Card title={words.machine} flush>
      <dl className={css.stats}>
        {disk && <Stat name={words.disk} value={kilo(disk.free_bytes)} note={<Left free={disk.free_bytes} all={disk.bytes} />} />}
        {memory && <Stat name={words.memory} value={kilo(memory.free_bytes)} note={<Left free={memory.free_bytes} all={memory.bytes} />} />}
        {memory && <Stat name={words.process} value={kilo(memory.process_bytes)} note={words.processNote} />}
        <Stat name={words.waits} value={number(tail.events)} note={kilo(tail.bytes)} />
        <Stat name={words.inFiles} value={kilo(lake.bytes)} note={words.filesOf(lake.files, words.places[system.history] ?? system.history)} />
      </dl>
    </Card>
  );
}

function Left({ free, all }: { free: number; all: number }) {
  const part = all === 0 ? 1 : free / all;
  return <>{words.leftOf(`${Math.floor(100 * part)} %`, kilo(all))} {part < SCARCE && <Badge tone="bad">! {words.scarce}</Badge>}</>;
}

export function Nodes({ system }: { system: System }) {
  const zone = useZone();
  return (
    <Card title={words.nodes} flush foot={<><span>{words.databases[system.database] ?? system.database}</span><span>{words.configuration(system.configuration)}</span></>}>
      <Table label={words.nodes} heads={[words.nodeName, words.seen, words.works, words.state]} numbers={[2]}>
        {system.nodes.map((node) => (
          <tr key={node.id}>
            <td className={css.mono}>{node.id} {node.is_this && <Badge tone="accent">{words.thisOne}</Badge>}</td>
            <td className={css.time}>{shown(node.seen, zone)}</td>
            <td className={css.number}>{node.configuration}</td>
            <td>{node.configuration < system.configuration ? <Badge tone="warn">{words.behind}</Badge> : <Badge tone="good">✓ {words.current}</Badge>}</td>
          </tr>
        ))}
      </Table>
    </Card>
  );
}

export function Erasures({ system }: { system: System }) {
  const zone = useZone();
  const told = (report: Schemas["Erased"]) => reported(report).filter(({ many }) => many > 0).map(({ name, text }) => `${name}: ${text}`).join(" · ");
  return (
    <Card title={words.erasures} flush>
      {system.erasures.length === 0 ? <Empty title={words.noErasures} /> : (
        <Table label={words.erasures} heads={[words.asked, words.state, words.done, words.removed]}>
          {system.erasures.map((one) => (
            <tr key={one.id}>
              <td className={css.time}>{shown(one.asked, zone)}</td>
              <td>{one.done ? <Badge tone="good">✓ {words.isDone}</Badge> : <Badge tone="warn">{words.goesOn}</Badge>}</td>
              <td className={css.time}>{one.done ? shown(one.done, zone) : "–"}</td>
              <td className={css.quiet}>{one.report ? told(one.report) : "–"}</td>
            </tr>
          ))}
        </Table>
      )}
    </Card>
  );
}

export function Jobs({ all }: { all: Metrics }) {
  const zone = useZone();
  const names = [...new Set(all.named("kith_job_runs_total").map(({ labels }) => labels.task ?? ""))].sort();
  const of = (job: string) => {
    const runs = (outcome: string) => all.sum("kith_job_runs_total", { task: job, outcome });
    const last = all.sum("kith_job_last_success_timestamp_seconds", { task: job });
    return { done: runs("done"), failed: runs("failed") + runs("panicked"), last: last ? shown(new Date(last * 1000), zone) : "–", leases: all.sum("kith_job_leases", { task: job }) };
  };
  return (
    <Card title={words.jobs} flush foot={<span>{words.node}</span>}>
      <Table label={words.jobs} heads={[words.job, words.runs, words.failures, words.lastWell, words.leases]} numbers={[1, 2, 4]}>
        {names.map((job) => {
          const { done, failed, last, leases } = of(job);
          return <tr key={job}><td className={css.mono}>{job}</td><td className={css.number}>{number(done)}</td><td className={css.number}>{failed > 0 ? <Badge tone="bad">✕ {number(failed)}</Badge> : 0}</td><td className={css.time}>{last}</td><td className={css.number}>{leases}</td></tr>;
        })}
      </Table>
    </Card>
  );
}
