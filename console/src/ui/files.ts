// What is taken out of a page: tables as CSV, answers as files.

import { Exact } from "../api/json";

/** A file of this name, in the folder that the browser saves to. */
export function download(name: string, body: string | Blob): void {
  const url = URL.createObjectURL(typeof body === "string" ? new Blob([body], { type: "text/csv" }) : body);
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/** Rows as CSV. What a program for tables would work out as a formula begins with a quote. */
export const csv = (rows: readonly (readonly unknown[])[]): string => rows.map((row) => `${row.map(cell).join(",")}\r\n`).join("");

/** Heads of a table that leaves the page: those of moments say whose clocks they are by. */
export const timed = (heads: readonly string[], moments: readonly number[], zone: string): string[] => heads.map((head, at) => (moments.includes(at) ? `${head} (${zone})` : head));

function cell(value: unknown): string {
  if (typeof value === "number" || value instanceof Exact) return String(value);
  const text = value === null || value === undefined ? "" : String(value);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
