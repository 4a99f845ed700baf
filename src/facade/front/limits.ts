import { z } from "zod";
import { CountersignError, RateLimiter, type RateState } from "../../base/index.ts";
import type { LimitClass } from "../../operations/operation.ts";

const windowMs = 60_000;
/** Failed proofs of identity cost the node a signature check each; a mistaken client stays far below this. */
const refusalsPerMinute = 120;

const perMinute = (calls: number) => z.int().min(0).max(100_000_000).default(calls);

/** The `limits` section of a node's configuration: calls a minute, for each wallet, key or else address; 0 for no limit. */
export const limitsConfigSchema = z.strictObject({
  http: z
    .strictObject({
      submit: perMinute(100),
      read: perMinute(1_000),
      act: perMinute(300),
      work: perMinute(1_000),
    })
    .prefault({}),
  grpc: z
    .strictObject({
      submit: perMinute(1_000),
      read: perMinute(10_000),
      act: perMinute(1_000),
      work: perMinute(0),
    })
    .prefault({}),
  /** Calls of one caller under way at once, streams among them. */
  open_calls: z.int().min(1).max(1_000_000).default(1_024),
  /** WebSocket connections of one IP address at once. */
  websocket_connections: z.int().min(1).max(100_000).default(10),
});

export type LimitsConfig = z.infer<typeof limitsConfigSchema>;

/** The two families of protocols; what comes over a WebSocket counts as HTTP. */
export type LimitFamily = "http" | "grpc";

/** How often each caller may ask, counted in memory. */
export class Limits {
  readonly #limiters = new Map<string, RateLimiter>();
  readonly #refusals = new RateLimiter({ calls: refusalsPerMinute, windowMs });
  readonly #maxOpenCalls: number;
  /** As many entries as there are callers with calls under way. */
  readonly #openCalls = new Map<string, number>();

  constructor(config: LimitsConfig) {
    this.#maxOpenCalls = config.open_calls;
    for (const family of ["http", "grpc"] as const) {
      for (const [limitClass, calls] of Object.entries(config[family]))
        if (calls > 0) this.#limiters.set(`${family} ${limitClass}`, new RateLimiter({ calls, windowMs }));
    }
  }

  /** Counts a call; undefined where there is no limit. `who` names a wallet, a key or an address. */
  take(family: LimitFamily, limitClass: LimitClass, who: string, nowMs: number): RateState | undefined {
    return this.#limiters.get(`${family} ${limitClass}`)?.take(who, nowMs);
  }

  /** Counts a call that begins; each is to be followed by `leave`. @throws CountersignError RATE_LIMITED for one too many */
  enter(who: string): void {
    const count = this.#openCalls.get(who) ?? 0;
    if (count >= this.#maxOpenCalls) {
      throw new CountersignError(
        "RATE_LIMITED",
        `more than ${this.#maxOpenCalls} calls under way at once; end one, then try again`,
      );
    }
    this.#openCalls.set(who, count + 1);
  }

  leave(who: string): void {
    const count = this.#openCalls.get(who) ?? 0;
    if (count > 1) this.#openCalls.set(who, count - 1);
    else this.#openCalls.delete(who);
  }

  /** @throws CountersignError RATE_LIMITED for an address that failed to say who it is too often */
  checkRefusals(ip: string, nowMs: number): void {
    const state = this.#refusals.look(ip, nowMs);
    if (state.retryMs > 0) throw rateLimited(state, "refused calls");
  }

  countRefusal(ip: string, nowMs: number): void {
    this.#refusals.take(ip, nowMs);
  }
}

export function rateLimited(state: RateState, what: string): CountersignError {
  const { calls, windowMs } = state.limit;
  return new CountersignError(
    "RATE_LIMITED",
    `more than ${calls} ${what} in ${windowMs / 1000} s; try again in ${Math.ceil(state.retryMs / 1000)} s`,
    { rate: state },
  );
}
