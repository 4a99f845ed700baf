import { CountersignError } from "../../base/index.ts";

/** A connection of the same address may end at any time; this is when to look again. */
const retryAfterSec = 10;

/** Connections of each address at once. */
export class ConnectionCounts {
  readonly #most: number;
  readonly #counts = new Map<string, number>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Counts a connection in; the result counts it out. @throws CountersignError RATE_LIMITED */
  enter(ip: string): () => void {
    const count = this.#counts.get(ip) ?? 0;
    if (count >= this.#most) {
      throw new CountersignError(
        "RATE_LIMITED",
        `${ip} has ${this.#most} WebSocket connections already, which is as many as one address may have`,
        { allowed: `at most ${this.#most} connections` },
      );
    }
    this.#counts.set(ip, count + 1);
    let isIn = true;
    return () => {
      if (!isIn) return;
      isIn = false;
      const left = (this.#counts.get(ip) ?? 1) - 1;
      if (left === 0) this.#counts.delete(ip);
      else this.#counts.set(ip, left);
    };
  }

  /** The limit as headers tell it: of connections at once, so without a window. */
  headers(ip: string, nowMs: number): Record<string, string> {
    const remaining = Math.max(0, this.#most - (this.#counts.get(ip) ?? 0));
    const isFull = remaining === 0;
    return {
      "ratelimit-policy": `"connections";q=${this.#most}`,
      ratelimit: `"connections";r=${remaining}${isFull ? `;t=${retryAfterSec}` : ""}`,
      "x-rate-limit-limit": String(this.#most),
      "x-rate-limit-remaining": String(remaining),
      "x-rate-limit-reset": String(Math.ceil(nowMs / 1000) + (isFull ? retryAfterSec : 0)),
      ...(isFull ? { "retry-after": String(retryAfterSec) } : {}),
    };
  }
}
