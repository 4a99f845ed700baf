// How an article stands, from what happened on chain. Pure: the same actions and parameters give the same on every node.

/** Parameters of the `Config` contract, amounts in the token's smallest unit (wei). */
export interface ScoreParameters {
  /** The part of one upvote that counts. */
  readonly upvoteCapWei: bigint;
  readonly dislikeWeightWei: bigint;
  readonly downvoteWeightWei: bigint;
}

export const weiPerToken = 10n ** 18n;

export const defaultScoreParameters: ScoreParameters = {
  upvoteCapWei: 100n * weiPerToken,
  dislikeWeightWei: 25n * weiPerToken,
  downvoteWeightWei: 50n * weiPerToken,
};

export type ActionKind = "upvote" | "dislike" | "downvote";

export interface Action {
  /** The wallet, `0x` and hex digits. */
  readonly by: string;
  readonly kind: ActionKind;
  /** What an upvote gives; dislikes and down-votes weigh what the parameters say. */
  readonly amountWei: bigint;
}

export interface Score {
  /** Whole tokens, rounded down (towards minus infinity). */
  readonly scoreNet: number;
  readonly upvotes: number;
  /** Whole tokens of upvotes that count, rounded down. */
  readonly counted: number;
  readonly dislikes: number;
  readonly downvotes: number;
}

/** scoreNet = Σ min(upvote, cap) − dislikes · weight − down-votes · weight. A wallet's first action is its only one. */
export function scoreOf(
  actions: Iterable<Action>,
  parameters: ScoreParameters = defaultScoreParameters,
): Score {
  const acted = new Set<string>();
  let countedWei = 0n;
  let upvotes = 0;
  let dislikes = 0;
  let downvotes = 0;
  for (const { by, kind, amountWei } of actions) {
    const wallet = by.toLowerCase();
    if (acted.has(wallet)) continue;
    acted.add(wallet);
    if (kind === "upvote") {
      upvotes += 1;
      const isCapped = amountWei > parameters.upvoteCapWei;
      countedWei += isCapped ? parameters.upvoteCapWei : amountWei;
    } else if (kind === "dislike") dislikes += 1;
    else downvotes += 1;
  }
  const netWei =
    countedWei -
    BigInt(dislikes) * parameters.dislikeWeightWei -
    BigInt(downvotes) * parameters.downvoteWeightWei;
  return { scoreNet: wholeTokens(netWei), upvotes, counted: wholeTokens(countedWei), dislikes, downvotes };
}

/** Division of bigints rounds towards zero; below zero that is up. */
function wholeTokens(wei: bigint): number {
  const whole = wei / weiPerToken;
  return Number(wei < 0n && wei % weiPerToken !== 0n ? whole - 1n : whole);
}
