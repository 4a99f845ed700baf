import type { AnyMethod, countersign } from "../wire/index.ts";

/** Who calls, once authentication is done. */
export interface Caller {
  /** Lower-case address that signed the call; undefined for an unsigned one. */
  readonly wallet: string | undefined;
  /** The signed call, fit to be shown to others; undefined for an unsigned one. */
  readonly proof: countersign.v1.RegistrationProof.$Properties | undefined;
  /** A call by the node itself, in process. */
  readonly isLocal: boolean;
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

/** One thing a caller can ask. Every facade serves the same operations and adds nothing but its protocol. */
export interface Operation {
  readonly name: string;
  readonly method: AnyMethod;
  readonly access: Access;
  /** The request with its fields checked. @throws CountersignError INVALID_ARGUMENT, TOO_LARGE */
  readonly check: (message: unknown) => never;
  readonly run: (request: never, context: CallContext) => Promise<unknown> | AsyncIterable<unknown>;
}

/** Builds an entry of the table with the request's type carried from the check to the work. */
export function operation<Request>(
  method: AnyMethod,
  access: Access,
  check: (message: unknown) => Request,
  run: (request: Request, context: CallContext) => Promise<unknown> | AsyncIterable<unknown>,
): Operation {
  const name = method.path.slice(method.path.lastIndexOf("/") + 1);
  return { name, method, access, check: check as never, run: run as never };
}
