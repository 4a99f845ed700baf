import { inferenceRequest, inputData, noAnswerFields } from "./gateway-requests.ts";
import {
  address,
  capability,
  count,
  flag,
  hash,
  identifier,
  isUnset,
  list,
  listLimit,
  load,
  maxCapabilities,
  maxOutputBytes,
  messageOf,
  oneOf,
  optionalIdentifier,
  optionalSignature,
  optionalSubnetId,
  optionalTransactionHash,
  quoteId,
  refused,
  requestId,
  sizedText,
  subnetId,
  timestamp,
  wei,
} from "./request-fields.ts";
import {
  computeCompletion,
  maxTasksAtOnce,
  nodeInfo,
  nodeTypes,
  preprocessingValidation,
  subnetModels,
} from "./request-messages.ts";

// Requests of P2PRegistryService.

export function checkRegisterNode(message: unknown) {
  return nodeInfo(message);
}

export function checkUpdateNodeHeartbeat(message: unknown) {
  const m = messageOf("request", message);
  return {
    node_id: identifier("node_id", m["node_id"]),
    wallet_address: address("wallet_address", m["wallet_address"]),
    timestamp: timestamp("timestamp", m["timestamp"]),
    active_tasks: count("active_tasks", m["active_tasks"], maxTasksAtOnce),
    max_tasks: count("max_tasks", m["max_tasks"], maxTasksAtOnce),
    load: load("load", m["load"]),
  };
}

export function checkDeregisterNode(message: unknown) {
  return { address: address("address", messageOf("request", message)["address"]) };
}

export function checkDiscoverNodes(message: unknown) {
  const m = messageOf("request", message);
  const type = m["node_type"];
  return {
    node_type: isUnset(type) ? null : oneOf("node_type", type, nodeTypes),
    model_uuid: optionalIdentifier("model_uuid", m["model_uuid"]),
    subnet_id: optionalSubnetId("subnet_id", m["subnet_id"]),
    capabilities: list("capabilities", m["capabilities"], maxCapabilities, capability),
    include_offline: flag("include_offline", m["include_offline"]),
    limit: listLimit("limit", m["limit"]),
  };
}

/** The proposal comes unsigned, and without the prompt: validators sign its terms, not its text. */
export function checkRequestPreprocessingValidation(message: unknown) {
  const m = messageOf("request", message);
  const id = requestId("request_id", m["request_id"]);
  const proposal = preprocessingValidation("preprocessing_validation", m["preprocessing_validation"], id);
  if (proposal.validator_signatures.length > 0) {
    throw refused(
      "preprocessing_validation.validator_signatures",
      proposal.validator_signatures,
      "no signatures: the round makes them",
    );
  }
  if (proposal.expiry_timestamp === 0) {
    throw refused("preprocessing_validation.expiry_timestamp", 0, "the end of the task in unix seconds");
  }
  const request = inferenceRequest(m);
  const assigned = request.assigned_compute_node_id ?? proposal.compute_node_id;
  if (assigned !== proposal.compute_node_id) {
    throw refused(
      "assigned_compute_node_id",
      assigned,
      `the proposal's compute_node_id, ${proposal.compute_node_id}`,
    );
  }
  return {
    ...request,
    input_data: isUnset(m["input_data"]) ? "" : inputData(m["input_data"]),
    preprocessing_validation: proposal,
    assigned_compute_node_id: assigned,
  };
}

/** The output may stay away: validators sign its hash. */
export function checkRequestCompletionValidation(message: unknown) {
  const m = messageOf("request", message);
  const id = requestId("request_id", m["request_id"]);
  if (!isUnset(m["status"])) oneOf("status", m["status"], ["completed"]);
  return {
    request_id: id,
    model_uuid: identifier("model_uuid", m["model_uuid"]),
    output_data: sizedText("output_data", m["output_data"], maxOutputBytes),
    status: "completed",
    error_message: "",
    compute_completion: computeCompletion("compute_completion", m["compute_completion"], id),
    ...noAnswerFields(),
    running_hash: null,
  };
}

export function checkEstimateSubnetFee(message: unknown) {
  const m = messageOf("request", message);
  return {
    gateway_address: address("gateway_address", m["gateway_address"]),
    models: subnetModels("models", m["models"]),
  };
}

export function checkCreateSubnet(message: unknown) {
  const m = messageOf("request", message);
  return {
    gateway_address: address("gateway_address", m["gateway_address"]),
    models: subnetModels("models", m["models"]),
    fee_quote_id: quoteId("fee_quote_id", m["fee_quote_id"]),
    payment_tx: optionalTransactionHash("payment_tx", m["payment_tx"]),
    config_hash: hash("config_hash", m["config_hash"]),
  };
}

export function checkGetSubnet(message: unknown) {
  return { subnet_id: subnetId("subnet_id", messageOf("request", message)["subnet_id"]) };
}

export function checkRegisterValidator(message: unknown) {
  const m = messageOf("request", message);
  return {
    validator_address: address("validator_address", m["validator_address"]),
    stake_wei: wei("stake_wei", m["stake_wei"]),
    stake_tx: optionalTransactionHash("stake_tx", m["stake_tx"]),
    node_id: optionalIdentifier("node_id", m["node_id"]) ?? "",
    timestamp: timestamp("timestamp", m["timestamp"]),
    signature: optionalSignature("signature", m["signature"]),
  };
}

export function checkUnregisterValidator(message: unknown) {
  const m = messageOf("request", message);
  return {
    validator_address: address("validator_address", m["validator_address"]),
    timestamp: timestamp("timestamp", m["timestamp"]),
    signature: optionalSignature("signature", m["signature"]),
  };
}

export function checkGetValidatorInfo(message: unknown) {
  return { address: address("address", messageOf("request", message)["address"]) };
}

export function checkListValidators(message: unknown) {
  const m = messageOf("request", message);
  return { active_only: flag("active_only", m["active_only"]), limit: listLimit("limit", m["limit"]) };
}
