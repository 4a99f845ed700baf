import { CountersignError } from "../base/errors.ts";
import type { Genesis } from "../base/genesis.ts";
import type { PaymentTree } from "../wire/index.ts";

// What a task costs whom, and when each step must be over. Gateways compute both, validators check both, receipts
// repeat both: so they are here, pure, once.

export interface PriceSplit {
  readonly computeWei: bigint;
  readonly gatewayWei: bigint;
  readonly validatorsWei: bigint;
  readonly treasuryWei: bigint;
}

const wholeBps = 10_000n;

/**
 * Splits a task's total price by the network's shares; what integer division leaves over goes to compute.
 * @throws CountersignError CONFIG_INVALID when the genesis gives away more than the whole
 */
export function splitPrice(totalWei: bigint, genesis: Pick<Genesis, "split_bps">): PriceSplit {
  const shares = genesis.split_bps;
  const share = (bps: number) => (totalWei * BigInt(bps)) / wholeBps;
  const gatewayWei = share(shares.gateway);
  const validatorsWei = share(shares.validators);
  const treasuryWei = share(shares.treasury);
  const computeWei = totalWei - gatewayWei - validatorsWei - treasuryWei;
  if (shares.gateway + shares.validators + shares.treasury > wholeBps) {
    throw new CountersignError(
      "CONFIG_INVALID",
      "split_bps: the shares of the genesis sum to more than 10000",
    );
  }
  return { computeWei, gatewayWei, validatorsWei, treasuryWei };
}

/** The split as it travels: decimal strings. */
export function paymentTree(split: PriceSplit): PaymentTree.$Properties {
  return {
    compute_price_wei: String(split.computeWei),
    gateway_gas_wei: String(split.gatewayWei),
    validator_reward_wei: String(split.validatorsWei),
    treasury_fee_wei: String(split.treasuryWei),
  };
}

/** Up to 78 digits, as 2^256 − 1 has: everything a contract can hold, nothing that costs time to parse. */
const weiPattern = /^(0|[1-9]\d{0,77})$/;
const maxWei = 2n ** 256n - 1n;

/** An amount in wei, or undefined when the text is none. */
export function parseWei(text: string | null | undefined): bigint | undefined {
  if (typeof text !== "string" || !weiPattern.test(text)) return undefined;
  const wei = BigInt(text);
  return wei > maxWei ? undefined : wei;
}

/** The amounts of a payment tree, or undefined when one of them is no amount. */
export function parsePaymentTree(tree: PaymentTree.$Properties | null | undefined): PriceSplit | undefined {
  const computeWei = parseWei(tree?.compute_price_wei);
  const gatewayWei = parseWei(tree?.gateway_gas_wei);
  const validatorsWei = parseWei(tree?.validator_reward_wei);
  const treasuryWei = parseWei(tree?.treasury_fee_wei);
  if (computeWei === undefined || gatewayWei === undefined) return undefined;
  if (validatorsWei === undefined || treasuryWei === undefined) return undefined;
  return { computeWei, gatewayWei, validatorsWei, treasuryWei };
}

export function totalOf(split: PriceSplit): bigint {
  return split.computeWei + split.gatewayWei + split.validatorsWei + split.treasuryWei;
}

export function equalSplits(a: PriceSplit, b: PriceSplit): boolean {
  return (
    a.computeWei === b.computeWei &&
    a.gatewayWei === b.gatewayWei &&
    a.validatorsWei === b.validatorsWei &&
    a.treasuryWei === b.treasuryWei
  );
}

/** A price counts only where there is a chain to pay it on. */
export function isPaidTask(totalWei: bigint, genesis: Pick<Genesis, "chain">): boolean {
  return genesis.chain !== null && totalWei > 0n;
}

/** Seconds from a quote to the end of everything: the longest that a signed expiry may lie ahead. */
export function taskLifeSec(genesis: Pick<Genesis, "deadlines_sec">): number {
  const { payment, execution, validation } = genesis.deadlines_sec;
  return payment + execution + validation;
}

/** Unix seconds of a quote's time, which its signed expiry gives away. */
export function quotedAtSec(expirySec: number, genesis: Pick<Genesis, "deadlines_sec">): number {
  return expirySec - taskLifeSec(genesis);
}

/** Unix seconds; fits the wire's `Deadlines`. */
export interface TaskDeadlines {
  readonly quote: number;
  readonly payment: number;
  readonly execution: number;
  readonly validation: number;
}

/** When each step must be over: all follow from the signed expiry. */
export function deadlinesOf(expirySec: number, genesis: Pick<Genesis, "deadlines_sec">): TaskDeadlines {
  const execution = expirySec - genesis.deadlines_sec.validation;
  const payment = execution - genesis.deadlines_sec.execution;
  return { quote: payment, payment, execution, validation: expirySec };
}
