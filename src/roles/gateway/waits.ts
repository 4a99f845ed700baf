import type { Clock } from "../../base/index.ts";

/** Lets task flows wait for a condition that somebody else makes true and then nudges them about. */
export class Waits {
  readonly #clock: Clock;
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Has every wait on that key look at its condition again. */
  nudge(key: string): void {
    for (const look of [...(this.#waiting.get(key) ?? [])]) look();
  }

  /** True once the condition holds, false at the deadline; rejects with the signal's reason when it aborts. */
  until(key: string, isTrue: () => boolean, deadlineMs: number, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (isTrue()) return Promise.resolve(true);
    return new Promise((resolve, reject) => {
      const looks = this.#waiting.get(key) ?? new Set();
      this.#waiting.set(key, looks);
      const settle = (finish: () => void) => {
        cancelTimer();
        looks.delete(look);
        if (looks.size === 0 && this.#waiting.get(key) === looks) this.#waiting.delete(key);
        signal.removeEventListener("abort", onAbort);
        finish();
      };
      const look = () => {
        if (isTrue()) settle(() => resolve(true));
      };
      const onAbort = () => settle(() => reject(signal.reason));
      const cancelTimer = this.#clock.after(Math.max(0, deadlineMs - this.#clock.nowMs()), () =>
        settle(() => resolve(isTrue())),
      );
      looks.add(look);
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }
}
