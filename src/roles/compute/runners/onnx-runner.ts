import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { type Cancel, type Clock, CountersignError, messageOf } from "../../../base/index.ts";
import { checkModelFiles } from "./model-files.ts";
import type { OnnxFailure, OnnxReply, OnnxRequest, OnnxWorkerData } from "./onnx-protocol.ts";
import type { Runner, RunOptions } from "./runner.ts";

/** JavaScript memory of the worker; the weights lie in WebAssembly's own memory. */
const workerHeapMb = 512;

interface Waiting {
  onPartial(piece: string): void;
  resolve(output: string): void;
  reject(error: unknown): void;
}

/** A running or starting thread. */
interface Thread {
  readonly worker: Worker;
  readonly ready: Promise<void>;
}

export interface OnnxRunnerOptions {
  readonly folder: string;
  readonly maxTokens: number;
  /** An idle model is unloaded after this time; never when absent. */
  readonly unloadAfterMs?: number;
  readonly clock: Clock;
}

/**
 * Runs a text model in a worker thread. The thread starts with the first task or with `warmUp`, and again after it was
 * unloaded or has crashed: a loaded model takes a hundred megabytes, most of them the runtime's own.
 */
export class OnnxRunner implements Runner {
  readonly #options: OnnxRunnerOptions;
  readonly #waiting = new Map<number, Waiting>();
  #thread: Thread | undefined;
  #stopUnload: Cancel | undefined;
  #nextId = 1;
  #isClosed = false;

  constructor(options: OnnxRunnerOptions) {
    this.#options = options;
  }

  get isLoaded(): boolean {
    return this.#thread !== undefined;
  }

  /** Hashes the files, without loading the model. @throws CountersignError CONFIG_INVALID */
  check(): Promise<void> {
    return checkModelFiles(this.#options.folder);
  }

  /** Loads the model now. @throws CountersignError CONFIG_INVALID when it cannot be used */
  async warmUp(): Promise<void> {
    await this.#loaded();
  }

  async run(input: string, { signal, onPartial }: RunOptions): Promise<string> {
    signal.throwIfAborted();
    const worker = await this.#loaded();
    signal.throwIfAborted();
    const id = this.#nextId++;
    const send = (message: OnnxRequest) => worker.postMessage(message);
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        send({ type: "abort", id });
        settle(() => reject(signal.reason));
      };
      const settle = (finish: () => void) => {
        signal.removeEventListener("abort", onAbort);
        this.#waiting.delete(id);
        this.#unloadLater();
        finish();
      };
      signal.addEventListener("abort", onAbort, { once: true });
      this.#waiting.set(id, {
        onPartial,
        resolve: (output) => settle(() => resolve(output)),
        reject: (error) => settle(() => reject(error)),
      });
      send({ type: "run", id, input });
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopUnload?.();
    await this.#unload();
    this.#failAll(new CountersignError("UNAVAILABLE", "the model's runner was closed"));
  }

  async #loaded(): Promise<Worker> {
    if (this.#isClosed) throw new CountersignError("UNAVAILABLE", "the model's runner is closed");
    this.#stopUnload?.();
    this.#thread ??= this.#startThread();
    const { worker, ready } = this.#thread;
    await ready;
    return worker;
  }

  #unloadLater(): void {
    const { unloadAfterMs, clock } = this.#options;
    this.#stopUnload?.();
    if (unloadAfterMs === undefined || this.#isClosed) return;
    this.#stopUnload = clock.after(unloadAfterMs, () => {
      if (this.#waiting.size === 0) void this.#unload();
    });
  }

  async #unload(): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.worker.terminate();
  }

  #startThread(): Thread {
    const { folder, maxTokens } = this.#options;
    // TypeScript rewrites import specifiers but no URLs: this file is .ts in a checkout and .js in dist.
    const url = new URL(`./onnx-worker${extname(import.meta.url)}`, import.meta.url);
    const worker = new Worker(url, {
      workerData: { folder, maxTokens } satisfies OnnxWorkerData,
      name: "onnx-runner",
      resourceLimits: { maxOldGenerationSizeMb: workerHeapMb },
      execArgv: ["--disable-warning=ExperimentalWarning"],
    });
    const ready = new Promise<void>((resolve, reject) => {
      const onEnd = (problem: string, cause?: unknown) => {
        const error = new CountersignError("COMPUTE_FAILED", `the model's thread ${problem}`, {}, cause);
        reject(error);
        if (this.#thread?.worker !== worker) return;
        this.#thread = undefined;
        this.#failAll(error);
      };
      worker.on("error", (error) => onEnd(`crashed: ${messageOf(error)}`, error));
      worker.on("exit", () => onEnd("ended"));
      worker.on("message", (message: OnnxReply) => {
        if (message.type === "ready") resolve();
        else if (message.type === "unusable") {
          reject(errorOf(message.failure));
          if (this.#thread?.worker === worker) void this.#unload();
        } else this.#settle(message);
      });
    });
    return { worker, ready };
  }

  #settle(message: Exclude<OnnxReply, { type: "ready" | "unusable" }>): void {
    // Not there: it was aborted meanwhile.
    const waiting = this.#waiting.get(message.id);
    if (message.type === "piece") waiting?.onPartial(message.piece);
    else if (message.type === "done") waiting?.resolve(message.output);
    else waiting?.reject(errorOf(message.failure));
  }

  #failAll(error: CountersignError): void {
    for (const waiting of [...this.#waiting.values()]) waiting.reject(error);
  }
}

function errorOf({ code, message, data }: OnnxFailure): CountersignError {
  return new CountersignError(code, message, data);
}
