// Filters as rows of conditions, as far as they are as plain as that; free of React.

export type Condition = { field: string; is: string; value: string };
/** All of them hold, or any. */
export type Plain = { joined: "AND" | "OR"; conditions: Condition[] };

/** How a field may be compared; those that need no value are by themselves. */
export const COMPARISONS = ["=", "!=", ">", ">=", "<", "<=", "CONTAINS", "STARTS WITH", "ENDS WITH", "EXISTS", "NOT EXISTS"] as const;
export const needsValue = (is: string): boolean => !is.endsWith("EXISTS");

const FIELD = /^\s*([a-z_][\w.]*(?:\["(?:[^"\\]|\\.)*"\][\w.]*)*)\s*/i;
const IS = /^(NOT EXISTS|EXISTS|STARTS WITH|ENDS WITH|CONTAINS|>=|<=|!=|==|=|>|<)\s*/i;
const VALUE = /^(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([\w.@:/+*-]+))\s*/;
const JOINED = /^(AND|OR)\s+/i;
const BARE = /^(-?\d+(\.\d+)?|true|false)$/;

/** The rows of a filter; none where it says more than rows can. */
export function read(text: string): Plain | null {
  const conditions: Condition[] = [];
  let [rest, joined] = [text.trim(), ""];
  while (rest) {
    const taken = (pattern: RegExp) => {
      const found = pattern.exec(rest);
      rest = rest.slice(found?.[0].length ?? 0);
      return found;
    };
    const [field, is] = [taken(FIELD)?.[1], taken(IS)?.[1]?.toUpperCase().replace("==", "=")];
    if (!field || !is) return null;
    const value = needsValue(is) ? taken(VALUE) : null;
    if (needsValue(is) && !value) return null;
    conditions.push({ field, is, value: (value?.[1] ?? value?.[2] ?? value?.[3] ?? "").replace(/\\(["'\\])/g, "$1") });
    if (!rest) break;
    const next = taken(JOINED)?.[1]?.toUpperCase();
    // With both, it matters which binds closer.
    if (!next || !rest || (joined && next !== joined)) return null;
    joined = next;
  }
  return { joined: joined === "OR" ? "OR" : "AND", conditions };
}

export function written({ joined, conditions }: Plain): string {
  const whole = conditions.filter(({ field, is, value }) => field.trim() && (value.trim() || !needsValue(is)));
  return whole.map(({ field, is, value }) => [field.trim(), is, ...(needsValue(is) ? [literal(value.trim())] : [])].join(" ")).join(` ${joined} `);
}

const literal = (value: string) => (BARE.test(value) ? value : `"${value.replace(/["\\]/g, "\\$&")}"`);
