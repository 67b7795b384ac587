// Filters as rows of conditions, as far as they are as plain as that; free of React.

export type Condition = { field: string; is: string; value: string; /** The value as the filter says it, until somebody changes it: what is only looked at means what it meant. */ said?: string };
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
    conditions.push({ field, is, value: shown(value, root), ...(value ? { said: value[0].trim() } : {}) });
    if (!rest) break;
    const next = taken(JOINED)?.[1]?.toUpperCase();
    // With both, it matters which binds closer.
    if (!next || !rest || (joined && next !== joined)) return null;
    joined = next;
  }
  return { joined: joined === "OR" ? "OR" : "AND", conditions };
}

/** A row of which somebody has typed something else. */
export function changed<T extends Condition>(condition: T, name: "field" | "is" | "value", to: string): T {
  const { said, ...rest } = condition;
  return { ...rest, ...(name !== "value" && said !== undefined ? { said } : {}), [name]: to } as T;
}

export function written({ joined, conditions }: Plain, root = ""): string {
  const whole = conditions.filter(({ field, is, value }) => field.trim() && (value.trim() || !needsValue(is)));
  const begin = root && `${root}@`;
  return whole.map(({ field, is, value, said }) => [begin + field.trim(), is, ...(needsValue(is) ? [said ?? literal(value.trim(), root)] : [])].join(" ")).join(` ${joined} `);
}

/** How a text is typed into a row that means just this text. */
export const typed = (text: string, root = ""): string => (BARE.test(text) ? text : kept(root ? text : starred(text), root));

/** The filter of history that a field is just this text. */
export const equals = (field: string, text: string): string => `${field} = "${escaped(starred(text), "")}"`;

/** What stands between quotes, without the backslashes. */
export const unquoted = (inner: string): string => inner.replace(/\\([^])/g, "$1");

const IN_QUOTES = /^"(?:[^"\\]|\\.)*"$/;
/** A star of history with the backslashes before it: with one of them it is a letter, without it stands for anything. No other star does. */
const STARRED = /(?:\\\\)*\\?\*|\\([^])/g;

/** A value as somebody types it. In front of a star of history backslashes count; elsewhere each is a letter. */
function shown(found: RegExpExecArray | null, root: string): string {
  const inner = found?.[1] ?? found?.[2];
  if (inner === undefined) return found?.[3] ?? "";
  const text = root ? unquoted(inner) : inner.replace(STARRED, (all: string, letter?: string) => letter ?? all);
  return BARE.test(text) ? quoted(text, root) : kept(text, root);
}

/** What would not come back as it is keeps its quotes: a text that looks like one in quotes, one with spaces around it, an empty one. */
const kept = (text: string, root: string) => (IN_QUOTES.test(text) || text.trim() !== text || !text ? quoted(text, root) : text);
const literal = (value: string, root: string) => (BARE.test(value) || IN_QUOTES.test(value) ? value : quoted(value, root));
const quoted = (value: string, root: string) => `"${escaped(value, root)}"`;
const escaped = (value: string, root: string) => (root ? value.replace(/["\\]/g, "\\$&") : value.replace(/\\*\*|["\\]/g, (found) => (found.endsWith("*") ? found : `\\${found}`)));
/** The letters of a text, each of its stars as a letter. */
const starred = (text: string) => text.replace(/(\\*)\*/g, "$1$1\\*");
