import { fromHex } from "../base/bytes.ts";
import { type Genesis, signingDomain } from "../base/genesis.ts";
import type { countersign, PreprocessingValidation, ValidatorSignature } from "../wire/index.ts";
import type { TypedMessage } from "./signer.ts";
import {
  address,
  hash,
  id,
  Malformed,
  maxIdCharacters,
  positive,
  signatureBytes,
  signaturePattern,
  whole,
} from "./task-fields.ts";
import { isPaidTask, type PriceSplit, parsePaymentTree, totalOf } from "./terms.ts";
import {
  completionMessage,
  computeCompletionMessage,
  preprocessingMessage,
  reassignmentMessage,
} from "./typed-messages.ts";

// A task's signed parts as a stranger sent them become plain, bounded data here, with the messages that were signed:
// validators of a round and readers of a receipt compute the same ones, so neither has to trust the other.

/** A validator's signature, in bytes. */
export interface HeldSignature {
  readonly address: string;
  readonly signature: Uint8Array;
}

export interface TaskTerms {
  readonly requestId: string;
  /** Lower-case address, zero where there is no client. */
  readonly client: string;
  readonly modelUuid: string;
  readonly gatewayWallet: string;
  readonly computeNodeId: string;
  readonly computeNodeWallet: string;
  readonly split: PriceSplit;
  readonly totalWei: bigint;
  readonly isPaid: boolean;
  readonly expirySec: number;
  /** Subject of the task's preprocessing and completion rounds. */
  readonly subject: string;
  /** What the preprocessing round signs. */
  readonly message: TypedMessage;
  /** Signatures that came with the proposal; unverified. */
  readonly signatures: readonly HeldSignature[];
}

export interface Grant {
  readonly attempt: number;
  readonly computeNodeId: string;
  readonly computeNodeWallet: string;
  readonly deadlineSec: number;
  readonly subject: string;
  readonly message: TypedMessage;
  readonly signatures: readonly HeldSignature[];
}

export interface Asked {
  readonly subject: string;
  /** What a validator is asked to sign. */
  readonly typed: TypedMessage;
  /** What a `Refusal` of it names: the request id, for a subnet its id. */
  readonly refusalId: string;
}

export interface CompletionAsked extends Asked {
  readonly round: "completion";
  readonly terms: TaskTerms;
  readonly computeNodeWallet: string;
  readonly resultHash: Uint8Array;
  readonly completionSec: number;
  readonly computationTimeMs: number;
  /** What the compute node signed. */
  readonly computeMessage: TypedMessage;
  readonly computeSignature: Uint8Array;
  readonly grants: readonly Grant[];
  readonly inputData: string | undefined;
  readonly outputData: string | undefined;
}

/** As many as a set can ask: more are not signatures of one round. */
const maxSignatures = 200;
/** A lease lasts seconds and a task minutes: more attempts than this fit no task. */
export const maxAttempts = 64;
/** What a gateway shows of a task's terms and re-assignments to another one. */
export interface ShownAssignment {
  readonly client: string;
  readonly modelUuid: string;
  readonly validation: PreprocessingValidation.$Properties | null | undefined;
  readonly grants: readonly countersign.v1.ReassignmentGrant.$Properties[] | null | undefined;
}

/** It as data, or undefined when it is malformed. The signatures are unverified. */
export function readAssignment(
  shown: ShownAssignment,
  genesis: Genesis,
): { readonly terms: TaskTerms; readonly grants: readonly Grant[] } | undefined {
  try {
    const terms = taskTerms(shown.client, shown.modelUuid, shown.validation, genesis);
    return { terms, grants: grants(shown.grants, terms, genesis) };
  } catch (error) {
    if (error instanceof Malformed) return undefined;
    throw error;
  }
}

/** It, or undefined when it is malformed. */
export function readCompletion(
  proposal: countersign.v1.CompletionProposal.$Properties,
  genesis: Genesis,
): CompletionAsked | undefined {
  try {
    return completion(proposal, genesis);
  } catch (error) {
    if (error instanceof Malformed) return undefined;
    throw error;
  }
}

/** A completion as data, with what its validators sign. @throws Malformed */
export function completion(
  proposal: countersign.v1.CompletionProposal.$Properties,
  genesis: Genesis,
): CompletionAsked {
  const terms = taskTerms(proposal.client, proposal.model_uuid, proposal.preprocessing, genesis);
  const given = proposal.completion ?? {};
  if (given.request_id !== terms.requestId) throw new Malformed();
  const result = {
    requestId: terms.requestId,
    resultHash: hash(given.result_hash),
    completionTimestamp: positive(given.completion_timestamp),
    computationTimeMs: whole(given.computation_time_ms),
  };
  const computeNodeWallet = address(proposal.compute_node_wallet);
  return {
    round: "completion",
    subject: terms.subject,
    typed: completionMessage(signingDomain(genesis, terms.isPaid), { ...result, computeNodeWallet }),
    refusalId: terms.requestId,
    terms,
    computeNodeWallet,
    resultHash: result.resultHash,
    completionSec: result.completionTimestamp,
    computationTimeMs: result.computationTimeMs,
    computeMessage: computeCompletionMessage(signingDomain(genesis, true), {
      ...result,
      modelUuid: terms.modelUuid,
    }),
    // A text that is no signature proves as little as a false one, and is refused with the same code.
    computeSignature: signaturePattern.test(given.compute_node_signature ?? "")
      ? fromHex(given.compute_node_signature ?? "")
      : new Uint8Array(0),
    grants: grants(proposal.reassignments, terms, genesis),
    inputData: proposal.input_data ?? undefined,
    outputData: proposal.output_data ?? undefined,
  };
}

/** @throws Malformed */
export function taskTerms(
  clientText: string | null | undefined,
  modelText: string | null | undefined,
  validation: PreprocessingValidation.$Properties | null | undefined,
  genesis: Genesis,
): TaskTerms {
  if (validation == null) throw new Malformed();
  const requestId = id(validation.request_id, maxIdCharacters);
  const client = address(clientText);
  const split = parsePaymentTree(validation.payment_tree);
  if (split === undefined) throw new Malformed();
  const totalWei = totalOf(split);
  const isPaid = isPaidTask(totalWei, genesis);
  const gatewayWallet = address(validation.gateway_wallet);
  const computeNodeId = id(validation.compute_node_id, maxIdCharacters);
  const computeNodeWallet = address(validation.compute_node_wallet);
  const expirySec = positive(validation.expiry_timestamp);
  return {
    requestId,
    client,
    modelUuid: id(modelText, maxIdCharacters),
    gatewayWallet,
    computeNodeId,
    computeNodeWallet,
    split,
    totalWei,
    isPaid,
    expirySec,
    subject: `${client}/${requestId}`,
    message: preprocessingMessage(signingDomain(genesis, isPaid), {
      requestId,
      client,
      gatewayWallet,
      computeNodeId,
      computeNodeWallet,
      computePriceWei: split.computeWei,
      gatewayGasWei: split.gatewayWei,
      validatorRewardWei: split.validatorsWei,
      treasuryFeeWei: split.treasuryWei,
      expiryTimestamp: expirySec,
    }),
    signatures: heldSignatures(validation.validator_signatures),
  };
}

/** @throws Malformed */
export function grants(
  given: readonly countersign.v1.ReassignmentGrant.$Properties[] | null | undefined,
  terms: TaskTerms,
  genesis: Genesis,
): Grant[] {
  const list = given ?? [];
  if (list.length > maxAttempts) throw new Malformed();
  const read = list.map((one) => ({
    ...grant(one, terms, genesis),
    signatures: heldSignatures(one.validator_signatures),
  }));
  if (read.some((one, index) => one.attempt !== index + 1)) throw new Malformed();
  return read;
}

/** @throws Malformed */
export function grant(
  given: Pick<
    countersign.v1.ReassignmentGrant.$Properties,
    "attempt" | "compute_node_id" | "compute_node_wallet" | "deadline"
  >,
  terms: TaskTerms,
  genesis: Genesis,
): Grant {
  const attempt = positive(given.attempt);
  const computeNodeId = id(given.compute_node_id, maxIdCharacters);
  const computeNodeWallet = address(given.compute_node_wallet);
  const deadlineSec = positive(given.deadline);
  if (attempt > maxAttempts) throw new Malformed();
  return {
    attempt,
    computeNodeId,
    computeNodeWallet,
    deadlineSec,
    subject: `${terms.subject}/${attempt}`,
    message: reassignmentMessage(signingDomain(genesis, terms.isPaid), {
      requestId: terms.requestId,
      client: terms.client,
      attempt,
      computeNodeId,
      computeNodeWallet,
      deadline: deadlineSec,
    }),
    signatures: [],
  };
}

function heldSignatures(
  given: readonly ValidatorSignature.$Properties[] | null | undefined,
): HeldSignature[] {
  const list = given ?? [];
  if (list.length > maxSignatures) throw new Malformed();
  return list.map((one) => ({
    address: address(one.validator_address),
    signature: signatureBytes(one.signature),
  }));
}
