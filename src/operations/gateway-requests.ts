import {
  count,
  flag,
  identifier,
  list,
  load,
  maxActiveRequests,
  maxErrorBytes,
  maxInputBytes,
  maxOutputBytes,
  messageOf,
  oneOf,
  optionalAddress,
  optionalHash,
  optionalIdentifier,
  optionalRequestId,
  optionalSubnetId,
  optionalTimestamp,
  refused,
  requestId,
  sizedText,
  taskId,
  text,
  timestamp,
} from "./request-fields.ts";
import { jsonText } from "./request-json.ts";
import {
  computeCompletion,
  maxTasksAtOnce,
  nodeInfo,
  preprocessingValidation,
  transactionConfirmation,
} from "./request-messages.ts";

// Requests of GatewayClientService and GatewayComputeService. Everything here sees one message and nothing else;
// what needs the task, the caller or the time is the role's to check.

export const resultStatuses = ["processing", "completed", "failed"] as const;

/** `request_id` may be left out: the gateway then makes one. So may `originator_client_id`: the caller's wallet is meant. */
export function checkSubmitInferenceTask(message: unknown) {
  const m = messageOf("request", message);
  return { ...inferenceRequest(m), input_data: inputData(m["input_data"]) };
}

/** The fields that every use of an InferenceRequest has; the prompt is the caller's to check. */
export function inferenceRequest(m: Readonly<Record<string, unknown>>) {
  const id = optionalRequestId("request_id", m["request_id"]);
  const validation = m["preprocessing_validation"] ?? null;
  const confirmation = m["transaction_confirmation"] ?? null;
  const options = m["options"] ?? null;
  return {
    request_id: id,
    model_uuid: identifier("model_uuid", m["model_uuid"]),
    input_data: "",
    originator_client_id: optionalAddress("originator_client_id", m["originator_client_id"]),
    preprocessing_validation:
      validation === null ? null : preprocessingValidation("preprocessing_validation", validation, id),
    transaction_confirmation:
      confirmation === null
        ? null
        : transactionConfirmation(
            "transaction_confirmation.",
            messageOf("transaction_confirmation", confirmation),
            id,
          ),
    assigned_timestamp: optionalTimestamp("assigned_timestamp", m["assigned_timestamp"]),
    assigned_compute_node_id: optionalIdentifier("assigned_compute_node_id", m["assigned_compute_node_id"]),
    subnet_id: optionalSubnetId("subnet_id", m["subnet_id"]),
    options:
      options === null
        ? null
        : { recheck: flag("options.recheck", messageOf("options", options)["recheck"]) },
  };
}

export function inputData(value: unknown): string {
  if (typeof value !== "string" || value === "") throw refused("input_data", value, "a JSON document");
  return jsonText("input_data", value, maxInputBytes);
}

/** GetTaskStatus, SubscribeToTaskUpdates, CancelTask and GetTask. */
export function checkTaskId(message: unknown) {
  return { id: taskId("id", messageOf("request", message)["id"]) };
}

export function checkConfirmPayment(message: unknown) {
  const m = messageOf("request", message);
  return transactionConfirmation("", m, requestId("request_id", m["request_id"]));
}

export function checkEmpty(message: unknown): Record<string, never> {
  messageOf("request", message);
  return {};
}

/** An unset `node_type` means compute. */
export function checkRegisterComputeNode(message: unknown) {
  const info = nodeInfo(message, "compute");
  if (info.node_type !== "compute") {
    throw refused("node_type", info.node_type, "compute; other nodes use RegisterNode");
  }
  return info;
}

export function checkUpdateHeartbeat(message: unknown) {
  const m = messageOf("request", message);
  return {
    node_id: identifier("node_id", m["node_id"]),
    timestamp: timestamp("timestamp", m["timestamp"]),
    active_tasks: count("active_tasks", m["active_tasks"], maxTasksAtOnce),
    max_tasks: count("max_tasks", m["max_tasks"], maxTasksAtOnce),
    load: load("load", m["load"]),
    active_request_ids: list("active_request_ids", m["active_request_ids"], maxActiveRequests, requestId),
  };
}

/** The node's id and wallet say who asks; the rest is as in its registration, or left out. */
export function checkReceiveTask(message: unknown) {
  return checkRegisterComputeNode(message);
}

/** A result says either how it was computed or why it was not, and neither while it is under way. */
export function checkSubmitResult(message: unknown) {
  const m = messageOf("request", message);
  const id = requestId("request_id", m["request_id"]);
  const status = oneOf("status", m["status"], resultStatuses);
  const error = text("error_message", m["error_message"], maxErrorBytes);
  const completion = m["compute_completion"] ?? null;
  if (status === "completed" && completion === null) {
    throw refused("compute_completion", completion, 'the node\'s attestation, since status is "completed"');
  }
  if (status !== "completed" && completion !== null) {
    throw refused("compute_completion", completion, `nothing, since status is "${status}"`);
  }
  if (status === "failed" && error === "") {
    throw refused("error_message", error, 'what went wrong, since status is "failed"');
  }
  if (status !== "failed" && error !== "") {
    throw refused("error_message", error, `nothing, since status is "${status}"`);
  }
  return {
    request_id: id,
    model_uuid: identifier("model_uuid", m["model_uuid"]),
    output_data: sizedText("output_data", m["output_data"], maxOutputBytes),
    status,
    error_message: error,
    compute_completion: completion === null ? null : computeCompletion("compute_completion", completion, id),
    ...noAnswerFields(),
    running_hash: optionalHash("running_hash", m["running_hash"]),
  };
}

/** What only an answer carries is not taken from a request. A new object each time, since callers may fill it in. */
export function noAnswerFields() {
  return { completion_validation: null, quorum_trail: [] as never[], deadlines: null, receipt_json: null };
}
