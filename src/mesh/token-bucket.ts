// A bucket holds at most `burst` tokens and gains `perSecond` of them a second. Nothing runs in the background: the
// level is worked out from the time that has passed when somebody asks.

export class TokenBucket {
  readonly #perSecond: number;
  readonly #burst: number;
  #level: number;
  #atMs: number;

  constructor(perSecond: number, burst: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#level = burst;
    this.#atMs = nowMs;
  }

  /** Takes `count` tokens when there are as many. */
  take(nowMs: number, count = 1): boolean {
    this.#refill(nowMs);
    if (this.#level < count) return false;
    this.#level -= count;
    return true;
  }

  /** Takes `count` tokens that have been used already: what is not there is owed, and waited for. */
  charge(nowMs: number, count: number): void {
    this.#refill(nowMs);
    this.#level -= count;
  }

  /** Milliseconds until `count` tokens will be there, 0 when they are; never, for more than fit. */
  waitMs(nowMs: number, count = 1): number {
    this.#refill(nowMs);
    if (this.#level >= count) return 0;
    if (count > this.#burst) return Number.POSITIVE_INFINITY;
    return Math.ceil(((count - this.#level) * 1000) / this.#perSecond);
  }

  #refill(nowMs: number): void {
    // A clock that was set back neither takes tokens away nor gives them twice.
    const passedMs = Math.max(0, nowMs - this.#atMs);
    this.#atMs = nowMs;
    this.#level = Math.min(this.#burst, this.#level + (passedMs * this.#perSecond) / 1000);
  }
}
