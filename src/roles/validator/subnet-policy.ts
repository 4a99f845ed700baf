import { equalBytes, isCode, networkId, sha256 } from "../../base/index.ts";
import type { Claim, Judgement, SubnetAsked } from "../../cosign/index.ts";
import { gatewayTrouble, notYet, type PolicyOptions, refuse, sign } from "./checks.ts";

const transactionPattern = /^0x[0-9a-f]{64}$/;

/** Judges a subnet's activation: its id, hash and fee as the registry's rules make them, and the fee paid once. */
export async function judgeSubnet(asked: SubnetAsked, options: PolicyOptions): Promise<Judgement> {
  const { genesis, subnets, nodes } = options;
  const models = asked.metadata.models ?? [];
  if (models.length === 0 || asked.subnetId !== subnets.subnetIdOf(asked.gateway, asked.feeQuoteId)) {
    return refuse("MALFORMED");
  }
  if (!equalBytes(asked.configHash, subnets.configHash(asked.gateway, models)))
    return refuse("HASH_MISMATCH");
  const trouble = gatewayTrouble(nodes, asked.gateway);
  if (trouble !== undefined) return trouble;

  const found = subnets.readQuote(asked.feeQuoteId);
  if (found === undefined || found.quote.network !== networkId(genesis)) return refuse("MALFORMED");
  if (found.quote.gateway.toLowerCase() !== asked.gateway) return refuse("MALFORMED");
  // The quote's signer matters little: the fee follows from the genesis. But a stranger's id is no quote.
  if (nodes.byWallet(found.signer).length === 0) return notYet("NODE_UNKNOWN");
  const feeWei = subnets.subnetFeeWei(genesis, models);
  if (found.quote.feeWei !== String(feeWei)) return refuse("PRICE_MISMATCH");
  if ((asked.metadata.network_fee_wei || "0") !== String(feeWei)) return refuse("PRICE_MISMATCH");
  if (genesis.chain === null || feeWei === 0n) return sign;
  return await judgePayment(asked, feeWei, genesis.chain.treasury, options);
}

async function judgePayment(
  asked: SubnetAsked,
  feeWei: bigint,
  treasury: string,
  { payments }: PolicyOptions,
): Promise<Judgement> {
  if (payments === undefined || !transactionPattern.test(asked.paymentTx)) return refuse("NOT_PAID");
  try {
    const paidWei = await payments.tokenPaid(asked.paymentTx, asked.gateway, treasury);
    if (paidWei < feeWei) return refuse("NOT_PAID");
  } catch (error) {
    if (isCode(error, "NOT_FOUND")) return notYet("NOT_PAID");
    if (isCode(error, "CHAIN_UNAVAILABLE")) return notYet("OVERLOADED");
    throw error;
  }
  // A transaction pays for one subnet.
  const claim: Claim = {
    round: "subnet_payment",
    subject: asked.paymentTx,
    digest: sha256(String(asked.subnetId)),
  };
  return { outcome: "sign", alsoClaims: [claim] };
}
