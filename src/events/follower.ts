import type { EventFilter, LoggedEvent } from "./event-log.ts";

/** Live events held for a follower that is slower than the log; past it, the follower reads storage again. */
const bufferedEvents = 256;

export function matches(filter: EventFilter, event: LoggedEvent): boolean {
  return filter.topic === event.topic && (filter.key === undefined || filter.key === event.key);
}

/**
 * One follower's place in the log. It begins by reading storage, and does so again whenever its buffer ran over.
 * Live events are taken in from before each such reading, so between the two nothing falls through; what both
 * have is told apart by its sequence.
 */
export class Follower {
  readonly filter: EventFilter;
  #cursor: number;
  #buffer: LoggedEvent[] = [];
  #isBehind = true;
  #wake: (() => void) | undefined;

  constructor(filter: EventFilter, afterSeq: number) {
    this.filter = filter;
    this.#cursor = afterSeq;
  }

  /** Takes a live event; called in sequence, after the event is durable. */
  push(event: LoggedEvent): void {
    if (!matches(this.filter, event)) return;
    if (this.#buffer.length >= bufferedEvents) {
      this.#isBehind = true;
      this.#buffer = [];
    }
    // While behind, an event is left for storage to tell; the reader starts buffering again when it begins to read.
    if (!this.#isBehind) this.#buffer.push(event);
    this.#wake?.();
  }

  async *read(
    readStored: (
      filter: EventFilter,
      afterSeq: number,
    ) => Promise<{ events: LoggedEvent[]; isLast: boolean }>,
    signal: AbortSignal,
  ): AsyncGenerator<LoggedEvent, void, undefined> {
    while (!signal.aborted) {
      if (this.#isBehind) {
        this.#isBehind = false;
        for (let isLast = false; !isLast && !signal.aborted; ) {
          const page = await readStored(this.filter, this.#cursor);
          isLast = page.isLast;
          for (const event of page.events) {
            if (signal.aborted) return;
            this.#cursor = event.seq;
            yield event;
          }
        }
        continue;
      }
      const event = this.#buffer.shift();
      if (event === undefined) {
        await this.#somethingNew(signal);
      } else if (event.seq > this.#cursor) {
        this.#cursor = event.seq;
        yield event;
      }
    }
  }

  #somethingNew(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        signal.removeEventListener("abort", wake);
        this.#wake = undefined;
        resolve();
      };
      this.#wake = wake;
      signal.addEventListener("abort", wake, { once: true });
    });
  }
}
