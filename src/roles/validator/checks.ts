import type { Clock, Genesis } from "../../base/index.ts";
import type { TypedMessage, ValidatorSet } from "../../chain/index.ts";
import {
  type Grant,
  type Guard,
  type HeldSignature,
  hasQuorum,
  type Judgement,
  parseWei,
  type RefusalReason,
  type TaskTerms,
} from "../../cosign/index.ts";
import { clockToleranceMs } from "../../mesh/index.ts";
import type { KnownNode, NodeLookup, PaymentLookup, SubnetRules } from "./lookups.ts";

// What the policies of the four rounds share.

export interface PolicyOptions {
  readonly genesis: Genesis;
  readonly clock: Clock;
  readonly nodes: NodeLookup;
  readonly guard: Pick<Guard, "signedDigest">;
  validatorSet(): ValidatorSet;
  /** Undefined on networks without a chain. */
  readonly payments: PaymentLookup | undefined;
  readonly subnets: SubnetRules;
  /** Runs a share of tasks again; undefined when this one is not to be, or cannot. */
  recheck(modelUuid: string, inputData: string): Promise<string | undefined>;
}

/** How far two honest clocks may be apart (docs: clocks). */
export const clockToleranceSec = clockToleranceMs / 1000;

export const sign: Judgement = { outcome: "sign", alsoClaims: [] };

export const refuse = (reason: RefusalReason): Judgement => ({ outcome: "refuse", reason, mayChange: false });

/** Refuses unless what is missing arrives in time. */
export const notYet = (reason: RefusalReason): Judgement => ({ outcome: "refuse", reason, mayChange: true });

/** True when the quote and every re-assignment of it went through their rounds. */
export async function isAssigned(
  terms: TaskTerms,
  grants: readonly Grant[],
  options: Pick<PolicyOptions, "guard" | "validatorSet">,
): Promise<boolean> {
  if (!(await isCosigned("preprocessing", terms.subject, terms.message, terms.signatures, options)))
    return false;
  for (const grant of grants) {
    if (!(await isCosigned("reassignment", grant.subject, grant.message, grant.signatures, options)))
      return false;
  }
  return true;
}

/** This validator signed it itself, or the quorum's signatures came along. */
async function isCosigned(
  round: "preprocessing" | "reassignment",
  subject: string,
  { digest }: TypedMessage,
  signatures: readonly HeldSignature[],
  { guard, validatorSet }: Pick<PolicyOptions, "guard" | "validatorSet">,
): Promise<boolean> {
  const own = await guard.signedDigest(round, subject);
  if (own !== undefined && Buffer.compare(own, digest) === 0) return true;
  return hasQuorum(digest, signatures, validatorSet());
}

export function gatewayTrouble(nodes: NodeLookup, wallet: string): Judgement | undefined {
  const gateways = nodes
    .byWallet(wallet)
    .filter(({ info, roles }) => info.node_type === "gateway" || roles.includes("gateway"));
  if (gateways.length === 0) return notYet("NODE_UNKNOWN");
  return gateways.every(({ status }) => status === "offline") ? notYet("NODE_OFFLINE") : undefined;
}

export function nodeOf(nodes: NodeLookup, wallet: string, nodeId: string): KnownNode | undefined {
  return nodes.byWallet(wallet).find(({ info }) => info.node_id === nodeId);
}

/** The total price that a node asks for a task with the model; undefined when it does not serve it. */
export function priceOf({ info }: KnownNode, modelUuid: string): bigint | undefined {
  const model = info.supported_models?.find((one) => one.model_uuid === modelUuid);
  return model === undefined ? undefined : (parseWei(model.price_wei || "0") ?? undefined);
}
