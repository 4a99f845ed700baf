import { toHex } from "../base/bytes.ts";
import type { Receipt } from "./receipt-schema.ts";
import type { ReceiptProblem } from "./receipt-verify.ts";

/** What must be asked of a chain; the node's own `Chain` answers it. */
export interface ReceiptChain {
  /** Undefined for who never staked. */
  validator(address: string): object | undefined | Promise<object | undefined>;
  escrow(requestId: string): Promise<PaidEscrow>;
}

export interface PaidEscrow {
  readonly state: "none" | "paid" | "completed" | "refunded";
  readonly client: string;
  /** EIP-712 digest of the preprocessing validation that was paid. */
  readonly validationDigest: Uint8Array;
  readonly paymentTx: string;
  /** The transaction that completed or refunded, when there is one. */
  readonly closingTx: string | undefined;
}

/**
 * What only the chain can tell of a receipt that holds by itself: that its signers are validators there, and that the
 * escrow was paid and paid out as it says.
 * @throws CountersignError CHAIN_UNAVAILABLE
 */
export async function receiptProblemsOnChain(
  receipt: Receipt,
  chain: ReceiptChain,
): Promise<ReceiptProblem[]> {
  const problems: ReceiptProblem[] = [];
  const expect = (isTrue: boolean, field: string, problem: string) => {
    if (!isTrue) problems.push({ field, problem });
  };
  const signers = [receipt.preprocessing, ...receipt.reassignments, receipt.completion].flatMap(
    ({ signatures }) => signatures.map((signature) => signature.validator_address),
  );
  for (const address of new Set(signers)) {
    expect(
      (await chain.validator(address)) !== undefined,
      "validators.entries",
      `${address} is no validator on the chain`,
    );
  }
  if (receipt.payment === null) return problems;
  const escrow = await chain.escrow(receipt.request.request_id);
  expect(escrow.state !== "none", "payment.payment_tx", "the chain knows no escrow of this request");
  if (escrow.state === "none") return problems;
  expect(escrow.client === receipt.request.client, "request.client", `the escrow is of ${escrow.client}`);
  expect(
    toHex(escrow.validationDigest) === receipt.preprocessing.digest,
    "preprocessing.digest",
    "the escrow was paid on other terms",
  );
  expect(
    escrow.paymentTx === receipt.payment.payment_tx,
    "payment.payment_tx",
    `the escrow was paid by ${escrow.paymentTx}`,
  );
  expect(escrow.state === "completed", "payment.payout_tx", `the escrow is ${escrow.state}, not completed`);
  if (receipt.payment.payout_tx !== null) {
    expect(
      escrow.closingTx === receipt.payment.payout_tx,
      "payment.payout_tx",
      `the escrow was closed by ${escrow.closingTx}`,
    );
  }
  return problems;
}
