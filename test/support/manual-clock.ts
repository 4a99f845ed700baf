import type { Cancel, Clock } from "../../src/base/index.ts";

interface Timer {
  dueMs: number;
  readonly periodMs: number | undefined;
  readonly order: number;
  readonly callback: () => void;
}

/** A clock that stands still until a test moves it; timers fire in order of their time. */
export class ManualClock implements Clock {
  #nowMs: number;
  #made = 0;
  readonly #timers = new Set<Timer>();

  constructor(nowMs = 1_800_000_000_000) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): Cancel {
    return this.#add(delayMs, undefined, callback);
  }

  every(periodMs: number, callback: () => void): Cancel {
    return this.#add(periodMs, periodMs, callback);
  }

  /** Timers that wait. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Sets the time without firing what became due, as when a machine sleeps or its clock is set. */
  set(nowMs: number): void {
    this.#nowMs = nowMs;
  }

  /** Moves the time on and fires what becomes due, each timer at its own time. */
  advance(byMs: number): void {
    const endMs = this.#nowMs + byMs;
    for (let timer = this.#nextDue(endMs); timer !== undefined; timer = this.#nextDue(endMs)) {
      this.#nowMs = Math.max(this.#nowMs, timer.dueMs);
      if (timer.periodMs === undefined) this.#timers.delete(timer);
      else timer.dueMs += timer.periodMs;
      timer.callback();
    }
    this.#nowMs = endMs;
  }

  /** As `advance`, but lets promises settle after every timer. */
  async run(byMs: number): Promise<void> {
    const endMs = this.#nowMs + byMs;
    await settled();
    for (let timer = this.#nextDue(endMs); timer !== undefined; timer = this.#nextDue(endMs)) {
      this.advance(Math.max(0, timer.dueMs - this.#nowMs));
      await settled();
    }
    this.#nowMs = endMs;
  }

  #add(delayMs: number, periodMs: number | undefined, callback: () => void): Cancel {
    const timer = { dueMs: this.#nowMs + Math.max(0, delayMs), periodMs, order: this.#made++, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  #nextDue(endMs: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueMs > endMs) continue;
      if (
        next === undefined ||
        timer.dueMs < next.dueMs ||
        (timer.dueMs === next.dueMs && timer.order < next.order)
      ) {
        next = timer;
      }
    }
    return next;
  }
}

/** Resolves once everything that was ready to run has run. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
