import { type Genesis, signingDomain } from "../base/index.ts";
import { address, hash, id, Malformed, maxIdCharacters } from "../proof/task-fields.ts";
import {
  type Asked,
  type CompletionAsked,
  completion,
  type Grant,
  grant,
  grants,
  type TaskTerms,
  taskTerms,
} from "../proof/task-terms.ts";
import { subnetActivationMessage } from "../proof/typed-messages.ts";
import type { countersign, SubnetMetadata } from "../wire/index.ts";
import type { Proposal } from "./round.ts";

// A proposal as a stranger sent it becomes plain, bounded data here, with the subject and the message that a
// validator would sign: both sides of a round compute them from the proposal, so neither has to trust the other.

export interface PreprocessingAsked extends Asked {
  readonly round: "preprocessing";
  readonly terms: TaskTerms;
  readonly subnetId: bigint | undefined;
}

export interface ReassignmentAsked extends Asked {
  readonly round: "reassignment";
  readonly terms: TaskTerms;
  readonly attempt: number;
  readonly computeNodeId: string;
  readonly computeNodeWallet: string;
  readonly deadlineSec: number;
  readonly previous: readonly Grant[];
}

export interface SubnetAsked extends Asked {
  readonly round: "subnet";
  readonly subnetId: bigint;
  readonly gateway: string;
  readonly feeQuoteId: string;
  readonly configHash: Uint8Array;
  readonly paymentTx: string;
  readonly metadata: SubnetMetadata.$Properties;
}

export type AskedProposal = PreprocessingAsked | CompletionAsked | ReassignmentAsked | SubnetAsked;

const maxQuoteIdCharacters = 512;

/** The proposal as data, or undefined when it is malformed. */
export function readProposal(proposal: Proposal, genesis: Genesis): AskedProposal | undefined {
  const given = [proposal.preprocessing, proposal.completion, proposal.reassignment, proposal.subnet];
  if (given.filter((one) => one != null).length !== 1) return undefined;
  try {
    if (proposal.preprocessing != null) return preprocessing(proposal.preprocessing, genesis);
    if (proposal.completion != null) return completion(proposal.completion, genesis);
    if (proposal.reassignment != null) return reassignment(proposal.reassignment, genesis);
    return subnet(proposal.subnet as countersign.v1.SubnetProposal.$Properties, genesis);
  } catch (error) {
    if (error instanceof Malformed) return undefined;
    throw error;
  }
}

/** What a refusal of any proposal names, also of a malformed one. */
export function refusalIdOf(proposal: Proposal): string {
  const subnetId = proposal.subnet?.metadata?.subnet_id;
  if (subnetId != null) return String(subnetId);
  const terms =
    proposal.preprocessing?.validation ??
    proposal.completion?.preprocessing ??
    proposal.reassignment?.preprocessing;
  return (terms?.request_id ?? "").slice(0, maxIdCharacters);
}

function preprocessing(
  proposal: countersign.v1.PreprocessingProposal.$Properties,
  genesis: Genesis,
): PreprocessingAsked {
  const terms = taskTerms(proposal.client, proposal.model_uuid, proposal.validation, genesis);
  return {
    round: "preprocessing",
    subject: terms.subject,
    typed: terms.message,
    refusalId: terms.requestId,
    terms,
    subnetId: proposal.subnet_id ?? undefined,
  };
}

function reassignment(
  proposal: countersign.v1.ReassignmentProposal.$Properties,
  genesis: Genesis,
): ReassignmentAsked {
  const terms = taskTerms(proposal.client, proposal.model_uuid, proposal.preprocessing, genesis);
  const previous = grants(proposal.previous, terms, genesis);
  const { signatures: _none, message, ...granted } = grant(proposal, terms, genesis);
  if (granted.attempt !== previous.length + 1) throw new Malformed();
  return { round: "reassignment", typed: message, refusalId: terms.requestId, terms, previous, ...granted };
}

function subnet(proposal: countersign.v1.SubnetProposal.$Properties, genesis: Genesis): SubnetAsked {
  const metadata = proposal.metadata ?? {};
  const subnetId = metadata.subnet_id ?? 0n;
  const gateway = address(metadata.gateway_address);
  const feeQuoteId = id(metadata.fee_quote_id, maxQuoteIdCharacters);
  const configHash = hash(metadata.config_hash);
  if (subnetId <= 0n) throw new Malformed();
  return {
    round: "subnet",
    subject: String(subnetId),
    typed: subnetActivationMessage(signingDomain(genesis, true), {
      subnetId,
      gateway,
      configHash,
      feeQuoteId,
    }),
    refusalId: String(subnetId),
    subnetId,
    gateway,
    feeQuoteId,
    configHash,
    paymentTx: (metadata.payment_tx ?? "").toLowerCase(),
    metadata,
  };
}
