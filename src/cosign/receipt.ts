import {
  CountersignError,
  canonicalGenesis,
  canonicalJson,
  type Genesis,
  networkId,
  sha256,
  toHex,
  zeroAddress,
} from "../base/index.ts";
import type { Signer, ValidatorSet } from "../chain/index.ts";
import { requestHash } from "../proof/receipt-hashes.ts";
import { maxInlinedCharacters, type Receipt } from "../proof/receipt-schema.ts";
import { type HeldSignature, readCompletion } from "../proof/task-terms.ts";
import type {
  ComputeCompletion,
  countersign,
  PreprocessingValidation,
  ValidatorSignature,
} from "../wire/index.ts";

export interface ReceiptInput {
  readonly genesis: Genesis;
  /** The set that the rounds were run with. */
  readonly validators: ValidatorSet;
  readonly client: string;
  readonly modelUuid: string;
  readonly inputData: string;
  readonly outputData: string;
  /** With the first round's signatures. */
  readonly validation: PreprocessingValidation.$Properties;
  readonly grants: readonly countersign.v1.ReassignmentGrant.$Properties[];
  readonly completion: ComputeCompletion.$Properties;
  /** Of the second round; empty where M is 0. */
  readonly completionSignatures: readonly ValidatorSignature.$Properties[];
  readonly paymentTx: string | undefined;
  readonly payoutTx: string | undefined;
  readonly issuedAtSec: number;
}

/**
 * The proof of a result, as canonical JSON signed by its gateway.
 * @throws CountersignError INTERNAL when the parts do not make a task
 */
export async function buildReceipt(input: ReceiptInput, signer: Signer): Promise<string> {
  const { genesis, validators, validation, completion, grants } = input;
  const last = grants.at(-1)?.compute_node_wallet ?? validation.compute_node_wallet ?? "";
  const client = (input.client || zeroAddress).toLowerCase();
  const asked = readCompletion(
    {
      client,
      model_uuid: input.modelUuid,
      preprocessing: validation,
      completion,
      compute_node_wallet: last,
      reassignments: [...grants],
    },
    genesis,
  );
  if (asked === undefined)
    throw new CountersignError("INTERNAL", "no receipt: the task's parts are malformed");
  const { terms } = asked;
  const unsigned: Omit<Receipt, "gateway_signature"> = {
    version: 1,
    network: networkId(genesis),
    genesis,
    request: {
      request_id: terms.requestId,
      client,
      model_uuid: terms.modelUuid,
      input_data: inlined(input.inputData),
      request_hash: toHex(requestHash({ ...terms, inputData: input.inputData })),
    },
    validators: {
      asked: validators.asked,
      required: validators.required,
      block_number: validators.blockNumber ?? null,
      entries: validators.entries.map(({ address, stakeWei }) => ({ address, stake_wei: String(stakeWei) })),
    },
    preprocessing: {
      gateway_wallet: terms.gatewayWallet,
      compute_node_id: terms.computeNodeId,
      compute_node_wallet: terms.computeNodeWallet,
      payment_tree: {
        compute_price_wei: String(terms.split.computeWei),
        gateway_gas_wei: String(terms.split.gatewayWei),
        validator_reward_wei: String(terms.split.validatorsWei),
        treasury_fee_wei: String(terms.split.treasuryWei),
      },
      total_wei: String(terms.totalWei),
      is_paid: terms.isPaid,
      expiry_timestamp: terms.expirySec,
      digest: toHex(terms.message.digest),
      signatures: listed(terms.signatures, validation.validator_signatures),
    },
    reassignments: asked.grants.map((grant, index) => ({
      attempt: grant.attempt,
      compute_node_id: grant.computeNodeId,
      compute_node_wallet: grant.computeNodeWallet,
      deadline: grant.deadlineSec,
      digest: toHex(grant.message.digest),
      signatures: listed(grant.signatures, grants[index]?.validator_signatures),
    })),
    result: {
      output_data: inlined(input.outputData),
      result_hash: toHex(asked.resultHash),
      compute_node_wallet: asked.computeNodeWallet,
      completion_timestamp: asked.completionSec,
      computation_time_ms: asked.computationTimeMs,
      compute_node_signature: toHex(asked.computeSignature),
    },
    completion: {
      digest: toHex(asked.typed.digest),
      signatures: input.completionSignatures.map((one) => ({
        validator_address: (one.validator_address ?? "").toLowerCase(),
        signature: (one.signature ?? "").toLowerCase(),
        timestamp: one.timestamp ?? 0,
      })),
    },
    payment:
      genesis.chain === null || !terms.isPaid
        ? null
        : {
            chain_id: genesis.chain.chain_id,
            contract: genesis.chain.inference_payment,
            payment_tx: (input.paymentTx ?? "").toLowerCase(),
            payout_tx: input.payoutTx?.toLowerCase() ?? null,
          },
    issued_at: input.issuedAtSec,
  };
  const members = canonicalMembers(unsigned);
  const gateway_signature = toHex(await signer.signHash(sha256(joined(members))));
  members.set("gateway_signature", canonicalJson(gateway_signature));
  return joined(members);
}

/** The RFC 8785 form of each member: the receipt is needed without its signature and with it, and its genesis never changes. */
function canonicalMembers({ genesis, ...rest }: Omit<Receipt, "gateway_signature">): Map<string, string> {
  const members = Object.entries(rest).map(([name, value]): [string, string] => [name, canonicalJson(value)]);
  return new Map([...members, ["genesis", canonicalGenesis(genesis)]]);
}

/** An object's RFC 8785 form from its members' forms: sorted by name. */
function joined(members: ReadonlyMap<string, string>): string {
  const sorted = [...members].sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(",")}}`;
}

function inlined(text: string): string | null {
  return text.length <= maxInlinedCharacters ? text : null;
}

function listed(
  signatures: readonly HeldSignature[],
  given: readonly ValidatorSignature.$Properties[] | null | undefined,
): Receipt["completion"]["signatures"] {
  return signatures.map(({ address, signature }, index) => ({
    validator_address: address,
    signature: toHex(signature),
    timestamp: given?.[index]?.timestamp ?? 0,
  }));
}
