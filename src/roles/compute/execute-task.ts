import {
  type Clock,
  CountersignError,
  type Logger,
  messageOf,
  nowSec,
  sha256,
  toHex,
} from "../../base/index.ts";
import { computeCompletionMessage, type Domain, type Signer } from "../../chain/index.ts";
import type { GatewayLink } from "./gateway-link.ts";
import { PartialSender } from "./partial-sender.ts";
import { partialMessage } from "./result-message.ts";
import { maxOutputBytes, type Runner } from "./runners/runner.ts";
import type { Task, TaskResult } from "./task.ts";
import { watchTask } from "./watch-task.ts";

/** The reason with which a task is broken off that nobody waits for any more: nothing is submitted. */
export class TaskUnwanted extends Error {
  override readonly name = "TaskUnwanted";
}

/** Longest message that goes out about a failure. */
const maxErrorCharacters = 1_000;

export interface ExecutionContext {
  readonly nodeId: string;
  readonly runners: ReadonlyMap<string, Runner>;
  readonly link: Pick<GatewayLink, "submit" | "getTask">;
  readonly domain: Domain;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Runs a task and signs what came out. Undefined when the task was broken off because nobody wants it any more.
 * Never rejects.
 */
export async function executeTask(
  task: Task,
  context: ExecutionContext,
  signal: AbortSignal,
): Promise<TaskResult | undefined> {
  const { clock, logger } = context;
  const startedAtMs = clock.nowMs();
  const ended = new AbortController();
  const running = AbortSignal.any([signal, ended.signal]);
  const stopDeadline = clock.after(Math.max(0, task.deadlineSec * 1000 - startedAtMs), () =>
    ended.abort(new CountersignError("EXECUTION_EXPIRED", "the task did not finish before its deadline")),
  );
  const unwanted = (why: string) => ended.abort(new TaskUnwanted(why));
  const partials = new PartialSender(clock, (text) => sendPartial(task, text, context, running, unwanted));
  const stopWatching = watchTask(task, context, running, unwanted);
  try {
    const outputData = await run(task, context, running, (piece) => partials.push(piece));
    running.throwIfAborted();
    const outcome = await signOutput(task, outputData, clock.nowMs() - startedAtMs, context);
    logger.debug(
      { requestId: task.requestId, computationTimeMs: outcome.computationTimeMs },
      "task completed",
    );
    return { ...task, outcome };
  } catch (error) {
    if (running.reason instanceof TaskUnwanted) {
      logger.info({ requestId: task.requestId, reason: running.reason.message }, "task broken off");
      return undefined;
    }
    const errorMessage = failureMessage(running.aborted ? running.reason : error);
    logger.warn(
      { requestId: task.requestId, model: task.modelUuid, reason: messageOf(error) },
      "task failed",
    );
    return { ...task, outcome: { status: "failed", errorMessage } };
  } finally {
    stopDeadline();
    stopWatching();
    partials.stop();
    // A partial that is still under way must not arrive after the result.
    ended.abort(new TaskUnwanted("the task has ended"));
  }
}

async function run(
  task: Task,
  { runners }: ExecutionContext,
  signal: AbortSignal,
  onPartial: (piece: string) => void,
): Promise<string> {
  const runner = runners.get(task.modelUuid);
  if (runner === undefined)
    throw new CountersignError("MODEL_NOT_FOUND", `this node does not serve the model ${task.modelUuid}`);
  const outputData = await runner.run(task.input, { signal, onPartial });
  if (Buffer.byteLength(outputData) > maxOutputBytes)
    throw new CountersignError("COMPUTE_FAILED", `the output is larger than ${maxOutputBytes} bytes`);
  return outputData;
}

async function signOutput(
  task: Task,
  outputData: string,
  computationTimeMs: number,
  { domain, signer, clock }: ExecutionContext,
) {
  const resultHash = sha256(outputData);
  const completedAtSec = nowSec(clock);
  const message = computeCompletionMessage(domain, {
    requestId: task.requestId,
    modelUuid: task.modelUuid,
    resultHash,
    completionTimestamp: completedAtSec,
    computationTimeMs,
  });
  const signature = toHex(await signer.signTyped(message));
  return {
    status: "completed" as const,
    outputData,
    resultHash,
    signature,
    completedAtSec,
    computationTimeMs,
  };
}

/** A gateway that refuses a partial result does not want the rest either. */
async function sendPartial(
  task: Task,
  text: string,
  { link, logger }: ExecutionContext,
  signal: AbortSignal,
  unwanted: (why: string) => void,
): Promise<void> {
  try {
    const answer = await link.submit(partialMessage(task, text), signal);
    if ("refusal" in answer) unwanted(`gateway refused a partial result: ${answer.refusal}`);
  } catch (error) {
    if (!signal.aborted) logger.debug({ reason: messageOf(error) }, "partial result not delivered");
  }
}

/** What the client reads. Only our own errors were worded for others; the rest stays in this node's log. */
function failureMessage(error: unknown): string {
  const isWorded = error instanceof CountersignError && error.code !== "INTERNAL" && error.message !== "";
  return isWorded
    ? error.message.slice(0, maxErrorCharacters)
    : "the compute node failed; its operator finds the reason in its log";
}
