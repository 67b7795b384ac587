// Charts over time, by uPlot; free of React. Colours come from the page's tokens.

import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

import { shown, wall } from "../time/zone";

export type Line = { name: string; values: (number | null)[]; dashed?: boolean };
export type Drawn = { times: number[]; lines: Line[]; zone: string; bars: boolean; onRange?: (from: Date, to: Date) => void; /** Somebody has chosen a point. */ onPoint?: (line: number, at: number) => void };

/** Told apart by hue and lightness, in both schemes; the legend has the names. */
const HUES = [228, 28, 152, 330, 48, 190, 275, 0, 100, 210];
/** How lines are drawn once every hue has been: by then a colour alone would be two lines'. */
const STROKES = [undefined, [12, 3], [2, 3]];
/** What compares with another time. */
const BEFORE = { dash: [5, 4], width: 1.5 };

const isDark = () => getComputedStyle(document.documentElement).colorScheme === "dark" || (getComputedStyle(document.documentElement).colorScheme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);

export const colour = (at: number) => `hsl(${HUES[at % HUES.length]} ${isDark() ? "75% 70%" : "60% 46%"})`;

/** The widest bar that stands alone, in pixels. */
const BAR_MAX = 120;
/** So much of an interval is its bars'. */
const FILLED = 0.8;

const ink = () => (isDark() ? "#a3adbd" : "#525c6e");
const line = () => (isDark() ? "#2a303b" : "#e4e7ed");

/** Draws into `place`, as wide as it is; what it returns takes it away. */
export function draw(place: HTMLElement, { times, lines, zone, bars, onRange, onPoint }: Drawn): () => void {
  const many = lines.filter((one) => !one.dashed).length;
  const step = length(times);
  const axis = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 }, font: "12px system-ui, sans-serif" };
  const chart = new uPlot(
    {
      width: place.clientWidth, height: 260, tzDate: (seconds) => onTheClock(new Date(seconds * 1000), zone),
      cursor: { drag: { x: Boolean(onRange), y: false }, dataIdx: (_, __, nearest, at) => (bars ? within(times, at) : nearest) }, legend: { live: true },
      axes: [{ ...axis, incrs: STEPS.filter((one) => one >= step), values: (_, splits) => splits.map((at) => named(at, zone, step)) }, { ...axis, size: 56, values: (_, splits) => splits.map((value) => (Math.abs(value) >= 10_000 ? `${value / 1000}k` : String(value))) }],
      // The last bar has its whole width.
      scales: { x: { range: (_, from, to) => [from, bars ? to + step : Math.max(to, from + step)] }, y: { range: (_, least, most) => [Math.min(0, least * 1.08), Math.max(1, most * 1.08)] } },
      series: [
        // Nothing is said of no moment.
        { value: (_: uPlot, at: number | null) => (at === null ? "" : shown(new Date(at * 1000), zone, "minute")) },
        ...lines.map((one, at) => ({
          label: one.name, stroke: () => colour(at), width: 2, points: { show: times.length < 2 }, value: (_: uPlot, value: number | null) => (value === null || value === undefined ? "" : value.toLocaleString("en-US")),
          ...(one.dashed ? BEFORE : stroke(at)), ...(bars && !one.dashed ? { paths: beside(lines.slice(0, at).filter((one) => !one.dashed).length, many, step), width: 0, fill: () => colour(at) } : {}),
        })),
      ],
      hooks: {
        setSelect: [(self) => {
          const [left, right] = [self.select.left, self.select.left + self.select.width].map((at) => self.posToVal(at, "x"));
          if (onRange && self.select.width > 4 && left && right) onRange(new Date(left * 1000), new Date(right * 1000));
        }],
      },
    },
    [times, ...lines.map((one) => one.values)],
    place,
  );
  // The library's own words for no value stay until somebody has pointed at one. It writes into the text that is there, which must stay.
  place.querySelectorAll(".u-legend .u-value").forEach(({ firstChild: text }) => text && (text.nodeValue = ""));
  if (onPoint) listen(chart, onPoint, bars ? (seconds, at) => barAt(lines, (seconds - (times[at] ?? seconds)) / (step * FILLED)) : undefined);
  const fits = new ResizeObserver(() => chart.setSize({ width: place.clientWidth, height: 260 }));
  fits.observe(place);
  return () => (fits.disconnect(), chart.destroy());
}

function stroke(at: number): { dash?: number[] } {
  const dash = STROKES[Math.floor(at / HUES.length) % STROKES.length];
  return dash ? { dash } : {};
}

/** The interval that a moment is in: the last that has begun. */
const within = (times: readonly number[], at: number): number => Math.max(0, times.findLastIndex((time) => time <= at));

/** The line whose bar is so far into its interval. */
function barAt(lines: readonly Line[], part: number): number {
  const own = lines.flatMap((one, at) => (one.dashed ? [] : [at]));
  return own[Math.min(own.length - 1, Math.max(0, Math.floor(part * own.length)))] ?? 0;
}

/** Bars of one line of several, each at its place within its interval: none hides another. */
function beside(place: number, many: number, step: number): uPlot.Series.PathBuilder {
  return (chart, line, from, to) => {
    const fill = new Path2D();
    const at = (seconds: number) => chart.valToPos(seconds, "x", true);
    const ground = chart.valToPos(0, "y", true);
    const [times, values] = [chart.data[0], chart.data[line] ?? []];
    for (let index = from; index <= to; index++) {
      const [time, value] = [times[index], values[index]];
      if (time === undefined || value === null || value === undefined) continue;
      const whole = Math.min((at(time + step) - at(time)) * FILLED, many > 1 ? Infinity : BAR_MAX * devicePixelRatio);
      const top = chart.valToPos(value, "y", true);
      fill.rect(at(time) + (place * whole) / many, Math.min(top, ground), Math.max(1, whole / many - (many > 1 ? 1 : 0)), Math.abs(ground - top));
    }
    return { fill };
  };
}

/** A click means the point that is nearest; what was drawn over is a range. */
function listen(chart: uPlot, onPoint: (line: number, at: number) => void, lineAt?: (seconds: number, at: number) => number): void {
  let pressed = 0;
  chart.over.addEventListener("mousedown", (event) => (pressed = event.clientX));
  chart.over.addEventListener("click", (event) => {
    const { left = 0, top = 0 } = chart.cursor;
    const at = chart.cursor.idxs?.[1];
    if (at === null || at === undefined || Math.abs(event.clientX - pressed) > 3) return;
    if (lineAt) return onPoint(lineAt(chart.posToVal(left, "x"), at), at);
    const away = chart.data.slice(1).map((values) => {
      const value = values[at];
      return value === null || value === undefined ? Infinity : Math.abs(chart.valToPos(value, "y") - top);
    });
    const least = Math.min(...away);
    if (Number.isFinite(least)) onPoint(away.indexOf(least), at);
  });
}

const DAY = 86_400;
/** Where marks of the axis may lie, in seconds. */
const STEPS = [60, 300, 900, 1800, 3600, 10_800, 21_600, 43_200, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 91 * DAY, 365 * DAY];

/** The length of an interval: what most lie apart. */
function length(times: readonly number[]): number {
  const apart = times.slice(1).map((time, at) => time - (times[at] ?? time));
  return apart.length > 0 ? Math.min(...apart) : 3600;
}

/** What a mark of the axis is called. */
function named(at: number, zone: string, step: number): string {
  const text = shown(new Date(at * 1000), zone, "minute");
  return step < DAY && !text.endsWith("00:00") ? text.slice(11) : text.slice(5, 10);
}

/** A date whose own clock shows what the zone's clock shows, for a library that knows no zones. */
function onTheClock(at: Date, zone: string): Date {
  const [year, month, day, hour, minute, second] = wall(at, zone);
  return new Date(year, month - 1, day, hour, minute, second);
}

