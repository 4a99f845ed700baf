import { BoundedMap, type Clock } from "../base/index.ts";
import { type BackoffBounds, backoffMs } from "./backoff.ts";
import { maxTrackedPeers } from "./limits.ts";

/** One address or peer that failed: tried again soon while alone, later when others answer. */
const failedAloneBounds: BackoffBounds = { firstMs: 200, longestMs: 3_000 };
const failedBounds: BackoffBounds = { firstMs: 1_000, longestMs: 60_000 };
/** Longest reason kept: peers have a say in what an error reads. */
const maxReasonCharacters = 200;

export interface FailedDial {
  /** In a row. */
  readonly attempts: number;
  readonly notBeforeMs: number;
  readonly reason: string;
}

/** Dials that failed, why, and when the next attempt is due. Keyed by peer id, or by the address where that names no peer. */
export class DialLog {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #failures = new BoundedMap<string, FailedDial>(maxTrackedPeers);

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  failed(key: string, reason: string, isAlone: boolean): FailedDial {
    const attempts = (this.#failures.get(key)?.attempts ?? 0) + 1;
    const bounds = isAlone ? failedAloneBounds : failedBounds;
    const failure = {
      attempts,
      notBeforeMs: this.#clock.nowMs() + backoffMs(attempts, bounds, this.#random()),
      reason: reason.slice(0, maxReasonCharacters),
    };
    this.#failures.delete(key);
    this.#failures.set(key, failure);
    return failure;
  }

  succeeded(key: string): void {
    this.#failures.delete(key);
  }

  isDue(key: string): boolean {
    return (this.#failures.get(key)?.notBeforeMs ?? 0) <= this.#clock.nowMs();
  }

  entries(): [string, FailedDial][] {
    return [...this.#failures.entries()];
  }

  /** The last peer has gone: what failed while there were others may be all that is left, and waits no longer than alone. */
  hurry(): void {
    const latestMs = this.#clock.nowMs() + failedAloneBounds.longestMs;
    for (const [key, failure] of this.#failures.entries())
      if (failure.notBeforeMs > latestMs) this.#failures.set(key, { ...failure, notBeforeMs: latestMs });
  }
}
