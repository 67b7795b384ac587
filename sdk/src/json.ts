// JSON as everybody means it, whatever the page's other scripts have done to it.

/**
 * Big numbers, which JSON has no word for, become texts with all their digits. Old libraries give lists
 * a `toJSON` of their own, which turns them into texts.
 */
function plainly(this: unknown, key: string, made: unknown): unknown {
  const raw = (this as Record<string, unknown>)[key];
  return typeof raw === "bigint" ? `${raw}` : Array.isArray(raw) ? raw : made;
}

/**
 * Nothing for what JSON cannot hold, such as circles. To be asked about every value takes several times as
 * long, and hardly any page needs it.
 */
export function json(value: unknown, write = "toJSON" in [] ? plainly : undefined): string | undefined {
  try {
    return JSON.stringify(value, write);
  } catch {
    return write ? undefined : json(value, plainly);
  }
}
