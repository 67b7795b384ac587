// The chart, rendered by Helm and held against Kubernetes' schemas; and the container's own files.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { dirname, join } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "../..");
const deploy = join(root, "deploy");
const python = process.env.DEPLOYING_PYTHON;

const NODES = {
  settings: { KITH_EVENTS_URL: "s3://shop/kith" },
  secret: { variables: { KITH_DATABASE_URL: "postgres://kith@db/kith" } },
};

/** What is wrong with the chart for these values, and its objects by their kinds, the dashboard for itself. */
function chart(values) {
  const options = { input: JSON.stringify(values), stdio: ["pipe", "pipe", "ignore"] };
  const said = execFileSync(python, [join(import.meta.dirname, "chart.py"), join(deploy, "helm/kith")], options);
  const { wrong, objects } = JSON.parse(said);
  const kind = ({ kind, metadata }) => (metadata.name.endsWith("-dashboard") ? "Dashboard" : kind);
  return { wrong, kinds: Object.fromEntries(objects.map((object) => [kind(object), object])) };
}

/** A linter that is installed beside the Python. */
const lint = (name, ...words) => execFileSync(join(dirname(python), name), words, { encoding: "utf8" });

test("nodes have probes, a budget, their settings and their secrets", () => {
  const { wrong, kinds } = chart(NODES);
  assert.deepEqual(wrong, []);
  const { replicas, template } = kinds.Deployment.spec;
  assert.equal(replicas, 2);
  const [container] = template.spec.containers;
  assert.equal(container.readinessProbe.httpGet.path, "/health/ready");
  assert.equal(container.livenessProbe.httpGet.path, "/health/live");
  assert.deepEqual(container.envFrom, [{ configMapRef: { name: "shop-kith" } }, { secretRef: { name: "shop-kith" } }]);
  assert.equal(template.spec.enableServiceLinks, false, "a service's variables are no settings");
  assert.equal(kinds.PodDisruptionBudget.spec.maxUnavailable, 1);
  assert.equal(kinds.Secret.stringData.KITH_DATABASE_URL, "postgres://kith@db/kith");
  assert.ok(!JSON.stringify(kinds.ConfigMap).includes("postgres://"), "a secret stands where all read");
  const grace = template.spec.terminationGracePeriodSeconds;
  assert.ok(grace > Number(kinds.ConfigMap.data.KITH_HTTP_DRAIN_SECONDS) + 10, `${grace} s are too few`);
});

test("the queue decides how many nodes there are, where somebody wants that", () => {
  const { wrong, kinds } = chart({ ...NODES, autoscaling: { enabled: true, queuePayloads: 300, cpuUtilization: 0 } });
  assert.deepEqual(wrong, []);
  assert.equal(kinds.Deployment.spec.replicas, undefined, "two would decide");
  const [metric, ...others] = kinds.HorizontalPodAutoscaler.spec.metrics;
  assert.equal(metric.pods.metric.name, "kith_queue_payloads");
  assert.equal(metric.pods.target.averageValue, "300");
  assert.deepEqual(others, []);
});

test("a secret that is there already is used, and the operator's monitoring is served", () => {
  const monitoring = { podMonitor: true, alerts: true, dashboard: true };
  const ingress = { enabled: true, host: "track.shop.example", tlsSecret: "shop-tls" };
  const { wrong, kinds } = chart({ ...NODES, secret: { existing: "theirs" }, monitoring, ingress });
  assert.deepEqual(wrong, []);
  assert.equal(kinds.Secret, undefined);
  assert.deepEqual(kinds.Deployment.spec.template.spec.containers[0].envFrom[1], { secretRef: { name: "theirs" } });
  assert.ok(kinds.PrometheusRule.spec.groups[0].rules.length > 10);
  assert.equal(kinds.PodMonitor.spec.podMetricsEndpoints[0].path, "/metrics");
  assert.equal(JSON.parse(kinds.Dashboard.data["kith.json"]).title, "Kith");
  assert.equal(kinds.Ingress.spec.rules[0].host, "track.shop.example");
});

test("what is missing or misspelt is named", () => {
  assert.match(chart({}).wrong.join(), /settings\.KITH_EVENTS_URL is missing/);
  assert.match(chart({ settings: NODES.settings }).wrong.join(), /secret\.variables\.KITH_DATABASE_URL is missing/);
  assert.match(chart({ ...NODES, autoscaling: { enable: true } }).wrong.join(), /enable/);
});

test("what the chart decides itself, or what would decide nothing, is refused", () => {
  const said = (values) => chart({ ...NODES, ...values }).wrong.join();
  for (const name of ["KITH_LISTEN", "KITH_DATA_DIR", "KITH_TLS_CERTIFICATE", "KITH_HTTP_DRAIN_SECONDS"]) {
    const settings = { ...NODES.settings, [name]: "5" };
    assert.match(said({ settings }), new RegExp(`settings\\.${name} is not for you to set`));
  }
  assert.match(said({ autoscaling: { enabled: true, queuePayloads: 0, cpuUtilization: 0 } }), /nothing to go by/);
  assert.match(said({ autoscaling: { enabled: true, minReplicas: 3, maxReplicas: 2 } }), /more than maxReplicas/);
});

test("an image is named by a tag, of digits too, or by its digest", () => {
  const image = (tag) => {
    const { wrong, kinds } = chart({ ...NODES, image: { repository: "registry.example/kith", tag } });
    assert.deepEqual(wrong, []);
    return kinds.Deployment.spec.template.spec.containers[0].image;
  };
  assert.match(image(""), /^registry\.example\/kith:\d+\.\d+\.\d+$/);
  assert.equal(image("2026"), "registry.example/kith:2026");
  assert.equal(image("sha256:abc"), "registry.example/kith@sha256:abc");
});

test("the container's files have nothing to be told of", () => {
  lint("hadolint", join(deploy, "Dockerfile"));
  lint("check-jsonschema", "--builtin-schema", "vendor.compose-spec", join(deploy, "compose.yaml"));
  const rules = "{extends: default, rules: {line-length: {max: 140}, document-start: disable, braces: {max-spaces-inside: 0}}}";
  lint("yamllint", "--strict", "-d", rules, join(deploy, "compose.yaml"), join(deploy, "monitoring"), join(deploy, "helm/kith/values.yaml"));
});
