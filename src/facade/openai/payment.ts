import { CountersignError } from "../../base/index.ts";
import type { InferenceTaskStatus } from "../../wire/index.ts";

/** What a caller must know to have a task paid, as the error's `terms`. */
export interface Terms {
  readonly price_wei: string;
  readonly contract_address: string;
  readonly gateway_wallet: string;
}

/** True for a task that is paid, or about to be without anybody's doing. */
export function isPaid({ payment_status: payment }: InferenceTaskStatus.$Properties): boolean {
  return payment?.payment_confirmed === true || payment?.prepaid === true;
}

/**
 * OpenAI's clients cannot pay in the middle of a call, so a task is free or paid from its caller's deposit.
 * @throws CountersignError PAYMENT_REQUIRED with the terms
 */
export function requirePaid(status: InferenceTaskStatus.$Properties): void {
  const payment = status.payment_status;
  if (status.status === "failed" || payment?.required !== true || isPaid(status)) return;
  const tree = payment.payment_tree ?? {};
  const parts = [
    tree.compute_price_wei,
    tree.gateway_gas_wei,
    tree.validator_reward_wei,
    tree.treasury_fee_wei,
  ];
  const terms: Terms = {
    price_wei: parts.reduce((sum, wei) => sum + BigInt(wei || 0), 0n).toString(),
    contract_address: payment.contract_address ?? "",
    gateway_wallet: status.preprocessing_validation?.gateway_wallet ?? "",
  };
  throw new CountersignError(
    "PAYMENT_REQUIRED",
    `this task costs ${terms.price_wei} wei, and no deposit of the caller's at ${terms.contract_address} for gateway ${terms.gateway_wallet} covers it`,
    { terms },
  );
}
