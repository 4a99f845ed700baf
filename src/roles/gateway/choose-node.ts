// Which compute node gets a task. Pure: the same candidates and the same dice give the same choice.

export interface Candidate {
  readonly nodeKey: string;
  readonly priceWei: bigint;
  /** Typical time from dispatch to result; undefined before the first. */
  readonly latencyMs: number | undefined;
  /** Share of recent tasks that ended well, 0 to 1. */
  readonly successRate: number;
  /** Share of slots in use, 0 to 1. */
  readonly load: number;
  readonly freeSlots: number;
  readonly reputation: number;
}

export interface ChoiceWeights {
  readonly price: number;
  readonly latency: number;
  readonly success: number;
  readonly load: number;
}

export interface ChoiceRules {
  readonly weights: ChoiceWeights;
  readonly minReputation: number;
}

/** Scores closer than this count as equal, so that the dice decide and not the last digit of a division. */
const tieMargin = 1e-9;

/** 0 for the best of the values, 1 for the worst. */
function relative(value: number, values: readonly number[]): number {
  const least = Math.min(...values);
  const most = Math.max(...values);
  return most === least ? 0 : (value - least) / (most - least);
}

/**
 * The eligible candidate with the best weighted score; ties go by `dice`, a number in [0, 1).
 * Undefined when none has a free slot and the reputation.
 */
export function chooseNode(
  candidates: readonly Candidate[],
  rules: ChoiceRules,
  dice: number,
): Candidate | undefined {
  const eligible = candidates.filter((node) => node.freeSlots > 0 && node.reputation >= rules.minReputation);
  const prices = eligible.map((node) => Number(node.priceWei));
  const known = eligible.flatMap((node) => (node.latencyMs === undefined ? [] : [node.latencyMs]));
  // A node without a record counts as the best known one, so that newcomers get their first task.
  const latencyOf = (node: Candidate): number => node.latencyMs ?? Math.min(...known, 0);
  const latencies = eligible.map(latencyOf);
  const { weights } = rules;
  const scored = eligible.map((node) => ({
    node,
    penalty:
      weights.price * relative(Number(node.priceWei), prices) +
      weights.latency * relative(latencyOf(node), latencies) +
      weights.success * (1 - node.successRate) +
      weights.load * node.load,
  }));
  const best = Math.min(...scored.map(({ penalty }) => penalty));
  const tied = scored.filter(({ penalty }) => penalty - best <= tieMargin);
  return tied[Math.floor(dice * tied.length)]?.node;
}
