export interface BackoffBounds {
  readonly firstMs: number;
  readonly longestMs: number;
}

/**
 * The wait before attempt `attempt` (1 is the first retry): doubling from `firstMs`, never past `longestMs`, then a
 * random half of it taken off so that nodes which failed together do not come back together.
 * @param random 0 ≤ random < 1
 */
export function backoffMs(attempt: number, bounds: BackoffBounds, random: number): number {
  // 2^30 is past every bound in use; the exponent is capped so that it never overflows to Infinity.
  const full = Math.min(bounds.longestMs, bounds.firstMs * 2 ** Math.min(30, Math.max(0, attempt - 1)));
  return Math.round(full * (1 - random / 2));
}
