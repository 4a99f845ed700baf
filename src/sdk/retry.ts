import { type Clock, sleep } from "../base/clock.ts";
import { isPassing, type SdkError } from "./errors.ts";

const firstDelayMs = 200;
const longestDelayMs = 5_000;
/** A gateway that asks for more patience is left to the caller. */
const longestRetryAfterMs = 30_000;

/** How long to wait before the n-th repetition, from 0: twice as long each time, spread so that clients do not come at once. */
export function delayMs(attempt: number, random01: number): number {
  const fullMs = Math.min(longestDelayMs, firstDelayMs * 2 ** attempt);
  return fullMs / 2 + (fullMs / 2) * random01;
}

/** Undefined when the error is not one to repeat a call for. */
export function patienceMs(error: unknown, attempt: number, random01: number): number | undefined {
  if (!isPassing(error)) return undefined;
  const asked = (error as SdkError).retryAfterMs;
  if (asked !== undefined && asked > longestRetryAfterMs) return undefined;
  return Math.max(asked ?? 0, delayMs(attempt, random01));
}

/** A call that changes nothing when it is repeated. @throws the last error */
export async function repeated<T>(
  { clock, retries, signal }: { clock: Clock; retries: number; signal: AbortSignal },
  call: () => Promise<T>,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      signal.throwIfAborted();
      const waitMs = attempt < retries ? patienceMs(error, attempt, Math.random()) : undefined;
      if (waitMs === undefined) throw error;
      await sleep(clock, waitMs, signal);
    }
  }
}

/** Bears with a gateway that is away, for so long without one good answer. */
export class Patience {
  readonly #clock: Clock;
  readonly #limitMs: number;
  #sinceMs: number | undefined;
  #attempt = 0;

  constructor(clock: Clock, limitMs: number) {
    this.#clock = clock;
    this.#limitMs = limitMs;
  }

  renew(): void {
    this.#sinceMs = undefined;
    this.#attempt = 0;
  }

  /** Waits a moment. @throws the error when it is none to wait for, or its time is over */
  async bear(error: unknown, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const waitMs = patienceMs(error, this.#attempt++, Math.random());
    const nowMs = this.#clock.nowMs();
    this.#sinceMs ??= nowMs;
    if (waitMs === undefined || nowMs + waitMs - this.#sinceMs > this.#limitMs) throw error;
    await sleep(this.#clock, waitMs, signal);
  }
}
