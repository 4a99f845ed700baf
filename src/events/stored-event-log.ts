import { type Cancel, type Clock, CountersignError } from "../base/index.ts";
import type { Migration, Row, SqlValue, Statement, Store } from "../storage/store.ts";
import type { EventFilter, EventFollower, EventLog, LoggedEvent, NewEvent } from "./event-log.ts";
import { type FollowedLog, Follower } from "./follower.ts";
import { RecentEvents } from "./recent-events.ts";

export const eventMigrations: readonly Migration[] = [
  {
    name: "events-1",
    statements: [
      "CREATE TABLE events (seq BIGINT PRIMARY KEY, time_ms BIGINT NOT NULL, topic TEXT NOT NULL, key TEXT NOT NULL, payload BLOB NOT NULL)",
      "CREATE INDEX events_by_key ON events (topic, key, seq)",
      "CREATE INDEX events_by_topic ON events (topic, seq)",
      "CREATE INDEX events_by_time ON events (time_ms)",
    ],
  },
];

export interface EventLogOptions {
  /** Older events are dropped. Default: a week, longer than any client stays away on purpose. */
  readonly maxAgeMs?: number;
  /** Past this the oldest are dropped. Default: a million, about 300 MB of task events. */
  readonly maxEvents?: number;
}

export interface StoredEventLog extends EventLog {
  /** Sequence of the oldest event kept; a follower that starts before it has lost what was pruned. 0 when empty. */
  oldestSeq(): Promise<number>;
  /** Drops what is too old or too much, in bounded steps. Runs by itself every few minutes. */
  prune(): Promise<number>;
  /** Waits for a pruning under way. Followers end by their own signals. */
  stop(): Promise<void>;
}

const dayMs = 86_400_000;
const defaultMaxAgeMs = 7 * dayMs;
const defaultMaxEvents = 1_000_000;
const prunePeriodMs = 5 * 60_000;
/** Events deleted in one transaction: some milliseconds, so that other writes are not held up. */
const pruneStep = 2_000;
/** Events read from storage at once on the main thread. */
const pageEvents = 256;

const insert = "INSERT INTO events (seq, time_ms, topic, key, payload) VALUES (?, ?, ?, ?, ?)";

/** Opens the log over a store that has `eventMigrations`. */
export async function openEventLog(
  store: Store,
  clock: Clock,
  options: EventLogOptions = {},
): Promise<StoredEventLog> {
  const [row] = await store.all<{ first: number | null; last: number | null }>(
    "SELECT MIN(seq) AS first, MAX(seq) AS last FROM events",
  );
  return new SqlEventLog(store, clock, options, row?.first ?? 1, row?.last ?? 0);
}

class SqlEventLog implements StoredEventLog, FollowedLog {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #maxAgeMs: number;
  readonly #maxEvents: number;
  readonly #followers = new Map<string, Set<Follower>>();
  readonly #recent: RecentEvents;
  readonly #stopPruning: Cancel;
  #nextSeq: number;
  #lastSeq: number;
  /** Events before this sequence are gone. */
  #keptFrom: number;
  #pruning: Promise<number> | undefined;
  #isStopped = false;

  constructor(store: Store, clock: Clock, options: EventLogOptions, firstSeq: number, lastSeq: number) {
    this.#store = store;
    this.#clock = clock;
    this.#maxAgeMs = options.maxAgeMs ?? defaultMaxAgeMs;
    this.#maxEvents = options.maxEvents ?? defaultMaxEvents;
    this.#keptFrom = firstSeq;
    this.#recent = new RecentEvents(lastSeq);
    this.#lastSeq = lastSeq;
    this.#nextSeq = lastSeq + 1;
    this.#stopPruning = clock.every(prunePeriodMs, () => {
      // A failure shows in the writes that fail with it; the next period tries again.
      this.prune().catch(() => undefined);
    });
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  async append(events: readonly NewEvent[], alongside: readonly Statement[] = []): Promise<LoggedEvent[]> {
    const timeMs = this.#clock.nowMs();
    const logged = events.map(({ topic, key, payload }) => ({
      seq: this.#nextSeq++,
      timeMs,
      topic,
      key,
      payload,
    }));
    await this.#store.transact([
      ...logged.map(({ seq, topic, key, payload }) => ({
        sql: insert,
        params: [seq, timeMs, topic, key, payload],
      })),
      ...alongside,
    ]);
    // The store commits in the order it was handed transactions, so sequences become durable in order.
    this.#lastSeq = logged.at(-1)?.seq ?? this.#lastSeq;
    this.#recent.push(logged);
    for (const topic of new Set(logged.map((event) => event.topic)))
      for (const follower of this.#followers.get(topic) ?? []) follower.push(logged);
    return logged;
  }

  async *follow(filter: EventFilter, afterSeq: number, signal: AbortSignal): AsyncGenerator<LoggedEvent> {
    const follower = this.open(filter, afterSeq);
    try {
      for (;;) {
        const events = await follower.next(signal);
        if (events.length === 0) return;
        for (const event of events) {
          if (signal.aborted) return;
          yield event;
        }
      }
    } finally {
      follower.close();
    }
  }

  open(filter: EventFilter, afterSeq: number): EventFollower {
    const follower = new Follower(filter, afterSeq, this);
    const sameTopic = this.#followers.get(filter.topic) ?? new Set();
    this.#followers.set(filter.topic, sameTopic);
    sameTopic.add(follower);
    return follower;
  }

  onClose(follower: Follower): void {
    const sameTopic = this.#followers.get(follower.filter.topic);
    sameTopic?.delete(follower);
    if (sameTopic?.size === 0) this.#followers.delete(follower.filter.topic);
  }

  checkCursor(afterSeq: number): void {
    if (afterSeq > this.#lastSeq) {
      throw new CountersignError(
        "FUTURE_CURSOR",
        `cursor: ${afterSeq} is not reached yet; this gateway's newest event is ${this.#lastSeq}`,
        { field: "cursor", allowed: `0 to ${this.#lastSeq}` },
      );
    }
    if (afterSeq === 0 || afterSeq >= this.#keptFrom - 1) return;
    throw new CountersignError(
      "OUTDATED_CURSOR",
      `cursor: events after ${afterSeq} are gone; the oldest kept is ${this.#keptFrom}`,
      { field: "cursor", allowed: `0, or ${this.#keptFrom - 1} to ${this.#lastSeq}` },
    );
  }

  async oldestSeq(): Promise<number> {
    const [row] = await this.#store.all<{ first: number | null }>("SELECT MIN(seq) AS first FROM events");
    return row?.first ?? 0;
  }

  prune(): Promise<number> {
    this.#pruning ??= this.#prune().finally(() => {
      this.#pruning = undefined;
    });
    return this.#pruning;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#stopPruning();
    await this.#pruning?.catch(() => undefined);
  }

  async #prune(): Promise<number> {
    const oldestTimeMs = this.#clock.nowMs() - this.#maxAgeMs;
    const [young] = await this.#store.all<{ seq: number | null }>(
      "SELECT MIN(seq) AS seq FROM (SELECT seq FROM events WHERE time_ms >= ? ORDER BY time_ms, seq LIMIT 1) AS youngest",
      [oldestTimeMs],
    );
    // The newest event stays whatever its age: it remembers the sequence across a restart.
    const keepFrom = Math.min(
      this.#lastSeq,
      Math.max(young?.seq ?? this.#lastSeq, this.#lastSeq - this.#maxEvents + 1),
    );
    let pruned = 0;
    for (let from = await this.oldestSeq(); from < keepFrom && !this.#isStopped; from += pruneStep) {
      const [changed = 0] = await this.#store.transact([
        { sql: "DELETE FROM events WHERE seq < ?", params: [Math.min(from + pruneStep, keepFrom)] },
      ]);
      this.#keptFrom = Math.min(from + pruneStep, keepFrom);
      this.#recent.dropBefore(this.#keptFrom);
      pruned += changed;
    }
    return pruned;
  }

  async readPage(filter: EventFilter, afterSeq: number) {
    const recent = this.#recent.after(filter, afterSeq, pageEvents);
    if (recent !== undefined) return { events: recent, isLast: recent.length < pageEvents };
    const { where, params } = conditions(filter);
    const rows = await this.#store.all<EventRow>(
      `SELECT seq, time_ms, topic, key, payload FROM events WHERE seq > ? AND seq <= ? AND ${where} ORDER BY seq LIMIT ${pageEvents}`,
      // What is on disk but not told yet comes live: nobody may hold a cursor that this log does not know yet.
      [afterSeq, this.#lastSeq, ...params],
    );
    // What was pruned before the reading must not be passed over in silence.
    this.checkCursor(afterSeq);
    return { events: rows.map(loggedEvent), isLast: rows.length < pageEvents };
  }
}

function conditions({ topic, key, keys, keyPrefix }: EventFilter): { where: string; params: SqlValue[] } {
  let where = "topic = ?";
  const params: SqlValue[] = [topic];
  if (key !== undefined) {
    where += " AND key = ?";
    params.push(key);
  }
  if (keys !== undefined) {
    where += ` AND key IN (${[...keys].map(() => "?").join(", ")})`;
    params.push(...keys);
  }
  if (keyPrefix !== undefined) {
    where += " AND key >= ? AND key < ?";
    // No key has a character after this one.
    params.push(keyPrefix, `${keyPrefix}\u{10ffff}`);
  }
  return { where, params };
}

interface EventRow extends Row {
  seq: number;
  time_ms: number;
  topic: string;
  key: string;
  payload: Uint8Array;
}

function loggedEvent(row: EventRow): LoggedEvent {
  return { seq: row.seq, timeMs: row.time_ms, topic: row.topic, key: row.key, payload: row.payload };
}
