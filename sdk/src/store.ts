// What is kept across page loads: localStorage, and memory for what it does not take.
import { possibly } from "./guard.js";

/** Answers for the browser when it refuses: private windows, full disks, sandboxed frames. */
const memory = new Map<string, string>();

export function read(key: string): string | undefined {
  return memory.get(key) ?? possibly(() => localStorage.getItem(key)) ?? undefined;
}

/** Whether it will be there at the next page load; never, where nothing may be stored. */
export function write(key: string, value: string, may = true): boolean {
  const kept = may && writeThrough(key, value);
  if (kept) memory.delete(key);
  else memory.set(key, value);
  return kept;
}

/** The same, for what its owner has in memory anyway. */
export function writeThrough(key: string, value: string): boolean {
  return !!possibly(() => {
    localStorage.setItem(key, value);
    return true;
  });
}

export function remove(key: string): void {
  memory.delete(key);
  possibly(() => localStorage.removeItem(key));
}

/** All keys of the storage that begin with the prefix, sorted. */
export function keys(prefix: string): string[] {
  const kept = possibly(() => Object.keys(localStorage)) ?? [];
  return kept.filter((key) => key.startsWith(prefix)).sort();
}
