import { type ErrorCode, errorCatalogue } from "../base/error-catalogue.ts";
import type { QuorumTrail, TaskStatus } from "./messages.ts";

/** What an answer tells of an error, as REST words it. */
export interface ErrorBody {
  readonly error: {
    readonly code: string;
    readonly number?: number;
    readonly message: string;
    readonly field?: string;
    readonly allowed?: string;
    readonly fix?: string;
    readonly request_id?: string;
  };
  readonly trail?: QuorumTrail;
  readonly terms?: TaskStatus;
}

export interface SdkErrorFacts {
  readonly field?: string | undefined;
  readonly allowed?: string | undefined;
  readonly fix?: string | undefined;
  readonly httpStatus?: number | undefined;
  readonly requestId?: string | undefined;
  readonly trail?: QuorumTrail | undefined;
  readonly terms?: TaskStatus | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** Everything that goes wrong, but for a call's own abort, which rejects with its signal's reason. docs/errors.md lists the codes. */
export class SdkError extends Error {
  /** A newer gateway may have more of them. */
  readonly code: ErrorCode | (string & {});
  /** The request's field that was wrong, and what is allowed. */
  readonly field: string | undefined;
  readonly allowed: string | undefined;
  /** What can be done about it. */
  readonly fix: string;
  /** Undefined where no answer came. */
  readonly httpStatus: number | undefined;
  readonly requestId: string | undefined;
  /** Who signed, who refused and why, where a co-sign round failed. */
  readonly trail: QuorumTrail | undefined;
  /** What is to be paid, of `PAYMENT_REQUIRED`. */
  readonly terms: TaskStatus | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: string, message: string, facts: SdkErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = "SdkError";
    this.code = code;
    this.field = facts.field;
    this.allowed = facts.allowed;
    this.fix = facts.fix ?? (isKnown(code) ? errorCatalogue[code].fix : "");
    this.httpStatus = facts.httpStatus;
    this.requestId = facts.requestId;
    this.trail = facts.trail;
    this.terms = facts.terms;
    this.retryAfterMs = facts.retryAfterMs;
  }

  static fromBody(
    { error, trail, terms }: ErrorBody,
    httpStatus: number | undefined,
    retryAfterMs?: number,
  ): SdkError {
    const { code, message, field, allowed, fix, request_id: requestId } = error;
    return new SdkError(code, message, {
      field,
      allowed,
      fix,
      requestId,
      httpStatus,
      trail,
      terms,
      retryAfterMs,
    });
  }
}

const isKnown = (code: string): code is ErrorCode => Object.hasOwn(errorCatalogue, code);

/** An argument that no gateway needs to see to refuse it. */
export function badArgument(field: string, value: unknown, allowed: string): SdkError {
  const text = typeof value === "string" ? `"${value.slice(0, 80)}"` : String(value);
  return new SdkError("INVALID_ARGUMENT", `${field}: ${text} is not allowed; expected ${allowed}`, {
    field,
    allowed,
  });
}

/** What became of a failed task, as the error that it is. */
export function failureOf(task: {
  readonly request_id: string;
  readonly error_message: string;
  readonly quorum_trail: readonly QuorumTrail[];
}): SdkError {
  const [, code = "INTERNAL", message = ""] = /^([A-Z_]+): (.*)$/s.exec(task.error_message) ?? [];
  return new SdkError(code, message || task.error_message || "the task failed", {
    requestId: task.request_id,
    trail: task.quorum_trail.at(-1),
  });
}

const passing = new Set(["UNAVAILABLE", "CHAIN_UNAVAILABLE", "IDEMPOTENCY_KEY_BUSY", "RATE_LIMITED"]);

/** True for what may be otherwise in a moment, so that a repeatable call is worth repeating. */
export function isPassing(error: unknown): error is SdkError {
  return error instanceof SdkError && passing.has(error.code);
}
