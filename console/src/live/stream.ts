// What happens at this moment, from the server to a bounded list; free of React.

import { raw, type Schemas, Unreachable } from "../api/client";
import { line } from "../api/line";
import { type Message, messages } from "./stream-messages";

export type Refused = Schemas["RefusedPayload"];
export type Row = { key: number; at: number } & ({ kept: Schemas["EventDocument"] } | { refused: Refused });
export type State = "connecting" | "listening" | "ended";
export type Seen = { rows: readonly Row[]; waiting: number; leftOut: number; state: State };

/** Rows that the page holds, and that wait while it is paused. */
export const ROWS_MAX = 500;
/** The list is drawn this often at most, however much happens. */
const DRAW_MS = 250;
/** After the line was cut. */
const AGAIN_MS = 2000;

/** A row that is read when it is looked at: of thousands a second most are gone before. */
function row(key: number, name: "kept" | "refused", data: string): Row {
  let read: unknown;
  return { key, at: Date.now(), get [name]() { return (read ??= JSON.parse(data)); } } as unknown as Row;
}

/** Holds the newest rows. While it is paused they wait, up to the bound; what falls out is counted. */
export class Tail {
  private rows: Row[] = [];
  private waiting: Row[] = [];
  private leftOut = 0;
  private state: State = "connecting";
  private number = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly stopped = new AbortController();
  isPaused = false;

  constructor(private readonly query: string, private readonly draw: (seen: Seen) => void, private readonly fail: (error: unknown) => void) {
    void this.run();
  }

  stop(): void {
    this.stopped.abort();
    clearTimeout(this.timer);
  }

  go(): void {
    this.isPaused = false;
    this.rows = bounded([...this.waiting, ...this.rows]);
    this.waiting = [];
    this.show();
  }

  clear(): void {
    [this.rows, this.waiting, this.leftOut] = [[], [], 0];
    this.show();
  }

  private async run(): Promise<void> {
    const { signal } = this.stopped;
    while (!signal.aborted) {
      try {
        const answer = await raw(`/api/events/live${this.query}`, { signal });
        this.enter("listening");
        if (answer.body) for await (const message of messages(answer.body)) this.take(message);
        this.enter("ended");
      } catch (error) {
        if (signal.aborted) return;
        this.enter("ended");
        // The page says so already.
        if (!(error instanceof Unreachable)) this.fail(error);
      }
      await line.up(signal);
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }

  private take({ event, data }: Message): void {
    if (event === "kept" || event === "refused") this.add(row(this.number++, event, data));
    else if (event === "left_out") {
      const { events, refusals } = JSON.parse(data) as Schemas["LeftOut"];
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
    this.show();
  }

  private show(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.draw({ rows: [...this.rows], waiting: this.waiting.length, leftOut: this.leftOut, state: this.state });
    }, DRAW_MS);
  }
}

const bounded = (rows: Row[]) => rows.slice(0, ROWS_MAX);
