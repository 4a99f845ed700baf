import type { AnyMethod, countersign } from "../wire/index.ts";

/** Who calls, once authentication is done. */
export interface Caller {
  /** Lower-case address that signed the call; undefined for an unsigned one. */
  readonly wallet: string | undefined;
  /** The signed call, fit to be shown to others; undefined for an unsigned one. */
  readonly proof: countersign.v1.RegistrationProof.$Properties | undefined;
  /** A call by the node itself, in process. */
  readonly isLocal: boolean;
  /** The user of the access file whose API key the call showed. */
  readonly user?: string | undefined;
  /**
   * Lower-case address that the user's tasks belong to and are paid from. It proves nothing to others, so it
   * counts at this node only: for its own tasks, never for what is stated to the network.
   */
  readonly account?: string | undefined;
}

/** The wallet that a call may act for at this node. */
export function actsFor(caller: Caller): string | undefined {
  return caller.wallet ?? caller.account;
}

export interface CallContext {
  readonly caller: Caller;
  /** Aborts when the caller hangs up, its deadline passes or the node stops. */
  readonly signal: AbortSignal;
}

/**
 * What a caller must show. `open`: nothing where the node's auth is optional. `wallet`: always the signature of the
 * wallet it acts for. `proven`: a signature, or a message that proves its sender by itself.
 */
export type Access = "open" | "wallet" | "proven";

/** Operations that are permitted together: `inference` a client's, `compute` a compute node's. */
export const operationGroups = ["inference", "compute", "registry", "node"] as const;
export type OperationGroup = (typeof operationGroups)[number];

/**
 * How often it may be asked. `submit`: begins work that costs. `read`: looks. `act`: changes something. `work`: what a
 * compute node does for its tasks, bounded by these. `free`: no limit.
 */
export const limitClasses = ["submit", "read", "act", "work"] as const;
export type LimitClass = (typeof limitClasses)[number] | "free";

/** What is the same for an operation on every facade. */
export interface Rules {
  readonly access: Access;
  readonly group: OperationGroup;
  readonly limit: LimitClass;
}

/** One thing a caller can ask. Every facade serves the same operations and adds nothing but its protocol. */
export interface Operation extends Rules {
  readonly name: string;
  readonly method: AnyMethod;
  /** The request with its fields checked. @throws CountersignError INVALID_ARGUMENT, TOO_LARGE */
  readonly check: (message: unknown) => never;
  readonly run: (request: never, context: CallContext) => Promise<unknown> | AsyncIterable<unknown>;
}

/** An operation, or what is asked for over a connection that stays, which has no wire form of its own. */
export type Callable = Omit<Operation, "method"> & {
  readonly method: Pick<Operation["method"], "responseStream">;
};

/** Builds an entry of the table with the request's type carried from the check to the work. */
export function operation<Request>(
  method: AnyMethod,
  rules: Rules,
  check: (message: unknown) => Request,
  run: (request: Request, context: CallContext) => Promise<unknown> | AsyncIterable<unknown>,
): Operation {
  const name = method.path.slice(method.path.lastIndexOf("/") + 1);
  return { ...rules, name, method, check: check as never, run: run as never };
}

/** Short for a table of operations of one group. */
export const rulesOf =
  (group: OperationGroup) =>
  (access: Access, limit: LimitClass): Rules => ({ access, group, limit });
