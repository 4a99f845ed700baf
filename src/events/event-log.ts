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

export interface EventFilter {
  readonly topic: string;
  readonly key?: string;
}

/** The append-only log behind every stream that a client can resume. */
export interface EventLog {
  /** Stores the events and the statements in one transaction; resolves, and tells subscribers, once durable. */
  append(events: readonly NewEvent[], alongside?: readonly Statement[]): Promise<LoggedEvent[]>;
  /** Everything after `afterSeq`, first from storage, then live, without gap or duplicate, until the signal aborts. */
  follow(filter: EventFilter, afterSeq: number, signal: AbortSignal): AsyncIterable<LoggedEvent>;
  /** Sequence of the newest durable event, 0 when there is none. */
  readonly lastSeq: number;
}
