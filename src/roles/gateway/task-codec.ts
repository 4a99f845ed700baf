import { ComputeCompletion } from "../../wire/index.ts";
import type { Task } from "./task.ts";

// A task as one JSON text in the store. Input and output are kept apart from it, each written once,
// so that a transition of a task with a large output stays a small write.

type Stored = Omit<Task, "inputData" | "subnetId" | "result"> & {
  subnetId: string | null;
  completion: string | null;
};

export function encodeTask(task: Task): string {
  const { inputData: _input, subnetId, result, ...rest } = task;
  const stored: Stored = {
    ...rest,
    subnetId: subnetId?.toString() ?? null,
    completion:
      result === undefined
        ? null
        : Buffer.from(ComputeCompletion.encode(result.completion).finish()).toString("base64"),
  };
  return JSON.stringify(stored);
}

/** @throws SyntaxError when the text is not what `encodeTask` made */
export function decodeTask(text: string, inputData: string, outputData: string | undefined): Task {
  const { completion, subnetId, ...rest } = JSON.parse(text) as Stored;
  const absent = {
    quote: undefined,
    assignment: undefined,
    proposedGrant: undefined,
    paymentTx: undefined,
    payoutTx: undefined,
    refundTx: undefined,
    failure: undefined,
    receiptJson: undefined,
  };
  return {
    ...absent,
    ...rest,
    inputData,
    subnetId: subnetId === null ? undefined : BigInt(subnetId),
    result:
      completion === null || outputData === undefined
        ? undefined
        : { outputData, completion: ComputeCompletion.decode(Buffer.from(completion, "base64")) },
  };
}
