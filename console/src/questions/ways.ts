// Connections of paths as a picture: columns of points, as high as what goes through them; free of React.

import type { Schemas } from "../api/client";

export type Link = Schemas["LinkRow"];
export type Node = { step: number; name: string; count: number; x: number; y: number; height: number };
export type Band = { link: Link; path: string; width: number };
export type Picture = { nodes: Node[]; bands: Band[]; width: number; height: number };

/** Points of one column; of the others only the table tells. */
const NODES_MAX = 8;
const [COLUMN, HEIGHT, NODE, GAP] = [220, 360, 12, 14];

export function picture(links: readonly Link[]): Picture {
  const columns = new Map<number, Map<string, number>>();
  const add = (step: number, name: string, count: number) => {
    const column = columns.get(step) ?? new Map<string, number>();
    columns.set(step, column.set(name, count));
  };
  const steps = [...new Set(links.flatMap(({ step }) => [step, step + 1]))].sort((a, b) => a - b);
  for (const step of steps) {
    const own = (pick: (link: Link) => [number, string]) => total(links.filter((link) => pick(link)[0] === step), (link) => pick(link)[1]);
    const [out, into] = [own((link) => [link.step, link.from]), own((link) => [link.step + 1, link.to])];
    const names = [...new Set([...out.keys(), ...into.keys()])];
    const sized = names.map((name) => [name, Math.max(out.get(name) ?? 0, into.get(name) ?? 0)] as const);
    sized.sort((a, b) => b[1] - a[1]).slice(0, NODES_MAX).forEach(([name, count]) => add(step, name, count));
  }
  const most = Math.max(1, ...[...columns.values()].map((column) => [...column.values()].reduce((sum, count) => sum + count, 0)));
  const scale = (HEIGHT - NODES_MAX * GAP) / most;
  const nodes = steps.flatMap((step, at) => {
    let y = 0;
    return [...(columns.get(step) ?? [])].map(([name, count]) => {
      const node = { step, name, count, x: at * COLUMN, y, height: Math.max(2, count * scale) };
      y += node.height + GAP + 4;
      return node;
    });
  });
  return { nodes, bands: bands(links, nodes, scale), width: Math.max(1, steps.length) * COLUMN, height: HEIGHT + 40 };
}

function total(links: readonly Link[], name: (link: Link) => string): Map<string, number> {
  const totals = new Map<string, number>();
  for (const link of links) totals.set(name(link), (totals.get(name(link)) ?? 0) + link.count);
  return totals;
}

/** Each from where the ones before it have left off, on both sides. */
function bands(links: readonly Link[], nodes: readonly Node[], scale: number): Band[] {
  const found = new Map(nodes.map((node) => [`${node.step} ${node.name}`, { node, out: 0, into: 0 }]));
  return links.flatMap((link) => {
    const [from, to] = [found.get(`${link.step} ${link.from}`), found.get(`${link.step + 1} ${link.to}`)];
    if (!from || !to) return [];
    const width = Math.max(1, link.count * scale);
    const [x1, x2] = [from.node.x + NODE, to.node.x];
    const [y1, y2] = [from.node.y + from.out + width / 2, to.node.y + to.into + width / 2];
    from.out += width;
    to.into += width;
    const middle = (x1 + x2) / 2;
    return [{ link, width, path: `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}` }];
  });
}

export const NODE_WIDTH = NODE;
