import { BoundedMap } from "../base/index.ts";

// Misbehaviour as points that halve with time. Who has reached the threshold is refused until the points have fallen to
// the level of forgiveness; so nobody is refused for ever, and who goes on soon is back at the threshold. Only what no
// honest peer does costs points (see `offences`): slowness, silence, errors and broken streams cost none, however many.

export interface PenaltyRules {
  readonly halfLifeMs: number;
  /** At so many points a peer is refused. */
  readonly threshold: number;
  /** At so few it is welcome again. */
  readonly forgivenAt: number;
  /** Keys remembered; the one that offended longest ago is forgotten first. */
  readonly maxKeys: number;
}

interface Entry {
  readonly points: number;
  readonly atMs: number;
  readonly isRefused: boolean;
}

/** Points by peer, or by prefix. Nothing runs in the background: what is left of them is worked out when somebody asks. */
export class Penalties {
  readonly #rules: PenaltyRules;
  readonly #entries: BoundedMap<string, Entry>;

  constructor(rules: PenaltyRules) {
    this.#rules = rules;
    this.#entries = new BoundedMap(rules.maxKeys);
  }

  /** True when these points have just brought the key to the threshold. */
  add(key: string, points: number, nowMs: number): boolean {
    const wasRefused = this.isRefused(key, nowMs);
    const total = this.points(key, nowMs) + points;
    const isRefused = wasRefused || total >= this.#rules.threshold;
    this.#entries.delete(key);
    this.#entries.set(key, { points: total, atMs: nowMs, isRefused });
    return isRefused && !wasRefused;
  }

  points(key: string, nowMs: number): number {
    const entry = this.#entries.get(key);
    if (entry === undefined) return 0;
    // A clock that was set back must not make points grow.
    const passedMs = Math.max(0, nowMs - entry.atMs);
    return entry.points * 2 ** (-passedMs / this.#rules.halfLifeMs);
  }

  isRefused(key: string, nowMs: number): boolean {
    return this.refusedUntilMs(key) > nowMs;
  }

  /** Unix milliseconds; 0 when the key is not refused. */
  refusedUntilMs(key: string): number {
    const entry = this.#entries.get(key);
    if (entry === undefined || !entry.isRefused) return 0;
    const { halfLifeMs, forgivenAt } = this.#rules;
    return entry.atMs + halfLifeMs * Math.max(0, Math.log2(entry.points / forgivenAt));
  }

  refused(nowMs: number): string[] {
    return [...this.#entries.keys()].filter((key) => this.isRefused(key, nowMs));
  }
}
