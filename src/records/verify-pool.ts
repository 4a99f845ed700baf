import { availableParallelism } from "node:os";
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { Cancel, Clock, Genesis } from "../base/index.ts";
import type { CheckedStatement } from "./verify.ts";
import type { VerifyReply, VerifyRequest, VerifyWorkerOptions } from "./verify-messages.ts";

/** Checks what of records depends on their bytes alone, elsewhere. */
export interface BulkVerifier {
  /**
   * One answer for each record, in order; undefined for a kind that is not known there.
   * @throws when it cannot
   */
  check(records: readonly Uint8Array[]): Promise<(CheckedStatement | undefined)[]>;
  stop(): Promise<void>;
}

export interface VerifyPoolOptions {
  /** Whose core kinds are checked. */
  readonly genesis: Genesis;
  readonly network: string;
  readonly clock: Clock;
  readonly threads?: number;
}

/** A thread costs 40 MB and a third of a second to start: kept while pages come, and a little longer. */
const idleMs = 10_000;
/** More would outrun the one thread that writes. */
const maxThreads = 4;
const minThreads = 2;
const digestBytes = 32;

interface Waiting {
  readonly count: number;
  resolve(checked: (CheckedStatement | undefined)[]): void;
  reject(error: unknown): void;
}

interface Thread {
  readonly worker: Worker;
  readonly waiting: Map<number, Waiting>;
}

/** Worker threads that check records. They are started by the first page and end when no more come. */
export class VerifyPool implements BulkVerifier {
  readonly #options: VerifyPoolOptions;
  readonly #size: number;
  readonly #threads = new Set<Thread>();
  #made = 0;
  #cancelIdle: Cancel = () => {};
  #isStopped = false;

  constructor(options: VerifyPoolOptions) {
    this.#options = options;
    this.#size = options.threads ?? Math.max(minThreads, Math.min(maxThreads, availableParallelism() - 1));
  }

  /** Threads that run now. */
  get size(): number {
    return this.#threads.size;
  }

  check(records: readonly Uint8Array[]): Promise<(CheckedStatement | undefined)[]> {
    if (this.#isStopped) return Promise.reject(new Error("the pool is stopped"));
    this.#cancelIdle();
    const thread = this.#freest();
    const request: VerifyRequest = {
      id: this.#made++,
      bytes: joined(records),
      lengths: records.map(({ length }) => length),
    };
    return new Promise((resolve, reject) => {
      thread.waiting.set(request.id, { count: records.length, resolve, reject });
      thread.worker.postMessage(request, [request.bytes.buffer]);
    });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#end();
  }

  #freest(): Thread {
    let freest: Thread | undefined;
    for (const thread of this.#threads) {
      if (freest === undefined || thread.waiting.size < freest.waiting.size) freest = thread;
    }
    if (freest === undefined || (freest.waiting.size > 0 && this.#threads.size < this.#size)) {
      freest = this.#start();
    }
    return freest;
  }

  #start(): Thread {
    const { genesis, network } = this.#options;
    const options: VerifyWorkerOptions = { genesis, network };
    // TypeScript rewrites import specifiers but no URLs: this file is .ts in a checkout and .js in dist.
    const url = new URL(`./verify-worker${extname(import.meta.url)}`, import.meta.url);
    const worker = new Worker(url, {
      workerData: options,
      name: "record-verifier",
      execArgv: ["--disable-warning=ExperimentalWarning"],
    });
    const thread: Thread = { worker, waiting: new Map() };
    worker.unref();
    worker.on("message", (reply: VerifyReply) => this.#onReply(thread, reply));
    worker.on("error", (error) => this.#lose(thread, error));
    worker.on("exit", () => this.#lose(thread, new Error("the thread ended")));
    this.#threads.add(thread);
    return thread;
  }

  #onReply(thread: Thread, { id, digests, refused }: VerifyReply): void {
    const waiting = thread.waiting.get(id);
    thread.waiting.delete(id);
    waiting?.resolve(answers(waiting.count, digests, refused));
    if ([...this.#threads].some((one) => one.waiting.size > 0)) return;
    this.#cancelIdle();
    this.#cancelIdle = this.#options.clock.after(idleMs, () => void this.#end());
  }

  #lose(thread: Thread, error: unknown): void {
    this.#threads.delete(thread);
    for (const { reject } of thread.waiting.values()) reject(error);
    thread.waiting.clear();
  }

  async #end(): Promise<void> {
    this.#cancelIdle();
    await Promise.all([...this.#threads].map(({ worker }) => worker.terminate()));
  }
}

function joined(records: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(records.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const record of records) {
    bytes.set(record, at);
    at += record.length;
  }
  return bytes;
}

function answers(
  count: number,
  digests: Uint8Array,
  refused: VerifyReply["refused"],
): (CheckedStatement | undefined)[] {
  const checked: (CheckedStatement | undefined)[] = Array.from({ length: count }, (_, index) => ({
    digest: digests.slice(index * digestBytes, (index + 1) * digestBytes),
  }));
  for (const { index, outcome, reason } of refused) {
    // A kind that the thread does not know may be one of this replica's own.
    checked[index] = outcome === "unknown_kind" ? undefined : { outcome, reason };
  }
  return checked;
}
