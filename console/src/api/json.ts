// JSON without losing digits: what the browser's own numbers would round stays as it was written, and is sent as it was read. Free of React.

/** A number with more digits than the browser's own numbers keep. */
export class Exact {
  constructor(readonly text: string) {}
  toString(): string {
    return this.text;
  }
}

/** Whether a text may have such a number: fifteen digits and three of a power of ten are always kept. */
const MAY_BE_LONG = /[\d.]{16}|[eE][+-]?\d{3}/;
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g;
const NUMBER = /^-?(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
/** Stands before such a number while it travels as a text. It is drawn anew for each page: nobody can send it. */
const MARK = `exact:${Math.random().toString(36).slice(2)}${Math.random().toString(36).slice(2)}:`;
const MARKED = new RegExp(`"${MARK}([^"]*)"`, "g");

/** The digits that count, and the power of ten behind them; the text itself where it is no number. */
function digits(text: string): string {
  const [isOne, whole = "", part = "", power = "0"] = NUMBER.exec(text) ?? [];
  if (isOne === undefined) return text;
  const all = (whole + part).replace(/^0+/, "");
  const count = all.replace(/0+$/, "");
  return count && `${count}e${Number(power) - part.length + all.length - count.length}`;
}

/** A number as it is written, which is one of JSON's: the browser's own where that says the same. */
export function number(text: string): number | Exact {
  const own = Number(text);
  return NUMBER.test(text) && digits(text) !== digits(String(own)) ? new Exact(text) : own;
}

export function parse(text: string): unknown {
  if (!MAY_BE_LONG.test(text)) return JSON.parse(text);
  const marked = text.replace(TOKENS, (token) => (!token.startsWith('"') && number(token) instanceof Exact ? `"${MARK}${token}"` : token));
  return JSON.parse(marked, (_, value: unknown) => (typeof value === "string" && value.startsWith(MARK) ? new Exact(value.slice(MARK.length)) : value));
}

export const write = (value: unknown, indent?: number): string => JSON.stringify(value, (_, one: unknown) => (one instanceof Exact ? MARK + one.text : one), indent)?.replace(MARKED, "$1");

/** Whether two values are the same to the last digit. */
export const isSame = (one: unknown, other: unknown): boolean => write(one) === write(other);

/** An answer, read like this. */
export async function answered(response: Response): Promise<unknown> {
  const text = await response.text();
  return text ? parse(text) : undefined;
}
