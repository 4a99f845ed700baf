import type { Task } from "./task.ts";

/** Runs one task to its end; it handles its own failures and never rejects. */
export type RunTask = (task: Task, signal: AbortSignal) => Promise<void>;

export type Acceptance = "accepted" | "known" | "full";

interface Entry {
  readonly task: Task;
  readonly abort: AbortController;
}

/** At most `maxTasks` run, at most `maxQueued` wait, each key once. */
export class TaskPool {
  readonly #maxTasks: number;
  readonly #maxQueued: number;
  readonly #run: RunTask;
  readonly #onLoadChange: () => void;
  readonly #running = new Map<string, Entry>();
  readonly #queue = new Map<string, Entry>();
  #idle: (() => void)[] = [];
  #isClosed = false;

  constructor(options: { maxTasks: number; maxQueued: number; run: RunTask; onLoadChange: () => void }) {
    this.#maxTasks = options.maxTasks;
    this.#maxQueued = options.maxQueued;
    this.#run = options.run;
    this.#onLoadChange = options.onLoadChange;
  }

  get activeCount(): number {
    return this.#running.size + this.#queue.size;
  }

  /** From 0 to 1. */
  get load(): number {
    return Math.min(1, this.activeCount / this.#maxTasks);
  }

  *tasks(): Generator<Task> {
    for (const { task } of this.#running.values()) yield task;
    for (const { task } of this.#queue.values()) yield task;
  }

  accept(task: Task): Acceptance {
    if (this.#running.has(task.key) || this.#queue.has(task.key)) return "known";
    const hasPlace = this.#running.size < this.#maxTasks || this.#queue.size < this.#maxQueued;
    if (this.#isClosed || !hasPlace) return "full";
    this.#queue.set(task.key, { task, abort: new AbortController() });
    this.#startNext();
    this.#onLoadChange();
    return "accepted";
  }

  /** Breaks a task off with this reason; one that waits never starts. */
  cancel(key: string, reason: Error): void {
    if (this.#queue.delete(key)) this.#changed();
    this.#running.get(key)?.abort.abort(reason);
  }

  /** No task is accepted or started any more; those that wait are forgotten. */
  close(): void {
    this.#isClosed = true;
    this.#queue.clear();
    this.#changed();
  }

  cancelAll(reason: Error): void {
    for (const { abort } of this.#running.values()) abort.abort(reason);
  }

  /** Resolves once nothing runs or waits. */
  idle(): Promise<void> {
    if (this.activeCount === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #startNext(): void {
    while (this.#running.size < this.#maxTasks) {
      const next = this.#queue.entries().next().value;
      if (next === undefined) return;
      const [key, entry] = next;
      this.#queue.delete(key);
      this.#running.set(key, entry);
      void this.#run(entry.task, entry.abort.signal).finally(() => {
        this.#running.delete(key);
        this.#startNext();
        this.#changed();
      });
    }
  }

  #changed(): void {
    this.#onLoadChange();
    if (this.activeCount > 0) return;
    const waiting = this.#idle;
    this.#idle = [];
    for (const resolve of waiting) resolve();
  }
}
