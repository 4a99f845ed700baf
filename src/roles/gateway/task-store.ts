import { BoundedMap, type Clock, CountersignError, type Logger, messageOf } from "../../base/index.ts";
import type { EventLog, NewEvent } from "../../events/event-log.ts";
import type { Migration, Statement, Store } from "../../storage/store.ts";
import {
  isEnded,
  moveTask,
  type PublishedStatus,
  publishedStatus,
  type Task,
  type TaskState,
  taskStates,
} from "./task.ts";
import { decodeTask, encodeTask } from "./task-codec.ts";
import { eventOf } from "./task-view.ts";

export const taskMigrations: readonly Migration[] = [
  {
    name: "gateway-tasks-1",
    statements: [
      `CREATE TABLE gateway_tasks (
         key TEXT PRIMARY KEY, request_id TEXT NOT NULL, state TEXT NOT NULL,
         created_at_ms BIGINT NOT NULL, updated_at_ms BIGINT NOT NULL,
         body TEXT NOT NULL, input TEXT NOT NULL, output TEXT)`,
      "CREATE INDEX gateway_tasks_request ON gateway_tasks (request_id)",
      "CREATE INDEX gateway_tasks_state ON gateway_tasks (state, updated_at_ms)",
    ],
  },
];

/** Ended tasks kept in memory for quick answers; older ones are read from the store. */
const endedTasksInMemory = 2_000;
/** How long a write that failed (a full disk, say) waits before it is tried again. */
const retryDelayMs = 1_000;

type Row = { body: string; input: string; output: string | null };

interface Pending {
  readonly task: Task;
  isNew: boolean;
  hasOutput: boolean;
  /** What its newest event in this write says. */
  told: PublishedStatus | undefined;
  readonly waiting: { resolve: () => void; reject: (error: unknown) => void }[];
}

/** The gateway's tasks: in memory while they live, in the store for good. */
export class TaskStore {
  readonly #store: Store;
  readonly #events: EventLog;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #live = new Map<string, Task>();
  #hostedCount = 0;
  readonly #endedCounts = { settled: 0, failed: 0 };
  readonly #ended = new BoundedMap<string, Task>(endedTasksInMemory);
  readonly #keysByRequestId = new Map<string, Set<string>>();
  readonly #pending = new Map<string, Pending>();
  readonly #lastSaves = new WeakMap<Task, Promise<void>>();
  #pendingEvents: NewEvent[] = [];
  #isFlushing = false;
  #cancelRetry: (() => void) | undefined;
  #flushed: Promise<void> = Promise.resolve();
  readonly #listeners = new Map<string, Set<() => void>>();

  constructor(options: { store: Store; events: EventLog; clock: Clock; logger: Logger }) {
    this.#store = options.store;
    this.#events = options.events;
    this.#clock = options.clock;
    this.#log = options.logger;
  }

  /** Reads back every task that had not ended, for the gateway to go on with. */
  async load(): Promise<Task[]> {
    const rows = await this.#store.all<Row>(
      "SELECT body, input, output FROM gateway_tasks WHERE state NOT IN ('settled', 'failed') ORDER BY created_at_ms",
    );
    for (const row of rows) this.#remember(taskOf(row));
    return [...this.#live.values()];
  }

  get liveCount(): number {
    return this.#live.size;
  }

  /** Of them, those that run here for another gateway. */
  get hostedCount(): number {
    return this.#hostedCount;
  }

  /** Tasks that ended since the start, by state. */
  get endedCounts(): Readonly<Record<string, number>> {
    return this.#endedCounts;
  }

  live(): IterableIterator<Task> {
    return this.#live.values();
  }

  async find(key: string): Promise<Task | undefined> {
    const known = this.#live.get(key) ?? this.#ended.get(key);
    if (known !== undefined) return known;
    const [row] = await this.#store.all<Row>("SELECT body, input, output FROM gateway_tasks WHERE key = ?", [
      key,
    ]);
    return row === undefined ? undefined : taskOf(row);
  }

  /** Every task of that request id, whoever its client. */
  async findByRequestId(requestId: string): Promise<Task[]> {
    const stored = await this.#store.all<{ key: string }>(
      "SELECT key FROM gateway_tasks WHERE request_id = ?",
      [requestId],
    );
    const keys = new Set([...(this.#keysByRequestId.get(requestId) ?? []), ...stored.map(({ key }) => key)]);
    const found = await Promise.all([...keys].map((key) => this.find(key)));
    return found.filter((task) => task !== undefined);
  }

  /** The live tasks of that request id, from memory. */
  liveByRequestId(requestId: string): Task[] {
    const keys = this.#keysByRequestId.get(requestId) ?? [];
    return [...keys].map((key) => this.#live.get(key)).filter((task) => task !== undefined);
  }

  /** Newest first; `status` is one of the published four, or empty for all. */
  async list(status: string, limit: number): Promise<Task[]> {
    const states = taskStates.filter((state) => status === "" || publishedStatus(state) === status);
    const rows = await this.#store.all<Row>(
      `SELECT body, '' AS input, output FROM gateway_tasks WHERE state IN (${states.map(() => "?").join(", ")})
       ORDER BY created_at_ms DESC LIMIT ?`,
      [...states, limit],
    );
    return rows.map(taskOf);
  }

  async counts(): Promise<Record<string, number>> {
    const rows = await this.#store.all<{ state: string; count: number }>(
      "SELECT state, COUNT(*) AS count FROM gateway_tasks GROUP BY state",
    );
    return Object.fromEntries(rows.map((row) => [row.state, Number(row.count)]));
  }

  /** Failed tasks whose escrow may still hold, or come to hold, the client's money. */
  async failedSince(updatedAtMs: number): Promise<Task[]> {
    const rows = await this.#store.all<Row>(
      "SELECT body, '' AS input, output FROM gateway_tasks WHERE state = 'failed' AND updated_at_ms >= ?",
      [updatedAtMs],
    );
    return rows.map(taskOf);
  }

  /** Takes a new task in; resolves once it is durable. @throws CountersignError STORAGE_FAILED, and the task is gone */
  insert(task: Task): Promise<void> {
    this.#remember(task);
    return this.#save(task, true);
  }

  /** Moves a task and tells its listeners at once; resolves once the move, with its event, is durable. */
  move(task: Task, to: TaskState): Promise<void> {
    const hadOutput = task.result !== undefined && to === "validating";
    moveTask(task, to, this.#clock);
    const saved = this.#save(task, false, hadOutput);
    this.#notify(task);
    return saved;
  }

  /** Stores a change that is no transition: a transaction hash, a receipt. */
  update(task: Task): Promise<void> {
    task.updatedAtMs = this.#clock.nowMs();
    const saved = this.#save(task, false);
    this.#notify(task);
    return saved;
  }

  /** Stores what an ended or completed task lacked; that is no event. @throws CountersignError STORAGE_FAILED */
  async amend(task: Task): Promise<void> {
    const sql = "UPDATE gateway_tasks SET body = ? WHERE key = ?";
    await this.#store.transact([{ sql, params: [encodeTask(task), task.key] }]);
  }

  /** Resolves once the task's newest change is on disk. */
  async stored(task: Task): Promise<void> {
    await this.#lastSaves.get(task);
  }

  /** Tells listeners of something that is not stored: a partial output. */
  touch(task: Task): void {
    this.#notify(task);
  }

  /** Calls back on each change of the task. */
  onChange(key: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(key);
    };
  }

  /** Waits for what was handed in; what cannot be written stays as it was on disk. */
  async stop(): Promise<void> {
    this.#cancelRetry?.();
    await this.#flushed;
  }

  #notify(task: Task): void {
    for (const listener of [...(this.#listeners.get(task.key) ?? [])]) listener();
  }

  #remember(task: Task): void {
    this.#live.set(task.key, task);
    if (task.origin !== undefined) this.#hostedCount++;
    const keys = this.#keysByRequestId.get(task.requestId) ?? new Set();
    keys.add(task.key);
    this.#keysByRequestId.set(task.requestId, keys);
  }

  #forget(task: Task): void {
    if (this.#live.delete(task.key) && task.origin !== undefined) this.#hostedCount--;
    const keys = this.#keysByRequestId.get(task.requestId);
    keys?.delete(task.key);
    if (keys?.size === 0) this.#keysByRequestId.delete(task.requestId);
  }

  #save(task: Task, isNew: boolean, hasOutput = false): Promise<void> {
    const pending = this.#pending.get(task.key) ?? { task, isNew, hasOutput, told: undefined, waiting: [] };
    pending.isNew ||= isNew;
    pending.hasOutput ||= hasOutput;
    this.#pending.set(task.key, pending);
    // Moves of one write that clients have one word for are one event: nobody saw the task in between.
    const status = publishedStatus(task.state);
    if (pending.told !== status) this.#pendingEvents.push(eventOf(task));
    pending.told = status;
    const saved = new Promise<void>((resolve, reject) => pending.waiting.push({ resolve, reject }));
    // Whoever does not wait for durability must not be hurt by its failure: the write is tried again.
    saved.catch(() => {});
    this.#lastSaves.set(task, saved);
    if (!this.#isFlushing) {
      this.#isFlushing = true;
      // What happens in the same turn of the event loop goes to disk together.
      setImmediate(() => {
        this.#flushed = this.#flush();
      });
    }
    return saved;
  }

  /** Writes everything pending as one transaction, again and again until nothing is left. */
  async #flush(): Promise<void> {
    while (this.#pending.size > 0) {
      const batch = [...this.#pending.values()];
      const events = this.#pendingEvents;
      this.#pending.clear();
      this.#pendingEvents = [];
      try {
        await this.#events.append(events, batch.map(statementFor));
        for (const { task, waiting } of batch) {
          if (isEnded(task) && this.#live.has(task.key)) {
            this.#forget(task);
            this.#endedCounts[task.state === "settled" ? "settled" : "failed"]++;
            this.#ended.set(task.key, task);
          }
          for (const { resolve } of waiting) resolve();
        }
      } catch (error) {
        this.#log.error(
          { error: messageOf(error), tasks: batch.length },
          "tasks could not be stored; trying again",
        );
        this.#keep(batch, events, error);
        this.#cancelRetry = this.#clock.after(retryDelayMs, () => {
          this.#flushed = this.#flush();
        });
        return;
      }
    }
    this.#isFlushing = false;
  }

  /** After a failed write: new tasks are refused, what was acknowledged before is kept and tried again. */
  #keep(batch: Pending[], events: NewEvent[], cause: unknown): void {
    const refused = new Set<string>();
    for (const pending of batch) {
      const { task, waiting } = pending;
      if (pending.isNew) {
        refused.add(task.key);
        this.#forget(task);
        this.#pending.delete(task.key);
        const error = new CountersignError(
          "STORAGE_FAILED",
          "the task could not be stored",
          { key: task.key },
          cause,
        );
        for (const { reject } of waiting) reject(error);
        continue;
      }
      const later = this.#pending.get(task.key);
      if (later === undefined) this.#pending.set(task.key, pending);
      else {
        later.hasOutput ||= pending.hasOutput;
        later.waiting.unshift(...waiting);
      }
    }
    this.#pendingEvents = [...events, ...this.#pendingEvents].filter((event) => !refused.has(event.key));
  }
}

function taskOf(row: Row): Task {
  return decodeTask(row.body, row.input, row.output ?? undefined);
}

function statementFor({ task, isNew, hasOutput }: Pending): Statement {
  const body = encodeTask(task);
  if (isNew) {
    return {
      sql: "INSERT INTO gateway_tasks (key, request_id, state, created_at_ms, updated_at_ms, body, input) VALUES (?, ?, ?, ?, ?, ?, ?)",
      params: [
        task.key,
        task.requestId,
        task.state,
        task.createdAtMs,
        task.updatedAtMs,
        body,
        task.inputData,
      ],
    };
  }
  if (hasOutput) {
    return {
      sql: "UPDATE gateway_tasks SET state = ?, updated_at_ms = ?, body = ?, output = ? WHERE key = ?",
      params: [task.state, task.updatedAtMs, body, task.result?.outputData ?? null, task.key],
    };
  }
  return {
    sql: "UPDATE gateway_tasks SET state = ?, updated_at_ms = ?, body = ? WHERE key = ?",
    params: [task.state, task.updatedAtMs, body, task.key],
  };
}
