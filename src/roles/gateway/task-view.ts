import { zeroAddress } from "../../base/index.ts";
import type { NewEvent } from "../../events/event-log.ts";
import {
  type Deadlines,
  InferenceResponse,
  type InferenceTaskStatus,
  type PaymentStatus,
} from "../../wire/index.ts";
import { publishedStatus, type Task } from "./task.ts";

// What clients see of a task.

/** When each step must be over, from the signed expiry and the genesis. */
export type DeadlinesOf = (expirySec: number) => Deadlines.$Properties;

export function errorMessageOf(task: Task): string {
  return task.failure === undefined ? "" : `${task.failure.code}: ${task.failure.message}`;
}

function paymentStatusOf(task: Task, contractAddress: string): PaymentStatus.$Properties {
  const isSigned =
    task.state === "failed"
      ? (task.quote?.validation.validator_signatures ?? []).length > 0
      : task.state !== "received" && task.state !== "quoted";
  const isValidated = task.state === "completed" || task.state === "settled";
  return {
    required: task.quote?.isPaid ?? false,
    preprocessing_complete: isSigned,
    payment_confirmed: task.paymentTx !== undefined,
    completion_validated: isValidated,
    payment_tree: task.quote?.validation.payment_tree ?? null,
    contract_address: task.quote?.isPaid === true ? contractAddress : "",
    payment_tx: task.paymentTx ?? null,
    payout_tx: task.payoutTx ?? null,
    refund_tx: task.refundTx ?? null,
    prepaid: task.isPrepaid ?? false,
  };
}

export function statusOf(
  task: Task,
  contractAddress: string,
  deadlinesOf: DeadlinesOf,
): InferenceTaskStatus.$Properties {
  const validation = task.quote?.validation;
  return {
    request_id: task.requestId,
    status: publishedStatus(task.state),
    error_message: errorMessageOf(task),
    payment_status: paymentStatusOf(task, contractAddress),
    preprocessing_validation: validation ?? null,
    quorum_trail: task.trails,
    deadlines: validation === undefined ? null : deadlinesOf(validation.expiry_timestamp ?? 0),
    receipt_json: task.receiptJson ?? null,
  };
}

/** The task as the stream of updates shows it. Queued tasks are "processing" there: the reference knows three words. */
export function responseOf(task: Task): InferenceResponse.$Properties {
  const status = publishedStatus(task.state);
  const isCompleted = status === "completed";
  return {
    request_id: task.requestId,
    model_uuid: task.modelUuid,
    output_data: isCompleted ? (task.result?.outputData ?? "") : "",
    status: status === "queued" ? "processing" : status,
    error_message: errorMessageOf(task),
    compute_completion: task.result?.completion ?? null,
    completion_validation:
      isCompleted && task.completionSignatures.length > 0
        ? {
            request_id: task.requestId,
            validator_signatures: task.completionSignatures,
            compute_completion: task.result?.completion ?? null,
          }
        : null,
    quorum_trail: isCompleted || status === "failed" ? task.trails : [],
    receipt_json: task.receiptJson ?? null,
  };
}

/** A transition as the event log keeps it: without output and receipt, which the task itself holds. */
export function eventOf(task: Task): NewEvent {
  const payload = InferenceResponse.encode({
    request_id: task.requestId,
    model_uuid: task.modelUuid,
    status: publishedStatus(task.state),
    error_message: errorMessageOf(task),
  }).finish();
  return { topic: "task", key: task.key, payload };
}

export function ownerOf(task: Task): string | undefined {
  return task.client === zeroAddress ? undefined : task.client;
}
