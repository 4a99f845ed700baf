import {
  address,
  capability,
  count,
  hash,
  host,
  identifier,
  isUnset,
  list,
  type Message,
  maxAddressCharacters,
  maxAddresses,
  maxCapabilities,
  maxDescriptionBytes,
  maxModels,
  maxNameBytes,
  maxPathBytes,
  messageOf,
  oneOf,
  optionalAddress,
  optionalIdentifier,
  optionalRequestId,
  optionalSubnetId,
  optionalTransactionHash,
  refused,
  signature,
  text,
  timestamp,
  wei,
} from "./request-fields.ts";

// Messages that are part of several requests. Prefixes are field paths that end in a dot, "" at the top.

export const nodeTypes = ["compute", "gateway", "validator", "registry", "indexer"] as const;
export const modelSources = ["huggingface", "path", "url", "executor"] as const;

/** No program runs more at once; the mesh refuses heartbeats that say so. */
export const maxTasksAtOnce = 65_536;
/** N is at most 100. */
const maxSignatures = 256;
const maxPort = 65_535;

export function modelData(field: string, value: unknown) {
  const m = messageOf(field, value);
  return {
    model_uuid: identifier(`${field}.model_uuid`, m["model_uuid"]),
    name: text(`${field}.name`, m["name"], maxNameBytes),
    version: text(`${field}.version`, m["version"], maxNameBytes),
    category: text(`${field}.category`, m["category"], maxNameBytes),
    price_wei: wei(`${field}.price_wei`, m["price_wei"]),
    max_tokens: count(`${field}.max_tokens`, m["max_tokens"], Number.MAX_SAFE_INTEGER),
  };
}

export function modelDescriptor(field: string, value: unknown) {
  const m = messageOf(field, value);
  return {
    model_uuid: identifier(`${field}.model_uuid`, m["model_uuid"]),
    source: oneOf(`${field}.source`, m["source"], modelSources),
    path: text(`${field}.path`, m["path"], maxPathBytes),
    name: text(`${field}.name`, m["name"], maxNameBytes),
    category: text(`${field}.category`, m["category"], maxNameBytes),
    description: text(`${field}.description`, m["description"], maxDescriptionBytes),
    max_tokens: count(`${field}.max_tokens`, m["max_tokens"], Number.MAX_SAFE_INTEGER),
    version: text(`${field}.version`, m["version"], maxNameBytes),
    input_format: text(`${field}.input_format`, m["input_format"], maxNameBytes),
    output_format: text(`${field}.output_format`, m["output_format"], maxNameBytes),
  };
}

/** At least one, no model twice. */
export function subnetModels(field: string, value: unknown) {
  const models = list(field, value, maxModels, modelDescriptor);
  if (models.length === 0) throw refused(field, value, "at least one model");
  refuseRepeated(field, models);
  return models;
}

export function refuseRepeated(field: string, models: readonly { readonly model_uuid: string }[]): void {
  const seen = new Set<string>();
  for (const [index, model] of models.entries()) {
    if (seen.has(model.model_uuid)) {
      throw refused(`${field}[${index}].model_uuid`, model.model_uuid, "each model once");
    }
    seen.add(model.model_uuid);
  }
}

/** `defaultType` stands in for an unset `node_type`; without one it must be set. */
export function nodeInfo(message: unknown, defaultType?: (typeof nodeTypes)[number]) {
  const m = messageOf("request", message);
  const ip = host("ip_address", m["ip_address"]);
  const port = count("port", m["port"], maxPort);
  // A node that only dials out has neither; an address without a port reaches nobody.
  if (ip !== "" && port === 0)
    throw refused("port", m["port"], "a port from 1 to 65535, since ip_address is given");
  const models = list("supported_models", m["supported_models"], maxModels, modelData);
  refuseRepeated("supported_models", models);
  return {
    node_id: identifier("node_id", m["node_id"]),
    node_type: oneOf("node_type", isUnset(m["node_type"]) ? defaultType : m["node_type"], nodeTypes),
    ip_address: ip,
    port,
    capabilities: list("capabilities", m["capabilities"], maxCapabilities, capability),
    wallet_address: address("wallet_address", m["wallet_address"]),
    last_heartbeat: timestamp("last_heartbeat", m["last_heartbeat"]),
    supported_models: models,
    subnet_id: optionalSubnetId("subnet_id", m["subnet_id"]),
    max_tasks: count("max_tasks", m["max_tasks"], maxTasksAtOnce) || null,
    peer_id: optionalIdentifier("peer_id", m["peer_id"]),
    multiaddrs: list("multiaddrs", m["multiaddrs"], maxAddresses, multiaddr),
    // Only ever an answer's.
    status: null,
  };
}

function multiaddr(field: string, value: unknown): string {
  const form = `a multiaddr of at most ${maxAddressCharacters} characters`;
  if (typeof value !== "string" || !value.startsWith("/") || value.length > maxAddressCharacters) {
    throw refused(field, value, form);
  }
  return value;
}

export function paymentTree(field: string, value: unknown) {
  const m = messageOf(field, value);
  return {
    compute_price_wei: wei(`${field}.compute_price_wei`, m["compute_price_wei"]),
    gateway_gas_wei: wei(`${field}.gateway_gas_wei`, m["gateway_gas_wei"]),
    validator_reward_wei: wei(`${field}.validator_reward_wei`, m["validator_reward_wei"]),
    treasury_fee_wei: wei(`${field}.treasury_fee_wei`, m["treasury_fee_wei"]),
  };
}

export function validatorSignature(field: string, value: unknown) {
  const m = messageOf(field, value);
  return {
    validator_address: address(`${field}.validator_address`, m["validator_address"]),
    signature: signature(`${field}.signature`, m["signature"]),
    timestamp: timestamp(`${field}.timestamp`, m["timestamp"]),
  };
}

/** Its `request_id`, where it names one, is the request's own; where it names none it is filled in. */
export function preprocessingValidation(field: string, value: unknown, ownRequestId: string) {
  const m = messageOf(field, value);
  return {
    request_id: sameRequest(`${field}.request_id`, m["request_id"], ownRequestId),
    gateway_wallet: address(`${field}.gateway_wallet`, m["gateway_wallet"]),
    compute_node_id: identifier(`${field}.compute_node_id`, m["compute_node_id"]),
    compute_node_wallet: address(`${field}.compute_node_wallet`, m["compute_node_wallet"]),
    payment_tree: paymentTree(`${field}.payment_tree`, m["payment_tree"]),
    validator_signatures: list(
      `${field}.validator_signatures`,
      m["validator_signatures"],
      maxSignatures,
      validatorSignature,
    ),
    expiry_timestamp: timestamp(`${field}.expiry_timestamp`, m["expiry_timestamp"]),
  };
}

export function transactionConfirmation(prefix: string, m: Message, ownRequestId: string) {
  const txHash = optionalTransactionHash(`${prefix}tx_hash`, m["tx_hash"]);
  if (txHash === "")
    throw refused(`${prefix}tx_hash`, m["tx_hash"], "a transaction hash: 0x and 64 hex digits");
  return {
    request_id: sameRequest(`${prefix}request_id`, m["request_id"], ownRequestId),
    tx_hash: txHash,
    block_number: count(`${prefix}block_number`, m["block_number"], Number.MAX_SAFE_INTEGER),
    confirmations: count(`${prefix}confirmations`, m["confirmations"], Number.MAX_SAFE_INTEGER),
    originator_wallet: optionalAddress(`${prefix}originator_wallet`, m["originator_wallet"]),
    amount_wei: wei(`${prefix}amount_wei`, m["amount_wei"]),
    timestamp: timestamp(`${prefix}timestamp`, m["timestamp"]),
  };
}

export function computeCompletion(field: string, value: unknown, ownRequestId: string) {
  const m = messageOf(field, value);
  const completedAtSec = timestamp(`${field}.completion_timestamp`, m["completion_timestamp"]);
  if (completedAtSec === 0) {
    throw refused(`${field}.completion_timestamp`, completedAtSec, "the time of completion in unix seconds");
  }
  return {
    request_id: sameRequest(`${field}.request_id`, m["request_id"], ownRequestId),
    compute_node_signature: signature(`${field}.compute_node_signature`, m["compute_node_signature"]),
    result_hash: hash(`${field}.result_hash`, m["result_hash"]),
    completion_timestamp: completedAtSec,
    computation_time_ms: count(
      `${field}.computation_time_ms`,
      m["computation_time_ms"],
      Number.MAX_SAFE_INTEGER,
    ),
  };
}

function sameRequest(field: string, value: unknown, ownRequestId: string): string {
  if (ownRequestId === "") return optionalRequestId(field, value);
  const named = optionalRequestId(field, value);
  if (named !== "" && named !== ownRequestId)
    throw refused(field, named, `the request's own id, ${ownRequestId}`);
  return ownRequestId;
}
