import { fromHex, sha256, utf8 } from "../../base/index.ts";
import {
  countersign,
  type ModelDescriptor,
  type QuorumTrail,
  type SubnetMetadata,
} from "../../wire/index.ts";
import type { RecordKind } from "../record.ts";
import {
  address,
  count,
  firstProblem,
  maxDescriptionLength,
  maxNameLength,
  maxPathLength,
  oneOf,
  type Problem,
  text,
  transactionHash,
  wei,
  wholeNumber,
} from "./field-bounds.ts";

export type SubnetRecord = countersign.v1.SubnetRecord.$Properties;

const dayMs = 86_400_000;
/** A subnet whose gateway stays away this long is deprecated, and its record may end. */
export const subnetLifeMs = 30 * dayMs;
const maxPayloadBytes = 224 * 1024;
export const subnetStatuses = ["pending", "active", "deprecated"] as const;
export const modelSources = ["huggingface", "path", "url", "executor"] as const;
const maxSubnetModels = 256;
/** The genesis allows no more validators in a round. */
const maxSignatures = 100;
const maxTrails = 4;
const configHashBytes = 32;
/** A quote is self-contained and signed. */
const maxQuoteIdLength = 512;
/** 0x, 130 hex digits and some room for what a verdict's round adds. */
const maxSignatureLength = 256;
const bits63 = (1n << 63n) - 1n;

/**
 * First 8 bytes of SHA-256(the gateway's 20 address bytes ‖ quote id in UTF-8), with the top bit clear: two registries
 * cannot allot one id to two gateways.
 */
export function subnetIdOf(gatewayAddress: string, feeQuoteId: string): bigint {
  const digest = sha256(Buffer.concat([fromHex(gatewayAddress), utf8(feeQuoteId)]));
  return Buffer.from(digest).readBigUInt64BE(0) & bits63;
}

/** A subnet as the registry that allotted it states it; id = the subnet id in decimal. */
export function createSubnetKind(): RecordKind<SubnetRecord> {
  return {
    name: "subnet",
    maxPayloadBytes,
    lifeMs: subnetLifeMs,
    encode: (payload) => countersign.v1.SubnetRecord.encode(payload).finish(),
    decode: (bytes) => countersign.v1.SubnetRecord.decode(bytes),
    check: ({ id }, { metadata }) =>
      metadata == null ? "metadata is missing" : metadataProblem(id, metadata),
  };
}

function metadataProblem(id: string, metadata: SubnetMetadata.$Properties): Problem {
  const gateway = metadata.gateway_address ?? "";
  const quoteId = metadata.fee_quote_id ?? "";
  const problem = address("gateway_address", gateway) ?? text("fee_quote_id", quoteId, maxQuoteIdLength, 1);
  if (problem !== undefined) return problem;
  const subnetId = subnetIdOf(gateway, quoteId);
  if (metadata.subnet_id !== subnetId) return "subnet_id does not follow from gateway and quote";
  if (id !== subnetId.toString()) return "id is not the subnet id";
  if (metadata.config_hash != null && metadata.config_hash.length !== configHashBytes) {
    return `config_hash must have ${configHashBytes} bytes`;
  }
  const models = metadata.models ?? [];
  const signatures = metadata.validated_by ?? [];
  const trails = metadata.quorum_trail ?? [];
  return (
    wholeNumber("created_at", metadata.created_at ?? 0) ??
    oneOf("status", metadata.status ?? "", subnetStatuses) ??
    wei("network_fee_wei", metadata.network_fee_wei || "0") ??
    transactionHash("payment_tx", metadata.payment_tx ?? "") ??
    count("models", models, maxSubnetModels) ??
    firstProblem(models, modelProblem) ??
    count("validated_by", signatures, maxSignatures) ??
    firstProblem(
      signatures,
      (entry) =>
        address("validated_by.validator_address", entry.validator_address ?? "") ??
        text("validated_by.signature", entry.signature ?? "", maxSignatureLength) ??
        wholeNumber("validated_by.timestamp", entry.timestamp ?? 0),
    ) ??
    count("quorum_trail", trails, maxTrails) ??
    firstProblem(trails, trailProblem)
  );
}

function modelProblem(model: ModelDescriptor.$Properties): Problem {
  return (
    text("models.model_uuid", model.model_uuid ?? "", maxNameLength, 1) ??
    oneOf("models.source", model.source || "executor", modelSources) ??
    text("models.path", model.path ?? "", maxPathLength) ??
    text("models.name", model.name ?? "", maxNameLength) ??
    text("models.category", model.category ?? "", maxNameLength) ??
    text("models.description", model.description ?? "", maxDescriptionLength) ??
    wholeNumber("models.max_tokens", model.max_tokens ?? 0) ??
    text("models.version", model.version ?? "", maxNameLength) ??
    text("models.input_format", model.input_format ?? "", maxNameLength) ??
    text("models.output_format", model.output_format ?? "", maxNameLength)
  );
}

function trailProblem(trail: QuorumTrail.$Properties): Problem {
  const verdicts = trail.verdicts ?? [];
  return (
    text("quorum_trail.round", trail.round ?? "", maxNameLength) ??
    text("quorum_trail.subject", trail.subject ?? "", maxPathLength) ??
    count("quorum_trail.verdicts", verdicts, maxSignatures) ??
    firstProblem(
      verdicts,
      (verdict) =>
        address("verdicts.validator_address", verdict.validator_address ?? "") ??
        text("verdicts.outcome", verdict.outcome ?? "", maxNameLength) ??
        text("verdicts.reason", verdict.reason ?? "", maxNameLength) ??
        text("verdicts.signature", verdict.signature ?? "", maxSignatureLength),
    )
  );
}
