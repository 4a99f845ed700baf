import type { Cancel, Clock } from "../../../src/base/index.ts";

/** Time that moves only when the test says so. */
export class ManualClock implements Clock {
  #nowMs = 1_700_000_000_000;
  #timers = new Map<object, { atMs: number; periodMs: number | undefined; callback: () => void }>();

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): Cancel {
    return this.#start(delayMs, undefined, callback);
  }

  every(periodMs: number, callback: () => void): Cancel {
    return this.#start(periodMs, periodMs, callback);
  }

  get pending(): number {
    return this.#timers.size;
  }

  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const next = [...this.#timers.entries()].sort((a, b) => a[1].atMs - b[1].atMs)[0];
      if (next === undefined || next[1].atMs > endMs) break;
      const [key, timer] = next;
      this.#nowMs = timer.atMs;
      if (timer.periodMs === undefined) this.#timers.delete(key);
      else timer.atMs += timer.periodMs;
      timer.callback();
    }
    this.#nowMs = endMs;
  }

  #start(delayMs: number, periodMs: number | undefined, callback: () => void): Cancel {
    const key = {};
    this.#timers.set(key, { atMs: this.#nowMs + delayMs, periodMs, callback });
    return () => this.#timers.delete(key);
  }
}
