import {
  type Genesis,
  genesisSchema,
  networkId,
  type RandomBytes,
  sha256,
  toHex,
  utf8,
} from "../../../src/base/index.ts";
import { createLocalSigner, type Signer } from "../../../src/chain/index.ts";
import {
  type AskedProposal,
  type Proposal,
  paymentTree,
  type RoundRequest,
  readProposal,
  splitPrice,
  taskLifeSec,
} from "../../../src/cosign/index.ts";
import type { PreprocessingValidation } from "../../../src/wire/index.ts";

export const signerOf = (name: string): Signer => createLocalSigner(sha256(`key of ${name}`));

export const gateway = signerOf("gateway");
export const compute = signerOf("compute");
export const otherCompute = signerOf("other compute");
export const client = signerOf("client").address;
export const validators = ["v1", "v2", "v3", "v4", "v5"].map(signerOf);

const contract = (digit: string): string => `0x${digit.repeat(40)}`;

export function genesisOf(
  options: { chain?: boolean; validators?: readonly Signer[]; required?: number } = {},
): Genesis {
  return genesisSchema.parse({
    name: "test",
    chain: options.chain
      ? {
          chain_id: 31337,
          token: contract("1"),
          validator_registry: contract("2"),
          inference_payment: contract("3"),
          treasury: contract("4"),
          confirmations: 2,
        }
      : null,
    validators: (options.validators ?? validators).map(({ address }) => ({ address, stake_wei: "1000" })),
    cosign: { required: options.required ?? 3, deadline_ms: 3_000 },
  });
}

export function termsOf(
  genesis: Genesis,
  nowMs: number,
  changes: PreprocessingValidation.$Properties = {},
  totalWei = 1_000n,
): PreprocessingValidation.$Properties {
  return {
    request_id: "task-1",
    gateway_wallet: gateway.address,
    compute_node_id: "node-1",
    compute_node_wallet: compute.address,
    payment_tree: paymentTree(splitPrice(totalWei, genesis)),
    validator_signatures: [],
    expiry_timestamp: Math.floor(nowMs / 1000) + taskLifeSec(genesis),
    ...changes,
  };
}

export function preprocessingOf(
  genesis: Genesis,
  nowMs: number,
  changes: PreprocessingValidation.$Properties = {},
  totalWei = 1_000n,
): Proposal {
  return {
    preprocessing: { client, model_uuid: "model-1", validation: termsOf(genesis, nowMs, changes, totalWei) },
  };
}

export function asked(proposal: Proposal, genesis: Genesis): AskedProposal {
  const read = readProposal(proposal, genesis);
  if (read === undefined) throw new Error("the proposal is malformed");
  return read;
}

export function roundOf(proposal: Proposal, genesis: Genesis, deadlineMs: number): RoundRequest {
  const { round, subject, typed } = asked(proposal, genesis);
  return { round, subject, typed, proposal, deadlineMs };
}

/** A completion of `validation`'s task by `signer`, with that node's signature. */
export async function completionOf(
  genesis: Genesis,
  validation: PreprocessingValidation.$Properties,
  completedSec: number,
  options: { signer?: Signer; wallet?: string; output?: string } = {},
): Promise<NonNullable<Proposal["completion"]>> {
  const signer = options.signer ?? compute;
  const draft = {
    client,
    model_uuid: "model-1",
    preprocessing: validation,
    compute_node_wallet: options.wallet ?? signer.address,
    completion: {
      request_id: validation.request_id ?? "",
      compute_node_signature: "",
      result_hash: sha256(utf8(options.output ?? "output")),
      completion_timestamp: completedSec,
      computation_time_ms: 800,
    },
    reassignments: [],
  };
  const read = asked({ completion: draft }, genesis);
  if (read.round !== "completion") throw new Error("no completion");
  draft.completion.compute_node_signature = toHex(await signer.signTyped(read.computeMessage));
  return draft;
}

/** Predictable bytes. */
export const zeroRandom: RandomBytes = (count) => new Uint8Array(count);

export const networkOf = (genesis: Genesis): string => networkId(genesis);
