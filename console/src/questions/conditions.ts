// Filters as rows of conditions, as far as they are as plain as that; free of React.

export type Condition = { field: string; is: string; value: string };
/** All of them hold, or any. */
export type Plain = { joined: "AND" | "OR"; conditions: Condition[] };

/** How a field may be compared; those that need no value are by themselves. */
export const COMPARISONS = ["=", "!=", ">", ">=", "<", "<=", "CONTAINS", "STARTS WITH", "ENDS WITH", "EXISTS", "NOT EXISTS"] as const;
export const needsValue = (is: string): boolean => !is.endsWith("EXISTS");

const FIELD = /^\s*([a-z_][\w.-]*(?:\["(?:[^"\\]|\\.)*"\][\w.-]*)*)\s*/i;
const IS = /^(NOT EXISTS|EXISTS|STARTS WITH|ENDS WITH|CONTAINS|>=|<=|!=|==|=|>|<)\s*/i;
const VALUE = /^(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([\w.@:/+*-]+))\s*/;
const JOINED = /^(AND|OR)\s+/i;
const BARE = /^(-?\d+(\.\d+)?|true|false)$/;

/** The rows of a filter; none where it says more than rows can. With a root, of a rule about that document, whose fields are `root@field`. */
export function read(text: string, root = ""): Plain | null {
  const conditions: Condition[] = [];
  const begin = root && `${root}@`;
  let [rest, joined] = [text.trim(), ""];
  while (rest) {
    const taken = (pattern: RegExp) => {
      const found = pattern.exec(rest);
      rest = rest.slice(found?.[0].length ?? 0);
      return found;
    };
    if (!rest.startsWith(begin)) return null;
    rest = rest.slice(begin.length);
    const [field, is] = [taken(FIELD)?.[1], taken(IS)?.[1]?.toUpperCase().replace("==", "=")];
    if (!field || !is) return null;
    const value = needsValue(is) ? taken(VALUE) : null;
    // Rules know no text without quotes: what stands there bare is another field.
    if (needsValue(is) && (!value || (root && value[3] && !BARE.test(value[3])))) return null;
    conditions.push({ field, is, value: shown(value) });
    if (!rest) break;
    const next = taken(JOINED)?.[1]?.toUpperCase();
    // With both, it matters which binds closer.
    if (!next || !rest || (joined && next !== joined)) return null;
    joined = next;
  }
  return { joined: joined === "OR" ? "OR" : "AND", conditions };
}

/** A value as somebody types it. A text that could be taken for a number keeps its quotes: it is none. */
function shown(found: RegExpExecArray | null): string {
  const quoted = found?.[1] ?? found?.[2];
  if (quoted === undefined) return found?.[3] ?? "";
  const text = quoted.replace(/\\(["'\\])/g, "$1");
  return BARE.test(text) ? `"${text}"` : text;
}

export function written({ joined, conditions }: Plain, root = ""): string {
  const whole = conditions.filter(({ field, is, value }) => field.trim() && (value.trim() || !needsValue(is)));
  const begin = root && `${root}@`;
  return whole.map(({ field, is, value }) => [begin + field.trim(), is, ...(needsValue(is) ? [literal(value.trim())] : [])].join(" ")).join(` ${joined} `);
}

const IN_QUOTES = /^"(?:[^"\\]|\\.)*"$/;

const literal = (value: string) => (BARE.test(value) || IN_QUOTES.test(value) ? value : `"${value.replace(/["\\]/g, "\\$&")}"`);
