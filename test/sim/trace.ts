import { createHash } from "node:crypto";
import type { Logger } from "../../src/base/index.ts";

/** Events kept to be shown when a scenario fails. */
const shownEvents = 60;

export interface TraceEvent {
  readonly atMs: number;
  readonly who: string;
  readonly what: string;
}

/** Everything that happened, in order: the whole of it as a digest, the last of it as text. */
export class Trace {
  readonly #nowMs: () => number;
  readonly #startMs: number;
  readonly #hash = createHash("sha256");
  readonly #last: TraceEvent[] = [];
  /** A name that is another one in every run, and is left out: the folder of the disks. */
  hidden = "";
  /** Called with every event worth a line. */
  onEvent: ((event: TraceEvent) => void) | undefined;
  count = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#startMs = nowMs();
  }

  /** Counts for the digest, and is not shown: a delivery, say. */
  tick(text: string): void {
    this.count++;
    this.#hash.update(`${this.#nowMs()} ${this.#shown(text)}\n`);
  }

  note(who: string, text: string): void {
    const what = this.#shown(text);
    const event = { atMs: this.#nowMs() - this.#startMs, who, what };
    this.tick(`${who} ${what}`);
    this.#last.push(event);
    if (this.#last.length > shownEvents) this.#last.shift();
    this.onEvent?.(event);
  }

  last(): string[] {
    return this.#last.map(formatEvent);
  }

  /** Of all events so far. */
  digest(): string {
    return this.#hash.copy().digest("hex");
  }

  #shown(text: string): string {
    return this.hidden === "" ? text : text.replaceAll(this.hidden, "");
  }

  /** A node's log as events: debug lines for the digest only. */
  logger(who: string, bindings: object = {}): Logger {
    const line = (data: object, sentence: string) => `${sentence} ${toText({ ...bindings, ...data })}`;
    const note = (level: string) => (data: object, sentence: string) =>
      this.note(who, `${level} ${line(data, sentence)}`);
    return {
      debug: (data, sentence) => this.tick(`${who} ${line(data, sentence)}`),
      info: note("info"),
      warn: note("warn"),
      error: note("error"),
      child: (more) => this.logger(who, { ...bindings, ...more }),
    };
  }
}

export function formatEvent({ atMs, who, what }: TraceEvent): string {
  return `${(atMs / 1000).toFixed(3).padStart(9)} s  ${who.padEnd(12)} ${what}`;
}

function toText(data: object): string {
  return JSON.stringify(data, (_key, value) => (typeof value === "bigint" ? String(value) : value));
}
