// What leads to what, as bands between columns. The table beside it tells the same, also to the keyboard.

import type { RefObject } from "react";

import { type Link, NODE_WIDTH, picture } from "../questions/ways";
import { number } from "../ui/basics";
import css from "./chart.module.css";

const LETTERS_MAX = 24;
const short = (name: string) => (name.length > LETTERS_MAX ? `${name.slice(0, LETTERS_MAX - 1)}…` : name);

export function Ways({ title, links, drawing, onOpen }: { title: string; links: readonly Link[]; /** What is drawn, for a picture of it. */ drawing: RefObject<SVGSVGElement | null>; onOpen: (link: Link) => void }) {
  const { nodes, bands, width, height } = picture(links);
  return (
    <div className={css.ways} tabIndex={0} role="region" aria-label={title}>
      <svg ref={drawing} width={width} height={height} viewBox={`0 -12 ${width} ${height}`} role="img" aria-label={title}>
        {bands.map(({ link, path, width }) => (
          <path key={`${link.step} ${link.from} ${link.to}`} className={css.band} d={path} strokeWidth={width} onClick={() => onOpen(link)}>
            <title>{`${link.from} → ${link.to}: ${number(link.count)}`}</title>
          </path>
        ))}
        {nodes.map(({ step, name, count, x, y, height }) => (
          <g key={`${step} ${name}`}>
            <rect className={css.node} x={x} y={y} width={NODE_WIDTH} height={height} rx="2" />
            <text className={css.nodeName} x={x + NODE_WIDTH + 5} y={y + Math.min(height / 2 + 4, height + 4)}>{short(name)}<tspan className={css.nodeCount}> {number(count)}</tspan><title>{name}</title></text>
          </g>
        ))}
      </svg>
    </div>
  );
}
