import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { type CountersignError, messageOf } from "../base/index.ts";
import { storageFailed } from "./engine-failure.ts";
import type { TransactResult, WriterOptions, WriterReply, WriterRequest } from "./group.ts";
import { Reader } from "./reader.ts";
import type { Migration, Row, SqlValue, Statement, Store, StoreCounts } from "./store.ts";

/** What a store writes through: a thread, or something that passes for one. */
export type WriterThread = Pick<Worker, "on" | "once" | "postMessage" | "terminate">;

/** Transacts in one group: about 20 ms of work, so that the first of a burst does not wait for the last. */
const groupLimit = 1024;

export interface StoreOptions {
  /** The database file; its folder exists. */
  readonly path: string;
  readonly migrations: readonly Migration[];
  readonly signal?: AbortSignal;
  /** Instead of a thread of the store's own. */
  readonly startWriter?: (options: WriterOptions) => WriterThread;
}

interface Waiting {
  readonly statements: readonly Statement[];
  resolve(changes: number[]): void;
  reject(error: unknown): void;
}

/**
 * Opens or creates the database and brings its schema up to date.
 * @throws CountersignError STORAGE_FAILED when the file cannot be opened, is damaged or a migration fails
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { path, migrations, signal } = options;
  signal?.throwIfAborted();
  const worker = (options.startWriter ?? startThread)({ path, migrations });
  const abort = () => void worker.terminate();
  signal?.addEventListener("abort", abort, { once: true });
  try {
    await opened(worker, path);
    signal?.throwIfAborted();
    return new SqliteStore(path, worker);
  } catch (error) {
    await worker.terminate();
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

function startThread(options: WriterOptions): WriterThread {
  // TypeScript rewrites import specifiers but no URLs: this file is .ts in a checkout and .js in dist.
  const url = new URL(`./writer${extname(import.meta.url)}`, import.meta.url);
  return new Worker(url, {
    workerData: options,
    name: "storage-writer",
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
}

function opened(worker: WriterThread, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once("message", (reply: WriterReply) => {
      if (reply.type === "open_failed") reject(storageFailed(path, reply.failure));
      else resolve();
    });
    worker.once("error", (error) => reject(storageFailed(path, { message: messageOf(error), code: 0 })));
    worker.once("exit", () => reject(storageFailed(path, { message: "the writer thread ended", code: 0 })));
  });
}

class SqliteStore implements Store {
  readonly #path: string;
  readonly #worker: WriterThread;
  readonly #reader: Reader;
  #waiting: Waiting[] = [];
  #committing: Waiting[] = [];
  #isScheduled = false;
  #ended: CountersignError | undefined;
  #closing: Promise<void> | undefined;
  #onIdle: (() => void) | undefined;
  #transactions = 0;
  #groups = 0;
  #failures = 0;

  constructor(path: string, worker: WriterThread) {
    this.#path = path;
    this.#worker = worker;
    this.#reader = new Reader(path);
    worker.on("message", (reply: WriterReply) => {
      if (reply.type === "done") this.#finishGroup(reply.results);
    });
    worker.on("error", (error) => this.#fail(messageOf(error)));
    worker.on("exit", () => this.#fail("the store is closed"));
  }

  transact(statements: readonly Statement[]): Promise<number[]> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    if (this.#closing !== undefined) return Promise.reject(this.#failure("the store is closing"));
    if (statements.length === 0) return Promise.resolve([]);
    const owned = statements.map(ownedStatement);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ statements: owned, resolve, reject });
      this.#schedule();
    });
  }

  async all<T extends Row = Row>(sql: string, params: readonly SqlValue[] = []): Promise<T[]> {
    if (this.#ended !== undefined) throw this.#ended;
    return this.#reader.all(sql, params) as T[];
  }

  counts(): StoreCounts {
    return { transactions: this.#transactions, groups: this.#groups, failures: this.#failures };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#waiting.length > 0 || this.#committing.length > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    }
    this.#reader.close();
    if (this.#ended !== undefined) return;
    const exited = new Promise((resolve) => this.#worker.once("exit", resolve));
    this.#post({ type: "close" });
    await exited;
  }

  /** Whatever is handed in during this turn of the loop, or while a group is being committed, goes together. */
  #schedule(): void {
    if (this.#isScheduled || this.#committing.length > 0) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.#startGroup();
    });
  }

  #startGroup(): void {
    if (this.#committing.length > 0 || this.#waiting.length === 0) return;
    this.#committing = this.#waiting.splice(0, groupLimit);
    this.#post({ type: "group", transacts: this.#committing.map(({ statements }) => statements) });
  }

  #finishGroup(results: readonly TransactResult[]): void {
    const finished = this.#committing;
    this.#committing = [];
    this.#groups++;
    this.#transactions += finished.length;
    this.#failures += results.filter((result) => "failure" in result).length;
    // The next group starts before this one's callers run, so that the disk does not wait for them.
    this.#startGroup();
    for (const [index, waiting] of finished.entries()) {
      const result = results[index];
      if (result === undefined) waiting.reject(this.#failure("the writer lost a transaction"));
      else if ("changes" in result) waiting.resolve(result.changes);
      else waiting.reject(storageFailed(this.#path, result.failure));
    }
    if (this.#committing.length === 0) this.#onIdle?.();
  }

  #fail(message: string): void {
    this.#ended ??= this.#failure(message);
    for (const { reject } of [...this.#committing, ...this.#waiting]) reject(this.#ended);
    this.#committing = [];
    this.#waiting = [];
    this.#onIdle?.();
  }

  #failure(message: string): CountersignError {
    return storageFailed(this.#path, { message, code: 0 });
  }

  #post(request: WriterRequest): void {
    this.#worker.postMessage(request);
  }
}

/** Bytes are copied: their owner may change them meanwhile, and posting a view would copy all of its buffer. */
function ownedStatement({ sql, params }: Statement): Statement {
  return {
    sql,
    params: params.map((value) => (value instanceof Uint8Array ? new Uint8Array(value) : value)),
  };
}
