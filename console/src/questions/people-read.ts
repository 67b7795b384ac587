// From a condition about people to the parts of a builder; what those cannot say stays as it is written. Free of React.

import { read, unquoted } from "./conditions";
import { type Did, type Group, NEW, NEW_DID, type Part, type Step, type Times } from "./people-parts";

/** The parts of a text, in one group; a text that cannot be read is one part, as it is. */
export function parts(text: string): Group {
  const tree = text.trim() ? (parsed(text) ?? { ...NEW.text, text: text.trim() }) : null;
  if (tree?.kind === "group") return tree;
  return { kind: "group", not: false, joined: "AND", parts: tree ? [tree] : [] };
}

/** The tree of a text; none where it cannot be read. */
export function parsed(text: string): Part | null {
  try {
    const reader = new Reader(text);
    const tree = reader.joined("OR");
    return reader.isDone() ? tree : null;
  } catch {
    return null;
  }
}

type Word = { text: string; from: number; to: number };
const TIME = /^\d+[smhdwy]$/i;
const WORD = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[()[\],]|[<>=!]+|[^\s()[\],<>=!"']+/g;

/** Reads as the server does: OR, then AND, then NOT, then what holds by itself. */
class Reader {
  private readonly words: Word[];
  private at = 0;

  constructor(private readonly source: string) {
    this.words = [...source.matchAll(WORD)].map((found) => ({ text: found[0], from: found.index, to: found.index + found[0].length }));
  }

  isDone = () => this.at >= this.words.length;

  joined(word: "OR" | "AND"): Part {
    const next = () => (word === "OR" ? this.joined("AND") : this.one());
    const found = [next()];
    while (this.takes(word)) found.push(next());
    const [only] = found;
    return found.length === 1 && only ? only : { kind: "group", not: false, joined: word, parts: found };
  }

  private one(): Part {
    if (this.takes("NOT")) return turned(this.one());
    if (this.takes("(")) {
      const inner = this.joined("OR");
      this.must(")");
      return inner;
    }
    for (const of of ["AUDIENCE", "LIST"] as const) if (this.takes("IN", of)) return { kind: "inside", not: false, of, id: this.unquoted() };
    return this.attempt(() => this.did()) ?? leaf(this.test());
  }

  /** What is read where it is all that stands there; nothing, and nothing is taken, where it is more, or something else. */
  private attempt(read: () => Part): Part | null {
    const begin = this.at;
    try {
      const part = read();
      if (this.isDone() || ["AND", "OR", ")"].includes(this.peek())) return part;
    } catch {
      // It is something else.
    }
    this.at = begin;
    return null;
  }

  private did(): Part {
    this.must("DID");
    const not = this.takes("NOT");
    const which = (["FIRST", "LAST"] as const).find((word) => this.takes(word)) ?? "";
    const [type, where, held] = [this.unquoted(), this.bracketed("WHERE"), this.bracketed("WITH")];
    const times: Times = (["AT LEAST", "AT MOST", "EXACTLY"] as const).find((words) => this.takes(...words.split(" "))) ?? "";
    const many = times ? Number(this.matched(/^\d+$/)) : NEW_DID.many;
    if (times && !this.takes("TIMES")) this.must("TIME");
    const part: Did = { ...NEW_DID, not, which, type, where, with: held, times, many, then: this.steps() };
    if (this.takes("WITHIN")) return { ...part, when: "within", within: this.matched(TIME) };
    if (!this.takes("BETWEEN")) return part;
    const from = this.moment();
    this.must("AND");
    return { ...part, when: "between", from, to: this.moment() };
  }

  private moment(): string {
    this.must("DATETIME");
    this.must("(");
    const moment = this.unquoted();
    this.must(")");
    return moment;
  }

  private steps(): Step[] {
    const steps: Step[] = [];
    while (this.takes("THEN")) {
      const [not, within] = [this.takes("NOT"), this.takes("WITHIN") ? this.matched(TIME) : ""];
      steps.push({ not, within, type: this.unquoted(), where: this.bracketed("WHERE") });
    }
    return steps;
  }

  /** What stands between brackets behind this word, as it is written; nothing without the word. */
  private bracketed(word: string): string {
    if (!this.takes(word)) return "";
    this.must("(");
    const inner = this.until((word, depth) => depth === 0 && word === ")");
    this.must(")");
    return inner;
  }

  /** One test, to the next word that joins; BETWEEN has an AND of its own. */
  private test(): string {
    let isBetween = false;
    return this.until((word, depth) => {
      if (depth > 0) return false;
      if (word === "BETWEEN") isBetween = true;
      if (word !== "AND" || !isBetween) return word === "AND" || word === "OR" || word === ")";
      return (isBetween = false);
    });
  }

  private until(isEnd: (word: string, depth: number) => boolean): string {
    const begin = this.at;
    for (let depth = 0; !this.isDone() && !isEnd(this.peek(), depth); this.at += 1) depth += /^[([]$/.test(this.peek()) ? 1 : /^[)\]]$/.test(this.peek()) ? -1 : 0;
    const [first, last] = [this.words[begin], this.words[this.at - 1]];
    if (!first || !last || last.from < first.from) throw new Error("nothing stands there");
    return this.source.slice(first.from, last.to);
  }

  private peek = () => (this.words[this.at]?.text ?? "").toUpperCase();
  private word = () => this.words[this.at++]?.text ?? "";

  private takes(...wanted: string[]): boolean {
    const is = wanted.every((word, ahead) => this.words[this.at + ahead]?.text.toUpperCase() === word);
    if (is) this.at += wanted.length;
    return is;
  }

  private must(word: string): void {
    if (!this.takes(word)) throw new Error(`${word} is wanted`);
  }

  private matched(pattern: RegExp): string {
    const word = this.word();
    if (!pattern.test(word)) throw new Error(`${pattern} is wanted`);
    return word;
  }

  private unquoted(): string {
    return unquoted(this.matched(/^["']/).slice(1, -1));
  }
}

/** The opposite of a part. */
function turned(part: Part): Part {
  if (part.kind === "field" && !part.not && part.is === "EXISTS") return { ...part, is: "NOT EXISTS" };
  return { ...part, not: !part.not };
}

function leaf(text: string): Part {
  const [only, ...others] = read(text, "profile")?.conditions ?? [];
  return only && others.length === 0 ? { kind: "field", not: false, ...only } : { ...NEW.text, text };
}
