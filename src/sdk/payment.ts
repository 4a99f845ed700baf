import { equalBytes } from "../base/bytes.ts";
import { type Clock, nowSec, sleep } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import type { PreprocessingTerms } from "../proof/typed-messages.ts";
import { type AbiValue, bytes, encodeCall, text } from "./abi.ts";
import { SdkError } from "./errors.ts";
import { ContractViews, type EvmRequest } from "./evm.ts";
import type { PaymentTree, TaskStatus } from "./messages.ts";
import type { Network } from "./network.ts";
import type { PayingWallet } from "./wallets.ts";

export interface EscrowPayment {
  readonly txHash: string;
  readonly blockNumber: number;
}

export interface PayEscrowOptions {
  readonly terms: TaskStatus;
  /** Lower-case address that the terms name; zero for none. */
  readonly client: string;
  readonly network: Network;
  readonly wallet: PayingWallet;
  readonly request: EvmRequest;
  /** How the contract comes to the token: by a signature that goes with the payment, or by a transaction before it. */
  readonly allowance: "permit" | "approve";
  readonly maxPriceWei: bigint | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** A permit that was never used should not stay good for long. */
const permitLifetimeSec = 3_600;
const minedPollMs = 500;
/** As NCNToken.sol names itself. */
const tokenDomain = { name: "NCN Token", version: "1" };
const permitFields = [
  { name: "owner", type: "address" },
  { name: "spender", type: "address" },
  { name: "value", type: "uint256" },
  { name: "nonce", type: "uint256" },
  { name: "deadline", type: "uint256" },
];

/** What a task costs. */
export function priceOf(tree: PaymentTree | undefined): bigint {
  if (tree === undefined) return 0n;
  const { compute_price_wei, gateway_gas_wei, validator_reward_wei, treasury_fee_wei } = tree;
  return [compute_price_wei, gateway_gas_wei, validator_reward_wei, treasury_fee_wei].reduce(
    (sum, part) => sum + BigInt(part || 0),
    0n,
  );
}

/**
 * Pays a task's escrow. Paying twice is impossible: an escrow that these terms opened already answers its transaction.
 * @throws SdkError PAYMENT_INVALID, CONFIG_INVALID, CHAIN_UNAVAILABLE
 */
export async function payEscrow(options: PayEscrowOptions): Promise<EscrowPayment> {
  const { network, wallet, request, signal } = options;
  const { chain } = network.genesis;
  if (chain === null) throw new SdkError("PAYMENT_INVALID", "the network has no chain to pay on");
  const views = new ContractViews(request, chain, signal);
  const signed = await signedTerms(options, chain.inference_payment);
  const chainId = await views.chainId();
  if (chainId !== chain.chain_id) {
    const message = `the escrow is on chain ${chain.chain_id}, but the wallet is on chain ${chainId}`;
    throw new SdkError("CONFIG_INVALID", message, { fix: "Switch the wallet to the network's chain." });
  }
  const earlier = await earlierPayment(views, options, signed);
  if (earlier !== undefined) return earlier;

  const payer = wallet.address.toLowerCase();
  const priceWei = signed.priceWei;
  const balanceWei = await views.number(chain.token, "balanceOf", [payer]);
  if (balanceWei < priceWei) {
    const message = `${payer} has ${balanceWei} wei of the token, the escrow takes ${priceWei}`;
    throw new SdkError("PAYMENT_INVALID", message, { fix: "Fund the wallet with the network's token." });
  }
  const contract = chain.inference_payment;
  const allowedWei = await views.number(chain.token, "allowance", [payer, contract]);
  if (allowedWei >= priceWei || options.allowance === "approve") {
    if (allowedWei < priceWei) {
      const data = encodeCall("approve", [contract, priceWei]);
      await mined(options, await sent(options, chain.token, data));
    }
    const data = encodeCall("initiateInferenceRequest", signed.call);
    return mined(options, await sent(options, contract, data));
  }
  const permit = await signedPermit(
    options,
    chain,
    priceWei,
    await views.number(chain.token, "nonces", [payer]),
  );
  const data = encodeCall("initiateWithPermit", [...signed.call, ...permit]);
  return mined(options, await sent(options, contract, data));
}

interface SignedTerms {
  readonly message: PreprocessingTerms;
  readonly priceWei: bigint;
  /** Terms and signatures, as the contract takes them. */
  readonly call: readonly AbiValue[];
}

/** @throws SdkError PAYMENT_INVALID when nothing is to be paid, or more than the caller allows, or elsewhere */
async function signedTerms(
  { terms, client, maxPriceWei }: PayEscrowOptions,
  contract: string,
): Promise<SignedTerms> {
  const { payment_status: payment, preprocessing_validation: validation } = terms;
  if (payment?.required !== true || validation === undefined)
    throw new SdkError("PAYMENT_INVALID", "this task asks for no payment", { requestId: terms.request_id });
  const invalid = (message: string) =>
    new SdkError("PAYMENT_INVALID", message, { requestId: terms.request_id });
  if (payment.contract_address.toLowerCase() !== contract)
    throw invalid(`the terms name the contract ${payment.contract_address}, the network's is ${contract}`);
  const priceWei = priceOf(validation.payment_tree);
  if (maxPriceWei !== undefined && priceWei > maxPriceWei)
    throw invalid(`the task costs ${priceWei} wei, more than the ${maxPriceWei} that are allowed`);
  const tree = validation.payment_tree;
  const message: PreprocessingTerms = {
    requestId: validation.request_id,
    client,
    gatewayWallet: validation.gateway_wallet.toLowerCase(),
    computeNodeId: validation.compute_node_id,
    computeNodeWallet: validation.compute_node_wallet.toLowerCase(),
    computePriceWei: tree.compute_price_wei,
    gatewayGasWei: tree.gateway_gas_wei,
    validatorRewardWei: tree.validator_reward_wei,
    treasuryFeeWei: tree.treasury_fee_wei,
    expiryTimestamp: Number(validation.expiry_timestamp),
  };
  const tuple = [
    text(message.requestId),
    message.client,
    message.gatewayWallet,
    text(message.computeNodeId),
    message.computeNodeWallet,
    BigInt(message.computePriceWei),
    BigInt(message.gatewayGasWei),
    BigInt(message.validatorRewardWei),
    BigInt(message.treasuryFeeWei),
    BigInt(message.expiryTimestamp),
  ];
  const list = validation.validator_signatures.map(({ signature }) => bytes(signature));
  return { message, priceWei, call: [{ tuple }, { list }] };
}

async function earlierPayment(
  views: ContractViews,
  { network, wallet }: PayEscrowOptions,
  { message }: SignedTerms,
): Promise<EscrowPayment | undefined> {
  const escrow = await views.escrow(message.requestId);
  if (escrow.state === "none") return undefined;
  const { preprocessingMessage } = await import("../proof/typed-messages.ts");
  const { digest } = preprocessingMessage(network.domain, message);
  if (escrow.payer === wallet.address.toLowerCase() && equalBytes(escrow.validationDigest, digest))
    return { txHash: escrow.paymentTx, blockNumber: escrow.paidBlock };
  const text = `request id "${message.requestId}" was paid for another task; submit again with a new id`;
  throw new SdkError("PAYMENT_INVALID", text, { requestId: message.requestId });
}

async function signedPermit(
  { wallet, clock, signal }: PayEscrowOptions,
  chain: { readonly chain_id: number; readonly token: string; readonly inference_payment: string },
  valueWei: bigint,
  nonce: bigint,
): Promise<AbiValue[]> {
  const deadline = nowSec(clock) + permitLifetimeSec;
  const domain = { ...tokenDomain, chainId: chain.chain_id, verifyingContract: chain.token };
  const value = {
    owner: wallet.address,
    spender: chain.inference_payment,
    value: String(valueWei),
    nonce: String(nonce),
    deadline,
  };
  let signature: string;
  try {
    signature = await wallet.signTypedData(domain, { Permit: permitFields }, value);
  } catch (cause) {
    throw new SdkError("PAYMENT_INVALID", `the wallet signed no permit: ${messageOf(cause)}`, {
      cause,
      fix: 'Nothing was paid. Let the wallet sign, or pay with allowance: "approve".',
    });
  }
  signal.throwIfAborted();
  if (!/^0x[0-9a-fA-F]{130}$/.test(signature))
    throw new SdkError("PAYMENT_INVALID", "the wallet's permit is not a signature of 65 bytes", {
      fix: 'Pay with allowance: "approve".',
    });
  const v = BigInt(`0x${signature.slice(130)}`);
  return [BigInt(deadline), v < 27n ? v + 27n : v, signature.slice(0, 66), `0x${signature.slice(66, 130)}`];
}

async function sent({ wallet, signal }: PayEscrowOptions, to: string, data: string): Promise<string> {
  try {
    const { hash } = await wallet.sendTransaction({ to, data });
    signal.throwIfAborted();
    return hash;
  } catch (cause) {
    signal.throwIfAborted();
    throw new SdkError("PAYMENT_INVALID", `the transaction was not sent: ${messageOf(cause)}`, {
      cause,
      fix: "Nothing was paid. The message says why; correct that, or submit again.",
    });
  }
}

/** Waits until the transaction is in a block. @throws SdkError PAYMENT_INVALID when it had no effect there */
async function mined({ request, clock, signal }: PayEscrowOptions, txHash: string): Promise<EscrowPayment> {
  for (;;) {
    const receipt = (await request("eth_getTransactionReceipt", [txHash], signal)) as {
      status?: string;
      blockNumber?: string | null;
    } | null;
    if (receipt?.blockNumber != null) {
      if (Number(receipt.status) === 1) return { txHash, blockNumber: Number(receipt.blockNumber) };
      throw new SdkError("PAYMENT_INVALID", `the contract refused transaction ${txHash}`, {
        fix: "Nothing was paid. The terms may have expired; submit again.",
      });
    }
    await sleep(clock, minedPollMs, signal);
  }
}
