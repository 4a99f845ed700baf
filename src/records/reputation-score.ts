/** What one observer has counted about one subject. */
export interface ConductCounts {
  readonly successes?: number | null;
  readonly failures?: number | null;
  readonly no_answers?: number | null;
  readonly slashings?: number | null;
}

export const conductOutcomes = ["success", "failure", "no_answer", "slashing"] as const;
export type ConductOutcome = (typeof conductOutcomes)[number];

const points = { success: 1, failure: -2, no_answer: -5, slashing: -20 } as const;

/** One observer counts for at most this much, whatever it claims to have seen. */
export const maxObserverScore = 1000;

/** +1 for a success, −2 for a failure, −5 for no answer, −20 for a slashing. */
export function reputationScore(counts: ConductCounts): number {
  return (
    (counts.successes ?? 0) * points.success +
    (counts.failures ?? 0) * points.failure +
    (counts.no_answers ?? 0) * points.no_answer +
    (counts.slashings ?? 0) * points.slashing
  );
}

const weiPerToken = 10n ** 18n;

/** An observer's weight: its stake in whole tokens as a validator, and one for being there. */
export function observerWeight(stakeWei: bigint): number {
  return Number(stakeWei / weiPerToken) + 1;
}

/** Weighted mean of the observers' scores, each held within ±`maxObserverScore`; 0 without observers. */
export function weightedScore(
  observations: readonly { readonly score: number; readonly weight: number }[],
): number {
  const total = observations.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0) return 0;
  const held = (score: number) => Math.max(-maxObserverScore, Math.min(maxObserverScore, score));
  return observations.reduce((sum, { score, weight }) => sum + held(score) * (weight / total), 0);
}
