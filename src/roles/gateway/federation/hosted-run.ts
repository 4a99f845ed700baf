import {
  type Clock,
  type CountersignError,
  type ErrorCode,
  type Genesis,
  type Logger,
  messageOf,
  withTimeLimit,
} from "../../../base/index.ts";
import { deadlinesOf } from "../../../proof/terms.ts";
import { nodeKey } from "../../../records/index.ts";
import type { InferenceResponse } from "../../../wire/index.ts";
import type { ComputePool } from "../compute-pool.ts";
import { sendTask } from "../placement.ts";
import { assignmentOf, quoteOf, type Task } from "../task.ts";
import type { TaskStore } from "../task-store.ts";
import type { Waits } from "../waits.ts";
import { type GatewayRequests, isFromPeer } from "./gateway-requests.ts";
import { encodeMessage, refOf } from "./task-messages.ts";

// A task of another gateway on its way here: dispatched until its node has answered, validating until the answer has
// arrived at its gateway, then settled or failed.

/** A result of two megabytes over a slow line, made durable at the other end. */
const resultTimeoutMs = 15_000;
/** What is shown meanwhile is worth no more than this. */
const progressTimeoutMs = 3_000;
/** Answers of a gateway that has no use for the result. */
const unwanted: ReadonlySet<ErrorCode> = new Set([
  "INVALID_ARGUMENT",
  "TASK_NOT_FOUND",
  "TASK_ENDED",
  "ALREADY_EXISTS",
  "TOO_LARGE",
]);

export interface HostedRunsOptions {
  readonly tasks: TaskStore;
  readonly pool: ComputePool;
  readonly waits: Waits;
  readonly partials: Map<string, InferenceResponse.$Properties>;
  readonly requests: GatewayRequests;
  readonly genesis: Genesis;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly stopping: AbortSignal;
}

interface Run {
  /** Gives up what is under way, since the task has ended. */
  readonly cancel: AbortController;
  readonly done: Promise<void>;
}

export class HostedRuns {
  readonly #o: HostedRunsOptions;
  readonly #runs = new Map<string, Run>();
  readonly counts = { delivered: 0, unwanted: 0, dropped: 0 };

  constructor(options: HostedRunsOptions) {
    this.#o = options;
  }

  /** Takes the task from where its store has it to its end. */
  run(task: Task): void {
    const cancel = new AbortController();
    const signal = AbortSignal.any([cancel.signal, this.#o.stopping]);
    const done = this.#run(task, signal)
      .catch((error) => {
        if (!signal.aborted)
          this.#o.logger.error({ key: task.key, error: messageOf(error) }, "a hosted task stopped");
      })
      .finally(() => {
        this.#runs.delete(task.key);
        this.#o.partials.delete(task.key);
      });
    this.#runs.set(task.key, { cancel, done });
  }

  /** Takes down why a node could not do the task; its gateway is told. */
  fail(task: Task, { code, message }: CountersignError): void {
    if (task.state !== "dispatched") return;
    task.failure = { code, message };
    void this.#o.tasks.move(task, "validating");
    this.#o.waits.nudge(task.key);
  }

  /** Ends a task that its gateway does not want any more. Resolves once that is durable. */
  async drop(task: Task): Promise<void> {
    await this.#end(task, "CANCELLED", "its gateway does not want it any more");
    this.#runs.get(task.key)?.cancel.abort(new DOMException("dropped", "AbortError"));
  }

  /** Sends a result that waits to be sent again. */
  hurry({ state, origin }: Task): void {
    if (state === "validating" && origin !== undefined) this.#o.requests.wake(origin);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#runs.values()].map(({ done }) => done));
  }

  async #run(task: Task, signal: AbortSignal): Promise<void> {
    const { pool, waits, clock } = this.#o;
    const { wallet, nodeId } = assignmentOf(task);
    try {
      if (task.state === "dispatched") {
        sendTask(pool, task, clock);
        const stopShowing = this.#showProgress(task, signal);
        const endMs = this.#deadlines(task).execution * 1000;
        const isOver = () => task.state !== "dispatched";
        const came = await waits.until(task.key, isOver, endMs, signal).finally(stopShowing);
        if (!came) await this.#end(task, "EXECUTION_EXPIRED", "its node did not answer in time");
      }
    } finally {
      pool.release(nodeKey(wallet, nodeId), task.key);
    }
    if (task.state === "validating") await this.#deliver(task, signal);
  }

  /** Sends the result until it is acknowledged, unwanted, or worth nothing any more. */
  async #deliver(task: Task, signal: AbortSignal): Promise<void> {
    const { tasks, requests, clock, logger } = this.#o;
    const origin = task.origin ?? "";
    await tasks.stored(task);
    const message = encodeMessage(refOf(task, assignmentOf(task), origin), "result", {
      output_data: task.result?.outputData ?? "",
      completion: task.result?.completion ?? null,
      error_message: task.failure?.message ?? "",
    });
    const leftMs = Math.max(0, this.#deadlines(task).validation * 1000 - clock.nowMs());
    const late = () => new Error("the validation deadline is over");
    try {
      await withTimeLimit(clock, leftMs, late, signal, (limited) =>
        requests.askUntilAnswered(origin, message, resultTimeoutMs, unwanted, limited),
      );
    } catch (error) {
      signal.throwIfAborted();
      const isUnwanted = isFromPeer(error);
      this.counts[isUnwanted ? "unwanted" : "dropped"]++;
      const why = isUnwanted
        ? messageOf(error)
        : "its gateway was not reached before the validation deadline";
      logger.warn({ key: task.key, origin, why }, "a result for another gateway was dropped");
      return await this.#end(task, "TASK_ENDED", why);
    }
    this.counts.delivered++;
    if (task.failure !== undefined) return await tasks.move(task, "failed");
    void tasks.move(task, "completed");
    await tasks.move(task, "settled");
  }

  async #end(task: Task, code: ErrorCode, message: string): Promise<void> {
    if (task.state !== "dispatched" && task.state !== "validating") return;
    task.failure ??= { code, message };
    const saved = this.#o.tasks.move(task, "failed");
    this.#o.waits.nudge(task.key);
    await saved;
  }

  /** Passes on partial outputs as they come, one at a time and always the newest. The result stops it. */
  #showProgress(task: Task, signal: AbortSignal): () => void {
    const { tasks, partials, requests } = this.#o;
    const origin = task.origin ?? "";
    const ref = refOf(task, assignmentOf(task), origin);
    let isSending = false;
    let shown: InferenceResponse.$Properties | undefined;
    const show = () => {
      const newest = partials.get(task.key);
      if (isSending || newest === undefined || newest === shown || task.state !== "dispatched") return;
      isSending = true;
      shown = newest;
      const { output_data, running_hash } = newest;
      const message = encodeMessage(ref, "progress", { output_data, running_hash });
      requests
        .ask(origin, message, progressTimeoutMs, signal)
        // The next one, or the result, says it all again.
        .catch(() => {})
        .finally(() => {
          isSending = false;
          show();
        });
    };
    return tasks.onChange(task.key, show);
  }

  #deadlines(task: Task) {
    return deadlinesOf(quoteOf(task).validation.expiry_timestamp ?? 0, this.#o.genesis);
  }
}
