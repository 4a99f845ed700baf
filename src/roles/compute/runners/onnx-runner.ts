import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { CountersignError, messageOf } from "../../../base/index.ts";
import type { OnnxFailure, OnnxReply, OnnxRequest, OnnxWorkerData } from "./onnx-protocol.ts";
import type { Runner, RunOptions } from "./runner.ts";

/** JavaScript memory of the worker; the weights lie in WebAssembly's own memory. */
const workerHeapMb = 512;

interface Waiting {
  onPartial(piece: string): void;
  resolve(output: string): void;
  reject(error: unknown): void;
}

/**
 * Runs a text model in a worker thread. The thread starts with the first task or with `warmUp`, and again after
 * it has crashed.
 */
export class OnnxRunner implements Runner {
  readonly #data: OnnxWorkerData;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Promise<Worker> | undefined;
  #nextId = 1;
  #isClosed = false;

  constructor(data: OnnxWorkerData) {
    this.#data = data;
  }

  /** Loads the model now. @throws CountersignError CONFIG_INVALID when it cannot be used */
  async warmUp(): Promise<void> {
    await this.#started();
  }

  async run(input: string, { signal, onPartial }: RunOptions): Promise<string> {
    signal.throwIfAborted();
    const worker = await this.#started();
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
    const starting = this.#worker;
    this.#worker = undefined;
    // A worker that never started has told its callers why.
    const worker = await starting?.catch(() => undefined);
    await worker?.terminate();
    this.#failAll(new CountersignError("UNAVAILABLE", "the model's runner was closed"));
  }

  #started(): Promise<Worker> {
    if (this.#isClosed)
      return Promise.reject(new CountersignError("UNAVAILABLE", "the model's runner is closed"));
    this.#worker ??= this.#start();
    return this.#worker;
  }

  #start(): Promise<Worker> {
    // TypeScript rewrites import specifiers but no URLs: this file is .ts in a checkout and .js in dist.
    const url = new URL(`./onnx-worker${extname(import.meta.url)}`, import.meta.url);
    const worker = new Worker(url, {
      workerData: this.#data,
      name: "onnx-runner",
      resourceLimits: { maxOldGenerationSizeMb: workerHeapMb },
      execArgv: ["--disable-warning=ExperimentalWarning"],
    });
    return new Promise((resolve, reject) => {
      const onEnd = (problem: string, cause?: unknown) => {
        if (!this.#isClosed) this.#worker = undefined;
        const error = new CountersignError("COMPUTE_FAILED", `the model's thread ${problem}`, {}, cause);
        this.#failAll(error);
        reject(error);
      };
      worker.on("error", (error) => onEnd(`crashed: ${messageOf(error)}`, error));
      worker.on("exit", () => onEnd("ended"));
      worker.on("message", (message: OnnxReply) => {
        if (message.type === "ready") resolve(worker);
        else if (message.type === "unusable") {
          reject(errorOf(message.failure));
          this.#worker = undefined;
          void worker.terminate();
        } else this.#settle(message);
      });
    });
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
