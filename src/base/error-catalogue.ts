// Every error that a caller can see. Facades map from this table and from nowhere else.
// `number` is the message gateway's code: 1 malformed, 3 access denied, our own from 100.

export const grpcStatus = {
  OK: 0,
  CANCELLED: 1,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;

export type GrpcStatusName = keyof typeof grpcStatus;

export interface ErrorEntry {
  readonly number: number;
  readonly grpc: GrpcStatusName;
  readonly http: number;
  /** What the caller can do about it. */
  readonly fix: string;
}

const entry = (number: number, grpc: GrpcStatusName, http: number, fix: string): ErrorEntry => ({
  number,
  grpc,
  http,
  fix,
});

export const errorCatalogue = {
  INVALID_ARGUMENT: entry(1, "INVALID_ARGUMENT", 400, "Correct the field that the message names."),
  ACCESS_DENIED: entry(3, "PERMISSION_DENIED", 403, "Use a wallet or key that may do this."),
  UNAUTHENTICATED: entry(
    100,
    "UNAUTHENTICATED",
    401,
    "Sign the call with the wallet on whose behalf it acts, or show an API key that is valid.",
  ),
  NOT_FOUND: entry(101, "NOT_FOUND", 404, "Check the id; it may belong to another network or have expired."),
  TASK_NOT_FOUND: entry(102, "NOT_FOUND", 404, "Ask the gateway that accepted the task."),
  MODEL_NOT_FOUND: entry(103, "NOT_FOUND", 404, "List the models that the gateway serves and choose one."),
  ALREADY_EXISTS: entry(
    104,
    "ALREADY_EXISTS",
    409,
    "Use a new request id, or repeat the first request unchanged.",
  ),
  RATE_LIMITED: entry(105, "RESOURCE_EXHAUSTED", 429, "Wait, then try again."),
  NO_FREE_SLOT: entry(
    106,
    "RESOURCE_EXHAUSTED",
    429,
    "All nodes that serve the model are busy; try again later.",
  ),
  NO_COMPUTE_NODE: entry(
    107,
    "UNAVAILABLE",
    503,
    "No live node serves the model; try again later or another gateway.",
  ),
  UNAVAILABLE: entry(
    108,
    "UNAVAILABLE",
    503,
    "The node is starting, stopping or short of resources; try again.",
  ),
  CHAIN_UNAVAILABLE: entry(
    109,
    "UNAVAILABLE",
    503,
    "The chain node does not answer; the call can be repeated.",
  ),
  QUORUM_NOT_REACHED: entry(
    110,
    "FAILED_PRECONDITION",
    409,
    "Read the trail: it says who did not sign, and why.",
  ),
  PAYMENT_EXPIRED: entry(
    111,
    "FAILED_PRECONDITION",
    409,
    "Submit again and pay before the payment deadline.",
  ),
  PAYMENT_INVALID: entry(
    112,
    "FAILED_PRECONDITION",
    409,
    "Confirm the transaction that paid this task's escrow.",
  ),
  COMPUTE_FAILED: entry(
    113,
    "FAILED_PRECONDITION",
    502,
    "The model reported an error; correct the input or try again.",
  ),
  COMPUTE_UNAVAILABLE: entry(
    114,
    "UNAVAILABLE",
    503,
    "Every node that was assigned went away; submit again.",
  ),
  COMPLETION_REFUSED: entry(
    115,
    "FAILED_PRECONDITION",
    409,
    "Read the trail: validators refused the result.",
  ),
  CANCELLED: entry(116, "CANCELLED", 409, "The task was cancelled by its owner."),
  EXECUTION_EXPIRED: entry(
    117,
    "DEADLINE_EXCEEDED",
    504,
    "The task did not finish before its deadline; submit again.",
  ),
  TASK_ENDED: entry(118, "FAILED_PRECONDITION", 409, "The task has ended and cannot change any more."),
  CONFIG_INVALID: entry(119, "INVALID_ARGUMENT", 400, "Correct the key that the message names."),
  QUOTE_INVALID: entry(120, "FAILED_PRECONDITION", 409, "Ask for a new fee quote."),
  TOO_LARGE: entry(121, "INVALID_ARGUMENT", 413, "Send less."),
  CLOCK_SKEW: entry(122, "FAILED_PRECONDITION", 409, "Correct this machine's clock."),
  STORAGE_FAILED: entry(123, "INTERNAL", 500, "Check disk space and permissions of the data folder."),
  DEADLINE_EXCEEDED: entry(124, "DEADLINE_EXCEEDED", 504, "The task goes on; ask for its status."),
  STAKE_INVALID: entry(125, "FAILED_PRECONDITION", 409, "Stake on chain first, then register."),
  PAYMENT_REQUIRED: entry(126, "FAILED_PRECONDITION", 402, "Pay on the terms in the answer, then ask again."),
  METHOD_NOT_ALLOWED: entry(127, "INVALID_ARGUMENT", 405, "Use a method that the `Allow` header names."),
  NOT_ACCEPTABLE: entry(128, "INVALID_ARGUMENT", 406, "Accept a media type that the message names."),
  UNSUPPORTED_MEDIA_TYPE: entry(129, "INVALID_ARGUMENT", 415, "Send a media type that the message names."),
  NOT_SERVED: entry(130, "NOT_FOUND", 404, "Ask a node with the role that the message names."),
  IDEMPOTENCY_KEY_REUSED: entry(
    131,
    "INVALID_ARGUMENT",
    422,
    "Use a new key for a new request, or repeat the first one unchanged.",
  ),
  IDEMPOTENCY_KEY_BUSY: entry(
    132,
    "ALREADY_EXISTS",
    409,
    "The first request with this key is under way; repeat it later.",
  ),
  OUTDATED_CURSOR: entry(
    140,
    "FAILED_PRECONDITION",
    410,
    "Begin at a cursor that the message names; what came before it is gone.",
  ),
  FUTURE_CURSOR: entry(
    141,
    "INVALID_ARGUMENT",
    400,
    "Cursors are each gateway's own: use the one that this gateway gave last.",
  ),
  TOO_SLOW: entry(142, "UNAVAILABLE", 503, "Connect again and resume with the last cursor; read faster."),
  INTERNAL: entry(199, "INTERNAL", 500, "Report this with the node's log."),
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorCatalogue;
