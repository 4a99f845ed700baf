import { maxCapabilities, maxListLimit, maxModels, maxNameBytes } from "../../operations/request-fields.ts";
import { modelSources, nodeTypes } from "../../operations/request-messages.ts";
import type { JsonSchema } from "../messages/index.ts";

// What requests' fields must look like, beyond their types: the same forms that src/operations checks, told as JSON
// Schema for the OpenAPI document. A property test compares the two.

export interface BodyRule {
  readonly required: readonly string[];
  readonly fields: Readonly<Record<string, JsonSchema>>;
  /** What the message has but a client has no use for. */
  readonly hidden?: readonly string[];
}

const text = (pattern: string, description?: string): JsonSchema => ({
  type: "string",
  pattern,
  ...(description === undefined ? {} : { description }),
});
/** Each once. */
const models: JsonSchema = {
  type: "array",
  minItems: 1,
  maxItems: maxModels,
  items: { $ref: "#/components/schemas/ModelDescriptor_body" },
};
const count: JsonSchema = { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER };
const orEmpty = (pattern: string): string => `^$|${pattern}`;

const requestId = "^[A-Za-z0-9._:-]{1,128}$";
const visible = "^[\\x21-\\x7e]{1,128}$";
const address = "^0x[0-9a-fA-F]{40}$";
const hash = "^0x[0-9a-fA-F]{64}$";
const signature = "^0x[0-9a-fA-F]{130}$";
const wei = "^[0-9]{1,77}$";

/** Of a path's parameter. */
export const pathRules: Readonly<Record<string, JsonSchema>> = {
  id: text(
    "^(0x[0-9a-fA-F]{40}/)?[A-Za-z0-9._:-]{1,128}$",
    "A task's request id, or `client address/request id` with the slash as %2F.",
  ),
  request_id: text("^(0x[0-9a-fA-F]{40}/)?[A-Za-z0-9._:-]{1,128}$", "As for the task itself."),
  subnet_id: text("^[1-9][0-9]{0,18}$"),
  address: text(address),
};

/** Of a query's parameters. */
export const queryRules: Readonly<Record<string, JsonSchema>> = {
  status: { enum: ["queued", "processing", "completed", "failed"] },
  node_type: { enum: [...nodeTypes] },
  model_uuid: text(visible),
  subnet_id: text("^[1-9][0-9]{0,18}$"),
  capabilities: { type: "array", maxItems: maxCapabilities, items: text("^[\\x21-\\x7e]{1,64}$") },
  include_offline: { type: "boolean" },
  active_only: { type: "boolean" },
  all: { type: "boolean" },
  limit: { type: "integer", minimum: 0, maximum: maxListLimit },
  peers: { type: "integer", minimum: 0, maximum: 16 },
  address: text(address),
  gateway_address: text(address),
  validator_address: text(address),
  timestamp: { type: "integer", minimum: 0 },
  signature: text(signature),
  models: {
    type: "array",
    minItems: 1,
    maxItems: maxModels,
    items: { type: "string", description: "A ModelDescriptor as JSON." },
  },
};

export const bodyRules: Readonly<Record<string, BodyRule>> = {
  InferenceRequest: {
    required: ["model_uuid", "input_data"],
    fields: {
      request_id: text(orEmpty(requestId), "Made by the gateway when left out."),
      model_uuid: text(visible),
      input_data: {
        type: "string",
        contentMediaType: "application/json",
        description: "The model's input: a JSON document as text.",
      },
      originator_client_id: text(orEmpty(address), "The client's wallet; the caller's when left out."),
      subnet_id: text("^[1-9][0-9]{0,18}$", "Only nodes of this subnet may serve the task."),
    },
    hidden: [
      "preprocessing_validation",
      "transaction_confirmation",
      "assigned_timestamp",
      "assigned_compute_node_id",
    ],
  },
  TransactionConfirmation: {
    required: ["tx_hash"],
    fields: {
      request_id: text(orEmpty(requestId), "The path's when left out."),
      tx_hash: text(hash),
      originator_wallet: text(orEmpty(address)),
      amount_wei: text(orEmpty(wei)),
    },
  },
  NodeInfo: {
    required: ["node_id", "node_type", "wallet_address"],
    fields: {
      node_id: text(visible),
      node_type: { enum: [...nodeTypes] },
      wallet_address: text(address),
      capabilities: { type: "array", maxItems: maxCapabilities, items: text("^[\\x21-\\x7e]{1,64}$") },
    },
  },
  ModelData: {
    required: ["model_uuid"],
    fields: { model_uuid: text(visible), price_wei: text(orEmpty(wei)) },
  },
  ModelDescriptor: {
    required: ["model_uuid", "source"],
    fields: {
      model_uuid: text(visible),
      source: { enum: [...modelSources] },
      name: { type: "string", maxLength: maxNameBytes },
      max_tokens: count,
    },
  },
  CreateSubnetRequest: {
    required: ["gateway_address", "models", "fee_quote_id", "config_hash"],
    fields: {
      gateway_address: text(address),
      models,
      fee_quote_id: text("^[A-Za-z0-9._-]{1,512}$", "Of a quote from /api/v1/subnets/estimate."),
      payment_tx: text(orEmpty(hash)),
      config_hash: text("^[A-Za-z0-9+/_-]{43}=?$", "SHA-256 as base64."),
    },
  },
  EstimateSubnetFeeRequest: {
    required: ["gateway_address", "models"],
    fields: { gateway_address: text(address), models },
  },
  RegisterValidatorRequest: {
    required: ["validator_address"],
    fields: {
      validator_address: text(address),
      stake_wei: text(orEmpty(wei)),
      stake_tx: text(orEmpty(hash)),
      node_id: text(orEmpty(visible)),
      signature: text(orEmpty(signature), "EIP-191, where the call itself is not signed."),
    },
  },
};
