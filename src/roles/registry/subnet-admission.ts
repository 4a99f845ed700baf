import { CountersignError, equalBytes, invalidField, isCode, nowSec, toHex } from "../../base/index.ts";
import type { CreateSubnetRequest } from "../../wire/index.ts";
import type { RegistryContext } from "./collaborators.ts";
import { type FeeQuote, readQuote, subnetFeeWei } from "./fee-quote.ts";
import { configHash, modelsHash } from "./subnet-config.ts";
import type { SubnetView } from "./subnet-view.ts";
import { isActiveValidator } from "./validator-set.ts";

// Whether a subnet may be created: its quote, its payment, its hash.

const quoteInvalid = (why: string) =>
  new CountersignError("QUOTE_INVALID", `fee_quote_id: ${why}`, { field: "fee_quote_id" });
const paymentInvalid = (why: string, cause?: unknown) =>
  new CountersignError("PAYMENT_INVALID", `payment_tx: ${why}`, { field: "payment_tx" }, cause);

/**
 * The quote, once it is sure that it is one for these models and this gateway, and that the request hashes them rightly.
 * Says nothing about time and signer: a repeated request outlives its quote.
 */
export function matchingQuote(
  request: CreateSubnetRequest,
  network: string,
): { readonly quote: FeeQuote; readonly signer: string } {
  const read = readQuote(request.fee_quote_id);
  if (read === undefined) throw quoteInvalid("this is no quote; use the id that EstimateSubnetFee answered");
  const { quote } = read;
  if (quote.network !== network) throw quoteInvalid(`the quote is for the network ${quote.network}`);
  if (quote.gateway !== request.gateway_address)
    throw quoteInvalid(`the quote is for the gateway ${quote.gateway}`);
  if (quote.modelsHash !== toHex(modelsHash(request.models)).slice(2)) {
    throw quoteInvalid("the quote is for other models");
  }
  const expected = configHash(request.gateway_address, request.models);
  if (!equalBytes(request.config_hash, expected)) {
    throw invalidField(
      "config_hash",
      toHex(request.config_hash),
      `${toHex(expected)}, the SHA-256 of the canonical gateway_address and models`,
    );
  }
  return read;
}

/** @throws CountersignError QUOTE_INVALID */
export function checkQuote(context: RegistryContext, request: CreateSubnetRequest): FeeQuote {
  const { quote, signer } = matchingQuote(request, context.network);
  const now = nowSec(context.clock);
  if (quote.expirySec < now) throw quoteInvalid(`the quote expired ${now - quote.expirySec} s ago`);
  if (!isKnownRegistry(context, signer)) {
    throw quoteInvalid(`it is signed by ${signer}, which is no registry or validator of this network`);
  }
  const feeWei = String(subnetFeeWei(context.genesis, request.models));
  if (quote.feeWei !== feeWei) throw quoteInvalid(`the fee is ${feeWei} wei, not ${quote.feeWei}`);
  return quote;
}

function isKnownRegistry(context: RegistryContext, wallet: string): boolean {
  if (wallet === context.signer.address) return true;
  if (isActiveValidator(context.genesis, context.chain, wallet)) return true;
  // A host's word about a node makes it no registry.
  const own = context.nodes.byWallet(wallet).filter((node) => node.owner === wallet);
  const roles = own.flatMap((node) => [node.info.node_type, ...node.roles]);
  return roles.includes("registry") || roles.includes("validator");
}

/**
 * Makes sure that the fee was paid, and that the payment buys this subnet alone.
 * @throws CountersignError PAYMENT_INVALID, CHAIN_UNAVAILABLE
 */
export async function takePayment(
  context: RegistryContext,
  view: SubnetView,
  request: CreateSubnetRequest,
  subnetId: bigint,
  feeWei: bigint,
): Promise<void> {
  if (feeWei === 0n) return;
  const { genesis, chain, store } = context;
  const payment = request.payment_tx;
  if (payment === "") throw paymentInvalid(`name the transaction that paid the fee of ${feeWei} wei`);
  if (chain === undefined || genesis.chain === null) {
    throw new CountersignError("CHAIN_UNAVAILABLE", "this node reads no chain, so it cannot see the payment");
  }
  const rival = view.records().find(({ payload }) => {
    return payload.metadata?.payment_tx === payment && payload.metadata.subnet_id !== subnetId;
  });
  if (rival !== undefined) throw paymentInvalid(`${payment} paid for subnet ${rival.id} already`);
  let paidWei: bigint;
  try {
    paidWei = await chain.tokenPaid(payment, request.gateway_address, genesis.chain.treasury);
  } catch (error) {
    if (!isCode(error, "NOT_FOUND")) throw error;
    throw paymentInvalid(
      `${payment} is not on the chain, or not ${genesis.chain.confirmations} blocks deep yet`,
      error,
    );
  }
  if (paidWei < feeWei) {
    throw paymentInvalid(
      `${payment} paid ${paidWei} wei to the treasury from the gateway; the fee is ${feeWei}`,
    );
  }
  await store.transact([
    {
      sql: "INSERT INTO registry_payments (payment_tx, subnet_id) VALUES (?, ?) ON CONFLICT (payment_tx) DO NOTHING",
      params: [payment, String(subnetId)],
    },
  ]);
  const [row] = await store.all("SELECT subnet_id FROM registry_payments WHERE payment_tx = ?", [payment]);
  if (row?.["subnet_id"] !== String(subnetId)) {
    throw paymentInvalid(`${payment} paid for subnet ${row?.["subnet_id"]} already`);
  }
}
