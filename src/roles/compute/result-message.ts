import { sha256 } from "../../base/index.ts";
import type { InferenceResponse } from "../../wire/index.ts";
import type { Task, TaskResult } from "./task.ts";

export function resultMessage(result: TaskResult): InferenceResponse.$Properties {
  const { outcome } = result;
  const base = { request_id: result.requestId, model_uuid: result.modelUuid, status: outcome.status };
  if (outcome.status === "failed") return { ...base, error_message: outcome.errorMessage };
  return {
    ...base,
    output_data: outcome.outputData,
    compute_completion: {
      request_id: result.requestId,
      compute_node_signature: outcome.signature,
      result_hash: outcome.resultHash,
      completion_timestamp: outcome.completedAtSec,
      computation_time_ms: outcome.computationTimeMs,
    },
  };
}

/** The text so far, with its hash, so that withholding the rest can be proved. */
export function partialMessage(task: Task, textSoFar: string): InferenceResponse.$Properties {
  const outputData = JSON.stringify({ text: textSoFar });
  return {
    request_id: task.requestId,
    model_uuid: task.modelUuid,
    status: "processing",
    output_data: outputData,
    running_hash: sha256(outputData),
  };
}
