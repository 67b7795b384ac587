// What happens at this moment, from the server to a bounded list; free of React.

import { raw, type Schemas, Unreachable } from "../api/client";
import { parse } from "../api/json";
import { line as server } from "../api/line";
import { type Message, messages } from "./stream-messages";

export type Refused = Schemas["RefusedPayload"];
export type Row = { key: number; at: number } & ({ kept: Schemas["EventDocument"] } | { refused: Refused });
/** `rested`: nobody has looked for a while. */
export type State = "connecting" | "listening" | "ended" | "rested";
export type Seen = { rows: readonly Row[]; waiting: number; leftOut: number; state: State };

/** Rows that the page holds, and that wait while it is paused. */
export const ROWS_MAX = 500;
/** The list is drawn this often at most, however much happens: drawing is what costs. What happens after a pause is drawn at once. */
const DRAW_MS = 1000;
/** What comes together is drawn together. */
const TOGETHER_MS = 30;
/** After the line was cut. */
const AGAIN_MS = 2000;
/** A page that nobody has looked at for so long hears nothing more until somebody does. */
export const UNSEEN_MS_MAX = 300_000;

/** A row that is read when it is looked at: of thousands a second most are gone before. */
function row(key: number, name: "kept" | "refused", data: string): Row {
  let read: unknown;
  return { key, at: Date.now(), get [name]() { return (read ??= parse(data)); } } as unknown as Row;
}

/** Holds the newest rows. While it is paused they wait, up to the bound; what falls out is counted. */
export class Tail {
  private rows: Row[] = [];
  private waiting: Row[] = [];
  private leftOut = 0;
  private state: State = "connecting";
  private number = 0;
  private isPaused = false;
  private drawn = -Infinity;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private unseen: ReturnType<typeof setTimeout> | undefined;
  private line: AbortController | undefined;
  private readonly stopped = new AbortController();

  constructor(private readonly query: string, private readonly draw: (seen: Seen) => void, private readonly fail: (error: unknown) => void) {
    document.addEventListener("visibilitychange", this.look, { signal: this.stopped.signal });
    this.look();
    void this.open();
  }

  stop(): void {
    this.stopped.abort();
    this.line?.abort();
    clearTimeout(this.timer);
    clearTimeout(this.unseen);
  }

  pause(isPaused: boolean): void {
    this.isPaused = isPaused;
    if (isPaused) return;
    this.rows = bounded([...this.waiting, ...this.rows]);
    this.waiting = [];
    this.show(true);
  }

  clear(): void {
    [this.rows, this.waiting, this.leftOut] = [[], [], 0];
    this.show(true);
  }

  /** Nothing is drawn that nobody sees, and after a while nothing is heard: whoever comes back soon finds all that happened. */
  private readonly look = (): void => {
    clearTimeout(this.unseen);
    if (document.hidden) {
      this.unseen = setTimeout(() => (this.line?.abort(), this.enter("rested")), UNSEEN_MS_MAX);
    } else if (this.state === "rested") void this.open();
    else this.show(true);
  };

  private async open(): Promise<void> {
    const line = (this.line = new AbortController());
    this.enter("connecting");
    while (!line.signal.aborted) {
      try {
        const answer = await raw(`/api/events/live${this.query}`, { signal: line.signal });
        this.enter("listening");
        if (answer.body) for await (const message of messages(answer.body)) this.take(message);
        this.enter("ended");
      } catch (error) {
        if (line.signal.aborted) return;
        this.enter("ended");
        // The page says so already.
        if (!(error instanceof Unreachable)) this.fail(error);
      }
      await server.up(line.signal);
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }

  private take({ event, data }: Message): void {
    if (event === "kept" || event === "refused") this.add(row(this.number++, event, data));
    else if (event === "left_out") {
      const { events, refusals } = parse(data) as Schemas["LeftOut"];
      this.leftOut += events + refusals;
      this.show();
    }
  }

  private add(row: Row): void {
    const list = this.isPaused ? this.waiting : this.rows;
    list.unshift(row);
    if (list.length > ROWS_MAX) {
      list.length = ROWS_MAX;
      // What was never shown is left out; what has been shown has only moved on.
      if (this.isPaused) this.leftOut += 1;
    }
    this.show();
  }

  private enter(state: State): void {
    this.state = state;
    this.show(true);
  }

  private show(isAtOnce = false): void {
    if (isAtOnce) (clearTimeout(this.timer), (this.timer = undefined));
    if (document.hidden || this.stopped.signal.aborted) return;
    const wait = isAtOnce ? 0 : Math.max(TOGETHER_MS, this.drawn + DRAW_MS - performance.now());
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.drawn = performance.now();
      this.draw({ rows: [...this.rows], waiting: this.waiting.length, leftOut: this.leftOut, state: this.state });
    }, wait);
  }
}

const bounded = (rows: Row[]) => rows.slice(0, ROWS_MAX);
