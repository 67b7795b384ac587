// What Kith counts about itself, read from its metrics; free of React.

export type Sample = { name: string; labels: Record<string, string>; value: number };

export class Metrics {
  constructor(readonly samples: readonly Sample[]) {}

  /** Of all samples of this name, those that have these labels. */
  named(name: string, labels: Record<string, string> = {}): Sample[] {
    return this.samples.filter((sample) => sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value));
  }

  sum(name: string, labels: Record<string, string> = {}): number {
    return this.named(name, labels).reduce((all, sample) => all + sample.value, 0);
  }

  /** The boundary below which this part of what a histogram measured lies; none before anything was measured. */
  quantile(name: string, part: number): number | null {
    const buckets = this.named(`${name}_bucket`).map(({ labels, value }) => ({ most: Number(labels.le?.replace("+Inf", "Infinity")), value }));
    const summary = this.named(name).find((sample) => Number(sample.labels.quantile) === part);
    if (summary) return summary.value;
    const all = this.sum(`${name}_count`);
    if (!all) return null;
    return buckets.sort((a, b) => a.most - b.most).find((bucket) => bucket.value >= all * part)?.most ?? null;
  }
}

/** Prometheus' text format. */
export function parse(text: string): Metrics {
  const line = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/;
  const found = text.split("\n").filter((one) => one && !one.startsWith("#")).map((one) => line.exec(one));
  const samples = found.filter((one) => one !== null).map(([, name = "", labels = "", value]) => {
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, text]) => [key, text]);
    return { name, labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) };
  });
  return new Metrics(samples);
}
