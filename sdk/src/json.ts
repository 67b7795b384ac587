// JSON as everybody means it, whatever the page's other scripts have done to it.
import { possibly } from "./guard.js";

/**
 * Old libraries give lists and texts a `toJSON` of their own, which turns lists into texts. Big
 * numbers, which JSON has no word for, become texts with all their digits.
 */
function plainly(this: unknown, key: string, made: unknown): unknown {
  const raw = (this as Record<string, unknown>)[key];
  if (typeof raw === "bigint") return String(raw);
  return typeof raw === "string" || Array.isArray(raw) ? raw : made;
}

/** Nothing for what JSON cannot hold, such as circles. */
export function json(value: unknown): string | undefined {
  return possibly(() => JSON.stringify(value, plainly));
}
