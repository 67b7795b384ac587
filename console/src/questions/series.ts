// Series of trends as the address has them, one a line: `type = order`, `people: type = order`, `sum(properties.price): type = order`; free of React.

import type { Schemas } from "../api/client";

export type Series = Schemas["TrendsSeries"];

/** Called in this order, as Kith does. */
export const LETTERS = ["A", "B", "C", "D", "E", "F"] as const;

const OF_EVENTS = /^(people|sessions|per_person): ?(.*)$/s;
const OF_FIELD = /^(sum|average|median|min|max|distinct|p(\d+(?:\.\d+)?))\((.*?)\): ?(.*)$/s;

export const NEEDS_FIELD = ["sum", "average", "median", "percentile", "min", "max", "distinct"];

export function read(line: string): Series {
  const [, measure, of] = OF_EVENTS.exec(line) ?? [];
  if (measure) return { measure, ...where(of) };
  const [, name, percentile, field, filter] = OF_FIELD.exec(line) ?? [];
  if (name) return { measure: percentile ? "percentile" : name, ...(field ? { field } : {}), ...(percentile ? { percentile: Number(percentile) } : {}), ...where(filter) };
  return where(line);
}

const where = (text: string | undefined): Series => (text?.trim() ? { where: text.trim() } : {});

export function written({ measure = "count", field, percentile, where }: Series): string {
  const filter = where?.trim() ?? "";
  if (measure === null || measure === "count") return filter;
  if (!NEEDS_FIELD.includes(measure)) return `${measure}: ${filter}`;
  return `${measure === "percentile" ? `p${percentile ?? 95}` : measure}(${field ?? ""}): ${filter}`;
}

export const readAll = (text: string): Series[] => text.split("\n").slice(0, LETTERS.length).map(read);
export const writtenAll = (series: readonly Series[]): string => series.map(written).join("\n");

/** Rules that rename points, one a line: `[0-9]+ => N`. */
export function rules(text: string): { pattern: string; with: string }[] {
  const lines = text.split("\n").filter((line) => line.includes("=>"));
  return lines.map((line) => line.split("=>")).map(([pattern = "", ...rest]) => ({ pattern: pattern.trim(), with: rest.join("=>").trim() }));
}
