import type { EventFilter, LoggedEvent } from "./event-log.ts";
import { matches } from "./follower.ts";

/** Some seconds of a busy log. */
const maxEvents = 8_192;
const maxBytes = 4 * 1024 * 1024;

/**
 * The newest events in memory. Followers that fell behind a little read them here, all the same objects: storage would
 * give each a copy of its own, to be shown anew.
 */
export class RecentEvents {
  #events: LoggedEvent[] = [];
  #bytes = 0;
  /** All events after this sequence are here. */
  #afterSeq: number;

  constructor(lastSeq: number) {
    this.#afterSeq = lastSeq;
  }

  push(events: readonly LoggedEvent[]): void {
    for (const event of events) {
      this.#events.push(event);
      this.#bytes += event.payload.length;
    }
    // Half at a time: each event is moved once.
    while (this.#events.length > maxEvents || (this.#bytes > maxBytes && this.#events.length > 0)) {
      this.#drop(Math.ceil(this.#events.length / 2));
    }
  }

  /** What is pruned is gone for all. */
  dropBefore(seq: number): void {
    this.#drop(this.#placeAfter(seq - 1));
  }

  #drop(count: number): void {
    const dropped = this.#events.splice(0, count);
    for (const { payload } of dropped) this.#bytes -= payload.length;
    this.#afterSeq = dropped.at(-1)?.seq ?? this.#afterSeq;
  }

  /** The next of the filter's events after a sequence, at most so many; undefined where some are not here any more. */
  after(filter: EventFilter, seq: number, most: number): LoggedEvent[] | undefined {
    if (seq < this.#afterSeq) return undefined;
    const found: LoggedEvent[] = [];
    for (let at = this.#placeAfter(seq); at < this.#events.length && found.length < most; at++) {
      const event = this.#events[at];
      if (event !== undefined && matches(filter, event)) found.push(event);
    }
    return found;
  }

  #placeAfter(seq: number): number {
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#events[middle]?.seq ?? 0) <= seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
