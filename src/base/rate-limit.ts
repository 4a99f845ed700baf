import { BoundedMap } from "./bounded-map.ts";

// The generic cell rate algorithm: a key's whole state is one time, and nothing runs in the background.
// Sources: ITU-T I.371, Annex A; draft-ietf-httpapi-ratelimit-headers for what is told.

export interface RateLimit {
  /** Calls that may come at once, and in every window. */
  readonly calls: number;
  readonly windowMs: number;
}

/** Where a key stands after a call. */
export interface RateState {
  readonly limit: RateLimit;
  readonly remaining: number;
  /** Milliseconds until all of `remaining` is back. */
  readonly resetMs: number;
  /** Milliseconds until the next call may come; 0 when this one was let through. */
  readonly retryMs: number;
}

/** Callers remembered at once. Who is forgotten begins anew, so a flood of callers cannot fill the memory. */
const maxKeys = 100_000;

export class RateLimiter {
  readonly limit: RateLimit;
  readonly #spacingMs: number;
  /** When a key would be as if it had never called. */
  readonly #clearAtMs = new BoundedMap<string, number>(maxKeys);

  constructor(limit: RateLimit) {
    this.limit = limit;
    this.#spacingMs = limit.windowMs / limit.calls;
  }

  /** Counts a call, unless it is one too many. */
  take(key: string, nowMs: number): RateState {
    const clearAtMs = this.#clearAt(key, nowMs);
    const nextMs = clearAtMs + this.#spacingMs;
    // Sums of spacings are off by parts of a microsecond.
    const retryMs = nextMs - nowMs - this.limit.windowMs;
    if (retryMs > 1e-3) return this.#state(clearAtMs, nowMs, Math.ceil(retryMs));
    this.#clearAtMs.set(key, nextMs);
    this.#clearAtMs.touch(key);
    return this.#state(nextMs, nowMs, 0);
  }

  /** Where the key stands, without counting anything. */
  look(key: string, nowMs: number): RateState {
    const clearAtMs = this.#clearAt(key, nowMs);
    const retryMs = clearAtMs + this.#spacingMs - nowMs - this.limit.windowMs;
    return this.#state(clearAtMs, nowMs, retryMs > 1e-3 ? Math.ceil(retryMs) : 0);
  }

  #clearAt(key: string, nowMs: number): number {
    const known = this.#clearAtMs.get(key) ?? nowMs;
    const latestMs = nowMs + this.limit.windowMs;
    // A clock that was set back must not lock anybody out for longer than a window.
    if (known > latestMs) this.#clearAtMs.set(key, latestMs);
    return Math.min(Math.max(known, nowMs), latestMs);
  }

  #state(clearAtMs: number, nowMs: number, retryMs: number): RateState {
    const left = (this.limit.windowMs - (clearAtMs - nowMs)) / this.#spacingMs;
    const remaining = Math.max(0, Math.floor(left + 1e-6));
    return { limit: this.limit, remaining, resetMs: Math.ceil(clearAtMs - nowMs), retryMs };
  }
}
