// Alerts, dashboard and runbook speak of what Kith measures, and of each other.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { startKith } from "../browser/kith.mjs";

const root = join(import.meta.dirname, "../..");
const read = (path) => readFile(join(root, path), "utf8");
const monitoring = join(root, "deploy/monitoring");

const alerts = await read("deploy/monitoring/alerts.yaml");
const dashboard = JSON.parse(await read("deploy/monitoring/dashboard.json"));

/** Fails with what it says. */
function promtool(...words) {
  return execFileSync(process.env.PROMTOOL, words, { cwd: monitoring, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** Metrics that a text names, as the server shows them. */
const named = (text) => new Set(text.match(/\bkith_[a-z_]+/g));

const questions = dashboard.panels.flatMap((panel) => panel.targets ?? []).map((target) => target.expr);

test("the alerts are Prometheus', fire in a bad hour, and are silent in a good one", () => {
  promtool("check", "rules", "alerts.yaml");
  promtool("test", "rules", "alerts.test.yaml");
});

test("the dashboard's questions are Prometheus'", async () => {
  const folder = await mkdtemp(join(tmpdir(), "kith-dashboard-"));
  const rules = questions.map((expr, number) => {
    const asked = expr.replaceAll(/\$__(rate_interval|range)/g, "5m");
    return { record: `question_${number}`, expr: asked };
  });
  assert.ok(rules.length > 30, `${rules.length}`);
  const file = join(folder, "rules.yaml");
  // JSON is YAML.
  await writeFile(file, JSON.stringify({ groups: [{ name: "dashboard", rules }] }));
  promtool("check", "rules", file);
  await rm(folder, { recursive: true });
});

test("what alerts and dashboard ask for is what the server shows, and the dashboard shows all of it", async () => {
  const kith = await startKith();
  const shown = await (await fetch(`${kith.url}/metrics`)).text();
  await kith.stop();
  const metrics = new Set([...named(shown.replaceAll(/^#.*$/gm, ""))]);
  const asked = new Set([...named(alerts.replaceAll(/^ *#.*$/gm, "")), ...named(questions.join(" "))]);
  assert.deepEqual([...asked].filter((metric) => !metrics.has(metric)), [], "these are not there");
  const base = (metric) => metric.replace(/_(bucket|count|sum)$/, "");
  const drawn = new Set([...named(questions.join(" "))].map(base));
  assert.deepEqual([...metrics].map(base).filter((metric) => !drawn.has(metric)), [], "these are not drawn");
});

test("each alert leads to its entry in the runbook, and each entry is of an alert", async () => {
  const runbook = await read("docs/runbook.md");
  const entries = [...runbook.matchAll(/^## (Kith\w+)$/gm)].map((found) => found[1]);
  const names = [...alerts.matchAll(/- alert: (\w+)/g)].map((found) => found[1]);
  const leads = [...alerts.matchAll(/runbook: docs\/runbook\.md#(\w+)$/gm)].map((found) => found[1]);
  assert.deepEqual(entries, names);
  assert.deepEqual(leads, names.map((name) => name.toLowerCase()));
});
