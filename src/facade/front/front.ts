import {
  type Cancel,
  type Clock,
  CountersignError,
  type Logger,
  messageOf,
  type RateState,
} from "../../base/index.ts";
import { actsFor, type Callable, type Caller, type Operation } from "../../operations/operation.ts";
import { CallCounts } from "./call-counts.ts";
import { callerOfAddress } from "./caller-address.ts";
import { errorView, isUnexpected } from "./error-view.ts";
import { type LimitFamily, type Limits, rateLimited } from "./limits.ts";

// What happens once for every call, whatever protocol it came in: who is it, may it, how often, how long; then the
// operation; then what is counted and written down.

export const facadeNames = ["grpc", "rest", "openai", "websocket", "messages"] as const;
export type FacadeName = (typeof facadeNames)[number];

/** A call as a facade hands it over, before anything is known of it but its operation. */
export interface IncomingCall {
  readonly facade: FacadeName;
  /** Address of the caller, or of whom a trusted proxy names. */
  readonly ip: string;
  /** Value of a header or metadata entry by its lower-case name. */
  header(name: string): string | undefined;
  /** Where the protocol has a place of its own for an API key, beside headers. */
  readonly apiKey?: string | undefined;
  /** Who calls, where an earlier call of the same connection has shown it. */
  readonly caller?: Caller | undefined;
  /** What a wallet's signature covers: the request's bytes as sent. */
  readonly body: Uint8Array;
  /** Told where the caller stands as soon as that is known, also of a call that is then refused. */
  onRate?(state: RateState): void;
}

/** Finds out who calls. @throws CountersignError UNAUTHENTICATED */
export interface Identity {
  identify(operation: Pick<Operation, "name" | "access">, call: IncomingCall): Promise<Caller>;
}

/** What callers may do. */
export interface Permissions {
  /** @throws CountersignError ACCESS_DENIED */
  check(caller: Caller, operation: Pick<Operation, "name" | "group">): void;
}

export interface FrontOptions {
  readonly identity: Identity;
  readonly permissions: Permissions;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A unary call without a deadline of its own gets this one. */
export const unaryDeadlineMs = 60_000;

export class Front {
  readonly counts = new CallCounts();
  readonly #o: FrontOptions;
  /** A listener for each call on one common signal would be searched through at each call. */
  readonly #running = new Set<OpenCall>();
  #isStopping = false;

  constructor(options: FrontOptions) {
    this.#o = options;
  }

  /** Begins a call. Whoever begins it must end it. */
  open(operation: Callable, incoming: IncomingCall): OpenCall {
    const call = new OpenCall(operation, incoming, this.#o, this.counts, this.#running);
    if (this.#isStopping) call.abort(stopping());
    return call;
  }

  /**
   * Who stands behind a connection, for calls that it makes later. Counts as no call.
   * @throws CountersignError UNAUTHENTICATED, RATE_LIMITED
   */
  identify(operation: Pick<Callable, "name" | "access">, incoming: IncomingCall): Promise<Caller> {
    return identify(operation, incoming, this.#o);
  }

  /** A whole unary call. `hangUp` aborts when the caller goes away. @throws what the operation throws */
  async unary(
    operation: Operation,
    incoming: IncomingCall,
    message: unknown,
    hangUp: AbortSignal,
  ): Promise<unknown> {
    const call = this.open(operation, incoming);
    const onHangUp = () => call.hangUp();
    if (hangUp.aborted) onHangUp();
    hangUp.addEventListener("abort", onHangUp, { once: true });
    try {
      return await call.whole(message);
    } finally {
      hangUp.removeEventListener("abort", onHangUp);
    }
  }

  /**
   * A whole streamed call. It is admitted, or refused by an exception, before the result is handed out, which must
   * then be read to its end or be left (`return`).
   */
  async stream(
    operation: Operation,
    incoming: IncomingCall,
    message: unknown,
    hangUp: AbortSignal,
  ): Promise<AsyncGenerator<unknown, void, undefined>> {
    const call = this.open(operation, incoming);
    const onHangUp = () => call.hangUp();
    if (hangUp.aborted) onHangUp();
    hangUp.addEventListener("abort", onHangUp, { once: true });
    let isOver = false;
    const over = (error?: unknown) => {
      if (isOver) return;
      isOver = true;
      hangUp.removeEventListener("abort", onHangUp);
      call.end(error);
    };
    try {
      const messages = (await call.run(message)) as AsyncIterable<unknown>;
      const followed = follow(messages, call.signal, over);
      // A generator that is left before its first step runs none of its own code.
      const leave = followed.return.bind(followed);
      followed.return = (value) => {
        over();
        return leave(value);
      };
      return followed;
    } catch (error) {
      over(error);
      throw error;
    }
  }

  /**
   * Counts a call that cannot be read, so that nobody knows what it asks nor for whom. Its address may send as many as
   * it may look at things.
   * @throws CountersignError RATE_LIMITED
   */
  unreadable({ facade, ip, onRate }: Pick<IncomingCall, "facade" | "ip" | "onRate">, error: unknown): void {
    const nowMs = this.#o.clock.nowMs();
    this.counts.begin(unreadable, facade);
    this.counts.end(unreadable, 0, errorView(error).code);
    const state = this.#o.limits.take(familyOf(facade), "read", callerOfAddress(ip), nowMs);
    if (state === undefined) return;
    onRate?.(state);
    if (state.retryMs > 0) throw rateLimited(state, "calls that cannot be read");
  }

  /** Ends all calls, and refuses those that still come. */
  stop(): void {
    this.#isStopping = true;
    for (const call of this.#running) call.abort(stopping());
  }
}

const stopping = () => new CountersignError("UNAVAILABLE", "the node is stopping");
/** Stands for the operation of a call that cannot be read. */
const unreadable = "unreadable";
const familyOf = (facade: FacadeName): LimitFamily => (facade === "grpc" ? "grpc" : "http");

async function identify(
  operation: Pick<Callable, "name" | "access">,
  incoming: IncomingCall,
  { identity, limits, clock }: FrontOptions,
): Promise<Caller> {
  const address = callerOfAddress(incoming.ip);
  limits.checkRefusals(address, clock.nowMs());
  try {
    return await identity.identify(operation, incoming);
  } catch (error) {
    limits.countRefusal(address, clock.nowMs());
    throw error;
  }
}

async function* follow(
  messages: AsyncIterable<unknown>,
  signal: AbortSignal,
  over: (error?: unknown) => void,
) {
  let failure: unknown;
  try {
    for await (const message of messages) {
      if (signal.aborted) break;
      yield message;
    }
    signal.throwIfAborted();
  } catch (error) {
    failure = error;
    throw error;
  } finally {
    over(failure);
  }
}

export class OpenCall {
  readonly #operation: Callable;
  readonly #incoming: IncomingCall;
  readonly #o: FrontOptions;
  readonly #counts: CallCounts;
  readonly #running: Set<OpenCall>;
  readonly #controller = new AbortController();
  readonly #startedAtMs: number;
  #cancelDeadline: Cancel | undefined;
  #caller: Caller | undefined;
  /** Whom the call is counted for, once it is. */
  #who: string | undefined;

  constructor(
    operation: Callable,
    incoming: IncomingCall,
    options: FrontOptions,
    counts: CallCounts,
    running: Set<OpenCall>,
  ) {
    this.#operation = operation;
    this.#incoming = incoming;
    this.#o = options;
    this.#counts = counts;
    this.#running = running;
    this.#startedAtMs = options.clock.nowMs();
    running.add(this);
    counts.begin(operation.name, incoming.facade);
    if (!operation.method.responseStream) this.#setDeadline();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /**
   * Admits the call and does what it asks: the answer, or the stream of them.
   * @param message the request as decoded, its fields not yet checked
   * @throws CountersignError UNAUTHENTICATED, ACCESS_DENIED, RATE_LIMITED, and what the operation throws
   */
  async run(message: unknown): Promise<unknown> {
    this.signal.throwIfAborted();
    const caller = await this.#admit();
    this.#caller = caller;
    const request = this.#operation.check(message);
    return await this.#operation.run(request, { caller, signal: this.#controller.signal });
  }

  /** A unary call from its admission to its end. @throws as `run` */
  async whole(message: unknown): Promise<unknown> {
    try {
      const answer = await this.run(message);
      this.end();
      return answer;
    } catch (error) {
      this.end(error);
      throw error;
    }
  }

  /** The caller went away. */
  hangUp(): void {
    this.abort(new DOMException("the caller hung up", "AbortError"));
  }

  abort(reason: Error): void {
    this.#controller.abort(reason);
  }

  /** To be called once, with the error where the call failed. */
  end(error?: unknown): void {
    this.#cancelDeadline?.();
    this.#running.delete(this);
    if (this.#who !== undefined) this.#o.limits.leave(this.#who);
    const tookMs = this.#o.clock.nowMs() - this.#startedAtMs;
    const code = error === undefined ? undefined : errorView(error).code;
    this.#counts.end(this.#operation.name, tookMs, code);
    if (isUnexpected(error) && error !== undefined) this.#logFailure(error);
    this.#audit(tookMs, code);
  }

  async #admit(): Promise<Caller> {
    const { permissions, limits, clock } = this.#o;
    const { ip, facade } = this.#incoming;
    const address = callerOfAddress(ip);
    const caller = this.#incoming.caller ?? (await identify(this.#operation, this.#incoming, this.#o));
    this.#caller = caller;
    try {
      permissions.check(caller, this.#operation);
    } catch (error) {
      limits.countRefusal(address, clock.nowMs());
      throw error;
    }
    const who = caller.user === undefined ? (actsFor(caller) ?? address) : `user ${caller.user}`;
    const state = limits.take(familyOf(facade), this.#operation.limit, who, clock.nowMs());
    if (state !== undefined) {
      this.#incoming.onRate?.(state);
      if (state.retryMs > 0) throw rateLimited(state, `calls of this kind (${this.#operation.name})`);
    }
    limits.enter(who);
    this.#who = who;
    return caller;
  }

  #setDeadline(): void {
    this.#cancelDeadline = this.#o.clock.after(unaryDeadlineMs, () =>
      this.abort(new CountersignError("DEADLINE_EXCEEDED", `no answer within ${unaryDeadlineMs} ms`)),
    );
  }

  #logFailure(error: unknown): void {
    const stack = error instanceof Error ? error.stack : undefined;
    this.#o.logger.error(
      { operation: this.#operation.name, error: messageOf(error), stack },
      "an operation failed unexpectedly",
    );
  }

  /** Who did what. Looking leaves a trace only where it was refused. */
  #audit(tookMs: number, code: string | undefined): void {
    const isRefused = code === "UNAUTHENTICATED" || code === "ACCESS_DENIED";
    const isAct = this.#operation.limit === "act";
    const { logger } = this.#o;
    if (!isAct && !isRefused) return;
    const { wallet, user } = this.#caller ?? {};
    const { facade, ip } = this.#incoming;
    const entry = {
      operation: this.#operation.name,
      facade,
      ip,
      wallet,
      user,
      outcome: code ?? "OK",
      tookMs,
    };
    logger.info(entry, "audit");
  }
}
