import { CountersignError, isAbort, messageOf } from "../../base/index.ts";
import type { CallContext, Operation } from "../../operations/index.ts";
import type { InferenceResponse, InferenceTaskStatus } from "../../wire/index.ts";
import { parseBody } from "./body.ts";
import { isPaid, requirePaid } from "./payment.ts";
import type { InferenceCall } from "./request.ts";
import type { Fields } from "./request-rules.ts";

/** What one inference call tells: its task once the terms are signed, then the task's updates. */
export type InferenceUpdate<Call> =
  | { readonly call: Call; readonly requestId: string; readonly response?: undefined }
  | { readonly response: InferenceResponse.$Properties };

interface Checked<Call> {
  readonly call: Call;
  readonly request: unknown;
}

type Run<Request, Answer> = (request: Request, context: CallContext) => Answer;

interface Runs {
  readonly submit: Run<unknown, Promise<InferenceTaskStatus.$Properties>>;
  readonly subscribe: Run<{ id: string }, AsyncIterable<InferenceResponse.$Properties>>;
  readonly cancel: Run<{ id: string }, Promise<unknown>>;
}

/** The operations that a call of OpenAI's API is made of; undefined at a node that is no gateway. */
export interface InferenceOperations {
  readonly submit: Operation;
  readonly subscribe: Operation;
  readonly cancel: Operation;
}

export function inferenceOperations(
  operations: ReadonlyMap<string, Operation>,
): InferenceOperations | undefined {
  const submit = operations.get("SubmitInferenceTask");
  const subscribe = operations.get("SubscribeToTaskUpdates");
  const cancel = operations.get("CancelTask");
  if (submit === undefined || subscribe === undefined || cancel === undefined) return undefined;
  return { submit, subscribe, cancel };
}

/**
 * Submitting a task and following it to its end as one operation: admitted and counted once, as SubmitInferenceTask.
 * Whoever hangs up before the end cancels the task, unless it is paid. Its message is the body's bytes.
 */
export function callOperation<Call extends InferenceCall>(
  { submit, subscribe, cancel }: InferenceOperations,
  read: (body: Fields) => Call,
): Operation {
  const runs: Runs = {
    submit: submit.run as Runs["submit"],
    subscribe: subscribe.run as unknown as Runs["subscribe"],
    cancel: cancel.run as Runs["cancel"],
  };
  const check = (bytes: unknown): Checked<Call> => {
    const call = read(parseBody(bytes as Buffer | undefined));
    const request = submit.check({ model_uuid: call.model, input_data: JSON.stringify(call.input) });
    return { call, request };
  };
  const run = async ({ call, request }: Checked<Call>, context: CallContext) =>
    follow(call, await runs.submit(request, context), context, runs);
  // A stream has no deadline of its own: the task's deadlines end it.
  return { ...submit, method: subscribe.method, check: check as never, run: run as never };
}

async function* follow<Call>(
  call: Call,
  status: InferenceTaskStatus.$Properties,
  context: CallContext,
  { subscribe, cancel }: Runs,
): AsyncGenerator<InferenceUpdate<Call>> {
  const id = status.request_id ?? "";
  let isEnded = false;
  try {
    yield { call, requestId: id };
    requirePaid(status);
    for await (const response of subscribe({ id }, context)) {
      isEnded = response.status === "completed" || response.status === "failed";
      yield { response };
    }
  } finally {
    const isStopping = context.signal.aborted && !isAbort(context.signal.reason);
    if (!isEnded && !isStopping && !isPaid(status)) await cancelled(id, context, cancel);
  }
}

/** A task that ended by itself meanwhile, or that is not the caller's to cancel, is left alone. */
async function cancelled(id: string, context: CallContext, cancel: Runs["cancel"]): Promise<void> {
  try {
    await cancel({ id }, { ...context, signal: new AbortController().signal });
  } catch (error) {
    if (!(error instanceof CountersignError))
      throw new CountersignError(
        "INTERNAL",
        `the task could not be cancelled: ${messageOf(error)}`,
        {},
        error,
      );
  }
}
