import { type Genesis, sha256 } from "../../base/index.ts";
import { recoverHashSigner } from "../../proof/wallet.ts";
import { countersign, RegisterValidatorRequest, UnregisterValidatorRequest } from "../../wire/index.ts";
import type { RecordKind } from "../record.ts";
import {
  address,
  maxNameLength,
  oneOf,
  type Problem,
  text,
  transactionHash,
  wei,
  wholeNumber,
} from "./field-bounds.ts";
import { isProofOf, type RegistrationProof } from "./registration-proof.ts";

export type ValidatorRecord = countersign.v1.ValidatorRecord.$Properties;

const dayMs = 86_400_000;
export const validatorLifeMs = 30 * dayMs;
/** A few texts and a proof. */
const maxPayloadBytes = 4 * 1024;
/** What a validator says of itself; the chain decides about the rest. */
export const validatorStatuses = ["active", "inactive"] as const;

/**
 * A validator's own word that it takes part, and with what node; id = its address. Its stake is believed from the
 * chain or the genesis only. A registry may own the record when it shows the validator's signed call.
 */
export function createValidatorKind(genesis: Genesis): RecordKind<ValidatorRecord> {
  return {
    name: "validator",
    maxPayloadBytes,
    lifeMs: validatorLifeMs,
    encode: (payload) => countersign.v1.ValidatorRecord.encode(payload).finish(),
    decode: (bytes) => countersign.v1.ValidatorRecord.decode(bytes),
    check: (record, payload) =>
      fieldsProblem(record.id, payload) ??
      (record.owner === record.id ? undefined : proofProblem(genesis, record.id, payload)),
  };
}

function fieldsProblem(id: string, payload: ValidatorRecord): Problem {
  if (address("id", id) !== undefined || id !== id.toLowerCase()) return "id is no lower-case address";
  return (
    wei("stake_wei", payload.stake_wei || "0") ??
    transactionHash("stake_tx", payload.stake_tx ?? "") ??
    text("node_id", payload.node_id ?? "", maxNameLength) ??
    wholeNumber("registered_at", payload.registered_at ?? 0) ??
    oneOf("status", payload.status ?? "", validatorStatuses)
  );
}

function proofProblem(genesis: Genesis, validator: string, payload: ValidatorRecord): Problem {
  const { proof } = payload;
  if (proof == null) return "the owner is neither the validator nor shows its registration";
  const body = proof.body ?? new Uint8Array(0);
  const isActive = payload.status === "active";
  const isSame = isActive ? isRegistrationOf(body, validator, payload) : isWithdrawalOf(body, validator);
  if (!isSame) return "the validator signed something else";
  const operation = isActive ? "RegisterValidator" : "UnregisterValidator";
  return isProofOf(genesis, proof, validator, [operation]) || isSignedRequest(proof, operation, validator)
    ? undefined
    : "the registration was not signed by the validator";
}

/** The stake is left out: it is the chain's to tell. */
function isRegistrationOf(body: Uint8Array, validator: string, payload: ValidatorRecord): boolean {
  const request = RegisterValidatorRequest.decode(body);
  return (
    request.$unknowns === undefined &&
    request.validator_address.toLowerCase() === validator &&
    request.stake_tx === (payload.stake_tx ?? "") &&
    request.node_id === (payload.node_id ?? "")
  );
}

function isWithdrawalOf(body: Uint8Array, validator: string): boolean {
  const request = UnregisterValidatorRequest.decode(body);
  return request.$unknowns === undefined && request.validator_address.toLowerCase() === validator;
}

/** The request's own `signature`: EIP-191 over SHA-256 of the request without it. Such a proof has no nonce. */
function isSignedRequest(proof: RegistrationProof, operation: string, validator: string): boolean {
  const { body, nonce, signature } = proof;
  if (proof.operation !== operation || body == null || signature == null) return false;
  return (nonce ?? []).length === 0 && recoverHashSigner(sha256(body), signature) === validator;
}
