import type { TypedMessage } from "../proof/signer.ts";
import type { countersign, QuorumTrail, ValidatorSignature } from "../wire/index.ts";

export type RoundName = "preprocessing" | "completion" | "reassignment" | "subnet";

export const refusalReasons = [
  "NODE_UNKNOWN",
  "NODE_OFFLINE",
  "MODEL_NOT_SERVED",
  "PRICE_MISMATCH",
  "EXPIRED",
  "TOO_FAR_AHEAD",
  "CONFLICTS_WITH_SIGNED",
  "NOT_PREPROCESSED",
  "NOT_PAID",
  "BAD_COMPUTE_SIGNATURE",
  "HASH_MISMATCH",
  "LATE",
  "RESULT_DIFFERS",
  "CLOCK_SKEW",
  "MALFORMED",
  "OVERLOADED",
] as const;
export type RefusalReason = (typeof refusalReasons)[number];

export type Proposal = Pick<
  countersign.v1.CosignRequest.$Properties,
  "preprocessing" | "completion" | "reassignment" | "subnet"
>;

export interface RoundRequest {
  readonly round: RoundName;
  /** `client/request id`, plus `/attempt` for a re-assignment; a subnet's id. Two digests for one subject are never both signed. */
  readonly subject: string;
  readonly proposal: Proposal;
  /** What each validator signs. */
  readonly typed: TypedMessage;
  /** Unix milliseconds by which the round must be over. */
  readonly deadlineMs: number;
}

export interface RoundResult {
  readonly reached: boolean;
  /** M or more, in the validators' address order. */
  readonly signatures: ValidatorSignature.$Properties[];
  readonly trail: QuorumTrail.$Properties;
}

/** Runs co-sign rounds for a gateway or registry. */
export interface Cosigner {
  /** Never rejects for want of signatures: the trail says who did not sign, and why. Rejects when the signal aborts. */
  run(request: RoundRequest, signal: AbortSignal): Promise<RoundResult>;
}
