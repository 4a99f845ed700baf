/** What an article's score loses half of itself in (reference, section 1.4). */
export const trendingHalfLifeHours = 36;
const halfLifeSec = trendingHalfLifeHours * 3_600;

/**
 * The key whose order is that of scoreNet · 2^(−age / 36 h), at any time: all ages grow alike, so time cancels out of
 * comparisons, and the key can be stored and indexed. It is the logarithm of the size, with the sign of the score.
 */
export function trendKey(scoreNet: number, createdAtSec: number): number {
  if (scoreNet === 0) return 0;
  const size = 1 + Math.log2(Math.abs(scoreNet)) + createdAtSec / halfLifeSec;
  return scoreNet > 0 ? size : -size;
}

/** scoreNet · 2^(−age / 36 h) itself, for showing. */
export function trendValue(scoreNet: number, createdAtSec: number, nowSec: number): number {
  return scoreNet * 2 ** (-Math.max(0, nowSec - createdAtSec) / halfLifeSec);
}
