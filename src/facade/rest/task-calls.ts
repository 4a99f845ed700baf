import { type Clock, CountersignError } from "../../base/index.ts";
import type { CallContext, Operation } from "../../operations/index.ts";
import type { InferenceResponse, InferenceTaskStatus } from "../../wire/index.ts";
import { awaitsPayment, failureOf } from "./answers.ts";

// What REST asks of tasks in one call, made of the operations that streams are made of.

type Status = InferenceTaskStatus.$Properties;
type Response = InferenceResponse.$Properties;
type Run<Answer> = (request: { id: string }, context: CallContext) => Answer;

export interface TaskOperations {
  readonly status: Operation;
  readonly updates: Operation;
}

/** A task with its output, where it has one to give. */
export interface TaskResult {
  readonly status: Status;
  readonly response: Response | undefined;
}

export const isOver = ({ status }: Status): boolean => status === "completed" || status === "failed";

/** GetTaskStatus, answered once the task has ended or the time is up, whichever comes first. */
export function waitingStatus({ status, updates }: TaskOperations, clock: Clock, waitMs: number): Operation {
  const look = status.run as unknown as Run<Promise<Status>>;
  const run: Run<Promise<Status>> = async (request, context) => {
    const first = await look(request, context);
    if (waitMs === 0 || isOver(first)) return first;
    await untilOver(updates, request, context, clock, waitMs);
    return look(request, context);
  };
  return { ...status, run: run as never };
}

/**
 * The same, and with it the output of a task that has completed.
 * @throws CountersignError the task's failure; PAYMENT_REQUIRED with the terms
 */
export function resultWithStatus(operations: TaskOperations, clock: Clock, waitMs: number): Operation {
  const waiting = waitingStatus(operations, clock, waitMs).run as unknown as Run<Promise<Status>>;
  const updates = operations.updates.run as unknown as Run<AsyncIterable<Response>>;
  const run: Run<Promise<TaskResult>> = async (request, context) => {
    const status = await waiting(request, context);
    if (status.status === "failed") throw failureOf(status);
    if (awaitsPayment(status)) throw paymentRequired(status);
    if (status.status !== "completed") return { status, response: undefined };
    for await (const response of updates(request, context)) return { status, response };
    return { status, response: undefined };
  };
  return { ...operations.status, run: run as never };
}

function paymentRequired(status: Status): CountersignError {
  const { payment_tree: tree, contract_address } = status.payment_status ?? {};
  const total = Object.values(tree ?? {}).reduce<bigint>(
    (sum, part) => (typeof part === "string" && /^\d+$/.test(part) ? sum + BigInt(part) : sum),
    0n,
  );
  return new CountersignError(
    "PAYMENT_REQUIRED",
    `the task waits for its payment of ${total} wei to ${contract_address}`,
    { request_id: status.request_id, terms: status },
  );
}

/** Reads updates until the last of them; a cancelled task ends with an error, which its status tells as well. */
async function untilOver(
  updates: Operation,
  request: { id: string },
  { caller, signal }: CallContext,
  clock: Clock,
  waitMs: number,
): Promise<void> {
  const over = new AbortController();
  const end = () => over.abort();
  const cancel = clock.after(waitMs, end);
  signal.addEventListener("abort", end, { once: true });
  try {
    const follow = updates.run as unknown as Run<AsyncIterable<Response>>;
    for await (const _ of follow(request, { caller, signal: over.signal })) {
      // Only the end matters.
    }
  } catch (error) {
    if (!over.signal.aborted && !(error instanceof CountersignError && error.code === "CANCELLED"))
      throw error;
    signal.throwIfAborted();
  } finally {
    cancel();
    signal.removeEventListener("abort", end);
  }
}
