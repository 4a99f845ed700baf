import type { Statement } from "../storage/store.ts";

export interface NewEvent {
  readonly topic: string;
  /** What the event is about, for filters: a task key, a node id. */
  readonly key: string;
  readonly payload: Uint8Array;
}

export interface LoggedEvent extends NewEvent {
  /** Grows by one per event, never reused. */
  readonly seq: number;
  readonly timeMs: number;
}

/** Events of a topic; of those with one key, or one of some, or whose key begins so, where that is said. */
export interface EventFilter {
  readonly topic: string;
  readonly key?: string;
  readonly keys?: ReadonlySet<string>;
  readonly keyPrefix?: string;
}

/** One reader's place in the log. */
export interface EventFollower {
  /** Everything up to this sequence is dealt with: handed out before the last asking for more, or not the filter's. */
  readonly place: number;
  /**
   * The next events, in order, as soon as there is one; none once the signal has aborted.
   * @throws CountersignError OUTDATED_CURSOR when what comes next was pruned meanwhile
   */
  next(signal: AbortSignal): Promise<readonly LoggedEvent[]>;
  /** To be called once nothing more is wanted. */
  close(): void;
}

/** The append-only log behind every stream that a client can resume. */
export interface EventLog {
  /** Stores the events and the statements in one transaction; resolves, and tells subscribers, once durable. */
  append(events: readonly NewEvent[], alongside?: readonly Statement[]): Promise<LoggedEvent[]>;
  /** Everything after `afterSeq`, first from storage, then live, without gap or duplicate, until the signal aborts. */
  follow(filter: EventFilter, afterSeq: number, signal: AbortSignal): AsyncIterable<LoggedEvent>;
  /** As `follow`, many events at a time. */
  open(filter: EventFilter, afterSeq: number): EventFollower;
  /** What is stored after `afterSeq`, a page of it. @throws CountersignError OUTDATED_CURSOR */
  readPage(filter: EventFilter, afterSeq: number): Promise<{ events: LoggedEvent[]; isLast: boolean }>;
  /**
   * 0 stands for the oldest event that is kept.
   * @throws CountersignError FUTURE_CURSOR for a sequence that does not exist yet, OUTDATED_CURSOR where events after it are gone
   */
  checkCursor(afterSeq: number): void;
  /** Sequence of the newest durable event, 0 when there is none. */
  readonly lastSeq: number;
}
