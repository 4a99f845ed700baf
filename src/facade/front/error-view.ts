import {
  CountersignError,
  type ErrorCode,
  type GrpcStatusName,
  isAbort,
  type RateState,
} from "../../base/index.ts";
import type { QuorumTrail } from "../../wire/index.ts";

/** An error as any facade may tell it. What is not one of ours says nothing of the inside. */
export interface ErrorView {
  readonly code: ErrorCode;
  readonly number: number;
  readonly grpc: GrpcStatusName;
  readonly http: number;
  readonly message: string;
  /** What the caller can do about it. */
  readonly fix: string;
  /** The request's field that was wrong, and what is allowed. */
  readonly field: string | undefined;
  readonly allowed: string | undefined;
  readonly trail: QuorumTrail.$Properties | undefined;
  /** For a caller that asked too often. */
  readonly rate: RateState | undefined;
}

export function errorView(error: unknown): ErrorView {
  const known = knownError(error);
  const { number, grpc, http, fix } = known.entry;
  const { field, allowed, trail, rate, fix: ownFix } = known.data;
  return {
    code: known.code,
    number,
    grpc,
    http,
    message: known.message,
    // Where the code alone does not tell what to do.
    fix: textOf(ownFix) ?? fix,
    field: textOf(field),
    allowed: textOf(allowed),
    trail: (trail ?? undefined) as QuorumTrail.$Properties | undefined,
    rate: rate as RateState | undefined,
  };
}

/** True for an error that tells of a mistake of this program. */
export function isUnexpected(error: unknown): boolean {
  return !(error instanceof CountersignError) && !isAbort(error);
}

function knownError(error: unknown): CountersignError {
  if (error instanceof CountersignError) return error;
  return isAbort(error)
    ? new CountersignError("CANCELLED", "the call was cancelled")
    : new CountersignError("INTERNAL", "the node could not process the call");
}

const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
