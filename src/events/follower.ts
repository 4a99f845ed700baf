import type { EventFilter, EventFollower, LoggedEvent } from "./event-log.ts";

/** Live events held for a follower that is slower than the log; past it, the follower reads storage again. */
const bufferedEvents = 256;

export function matches(filter: EventFilter, event: LoggedEvent): boolean {
  const { topic, key, keys, keyPrefix } = filter;
  return (
    topic === event.topic &&
    (key === undefined || key === event.key) &&
    (keys === undefined || keys.has(event.key)) &&
    (keyPrefix === undefined || event.key.startsWith(keyPrefix))
  );
}

export interface FollowedLog {
  readonly lastSeq: number;
  readPage(filter: EventFilter, afterSeq: number): Promise<{ events: LoggedEvent[]; isLast: boolean }>;
  onClose(follower: Follower): void;
}

/**
 * One follower's place in the log. It begins by reading storage, and does so again whenever its buffer ran over.
 * Live events are taken in from before each such reading, so between the two nothing falls through; what both
 * have is told apart by its sequence.
 */
export class Follower implements EventFollower {
  readonly filter: EventFilter;
  readonly #log: FollowedLog;
  #cursor: number;
  /** Where it stood before the events that were handed out last; they count once more are asked for. */
  #placeBefore: number | undefined;
  #buffer: LoggedEvent[] = [];
  /** Storage has events that the buffer lacks, and nobody reads them yet. */
  #isBehind = true;
  #isReadingStorage = false;
  #wake: (() => void) | undefined;

  constructor(filter: EventFilter, afterSeq: number, log: FollowedLog) {
    this.filter = filter;
    this.#cursor = afterSeq;
    this.#log = log;
  }

  get place(): number {
    return this.#placeBefore ?? this.#knownUpTo();
  }

  #knownUpTo(): number {
    if (this.#isBehind || this.#isReadingStorage) return this.#cursor;
    const [waiting] = this.#buffer;
    return Math.max(this.#cursor, waiting === undefined ? this.#log.lastSeq : waiting.seq - 1);
  }

  /** Takes live events; called in sequence, after they are durable. */
  push(events: readonly LoggedEvent[]): void {
    let isNew = false;
    for (const event of events) {
      if (!matches(this.filter, event)) continue;
      isNew = true;
      if (this.#buffer.length >= bufferedEvents) {
        this.#cursor = this.#knownUpTo();
        this.#isBehind = true;
        this.#buffer = [];
      }
      // While behind, an event is left for storage to tell; the reader starts buffering again when it begins to read.
      if (!this.#isBehind) this.#buffer.push(event);
    }
    if (isNew) this.#wake?.();
  }

  async next(signal: AbortSignal): Promise<readonly LoggedEvent[]> {
    this.#placeBefore = undefined;
    while (!signal.aborted) {
      if (this.#isBehind) {
        this.#isBehind = false;
        this.#isReadingStorage = true;
      }
      const before = this.#knownUpTo();
      const events = this.#isReadingStorage ? await this.#readStorage(signal) : this.#takeBuffered();
      const last = events.at(-1);
      if (last !== undefined) {
        this.#placeBefore = Math.min(before, last.seq);
        this.#cursor = last.seq;
        return events;
      }
      if (!this.#isBehind && !this.#isReadingStorage && this.#buffer.length === 0)
        await this.#somethingNew(signal);
    }
    return [];
  }

  close(): void {
    this.#wake?.();
    this.#log.onClose(this);
  }

  async #readStorage(signal: AbortSignal): Promise<readonly LoggedEvent[]> {
    const page = await this.#log.readPage(this.filter, this.#cursor);
    if (signal.aborted) return [];
    if (page.isLast) this.#isReadingStorage = false;
    return page.events;
  }

  #takeBuffered(): readonly LoggedEvent[] {
    const events = this.#buffer;
    this.#buffer = [];
    const [first] = events;
    return first === undefined || first.seq > this.#cursor
      ? events
      : events.filter(({ seq }) => seq > this.#cursor);
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
      if (signal.aborted) wake();
    });
  }
}
