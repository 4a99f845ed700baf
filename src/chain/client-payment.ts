import { type Clock, CountersignError, equalBytes, type Genesis, type Logger, toHex } from "../base/index.ts";
import { type PreprocessingTerms, preprocessingMessage } from "../proof/typed-messages.ts";
import { loadAbis } from "./abis.ts";
import { ContractReader } from "./contract-reader.ts";
import { permitDigest, splitSignature } from "./permit.ts";
import { RpcClient } from "./rpc.ts";
import type { TransactionSender } from "./transaction-sender.ts";
import { TransactionQueue } from "./transactions.ts";

export interface PayEscrowOptions {
  readonly rpcUrl: string;
  /** Only its `chain` matters; a client takes it from the gateway or from a file it trusts. */
  readonly chain: NonNullable<Genesis["chain"]>;
  /** What validators co-signed. */
  readonly terms: PreprocessingTerms;
  readonly signatures: readonly Uint8Array[];
  readonly sender: TransactionSender;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly pollMs?: number;
  readonly signal?: AbortSignal;
}

export interface EscrowPayment {
  readonly txHash: string;
  readonly blockNumber: number;
}

const usualPollMs = 250;
/** A permit that was never used should not stay good for long. */
const permitLifetimeSec = 3_600;

/**
 * Pays a request's escrow: one transaction with a permit, or an approval first where the wallet signs no digests.
 * Paying twice is impossible: an escrow that these terms opened already answers its transaction.
 * @throws CountersignError PAYMENT_INVALID with the contract's reason, CHAIN_UNAVAILABLE, CONFIG_INVALID
 */
export async function payEscrow(options: PayEscrowOptions): Promise<EscrowPayment> {
  const { chain, terms, sender, clock, logger, signal, pollMs = usualPollMs } = options;
  const rpc = new RpcClient(options.rpcUrl, clock, signal);
  const abis = await loadAbis();
  const chainId = Number(await rpc.call<string>("eth_chainId"));
  if (chainId !== chain.chain_id) {
    const message = `the escrow is on chain ${chain.chain_id}, but ${rpc.shownUrl} serves chain ${chainId}`;
    throw new CountersignError("CONFIG_INVALID", message);
  }
  const earlier = await earlierPayment(new ContractReader(rpc, abis, chain), options);
  if (earlier !== undefined) return earlier;

  const { token, inference_payment: contract } = chain;
  const totalWei = [
    terms.computePriceWei,
    terms.gatewayGasWei,
    terms.validatorRewardWei,
    terms.treasuryFeeWei,
  ].reduce<bigint>((sum, part) => sum + BigInt(part), 0n);
  const view = async (
    name: "allowance" | "nonces" | "balanceOf",
    args: readonly string[],
  ): Promise<bigint> => {
    const data = abis.token.encodeFunctionData(name, args);
    return BigInt(await rpc.call<string>("eth_call", [{ to: token, data }, "latest"], signal));
  };
  const balanceWei = await view("balanceOf", [sender.address]);
  if (balanceWei < totalWei) {
    const message = `${sender.address} has ${balanceWei} wei of the token, the escrow takes ${totalWei}`;
    throw new CountersignError("PAYMENT_INVALID", message, { balanceWei: String(balanceWei) });
  }

  const queue = new TransactionQueue({ rpc, sender, chainId, clock, logger, pollMs });
  try {
    const validation = [terms, options.signatures.map(toHex)] as const;
    let data = abis.payment.encodeFunctionData("initiateInferenceRequest", validation);
    if ((await view("allowance", [sender.address, contract])) < totalWei) {
      if (sender.signDigest === undefined) {
        const approve = abis.token.encodeFunctionData("approve", [contract, totalWei]);
        await queue.send({ to: token, data: approve }, signal);
      } else {
        const deadline = Math.floor(clock.nowMs() / 1000) + permitLifetimeSec;
        const nonce = await view("nonces", [sender.address]);
        const digest = permitDigest({
          chainId,
          token,
          owner: sender.address,
          spender: contract,
          valueWei: totalWei,
          nonce,
          deadline,
        });
        const { v, r, s } = splitSignature(await sender.signDigest(digest));
        data = abis.payment.encodeFunctionData("initiateWithPermit", [...validation, deadline, v, r, s]);
      }
    }
    const { hash, blockNumber } = await queue.send({ to: contract, data }, signal);
    return { txHash: hash, blockNumber };
  } finally {
    queue.stop();
  }
}

async function earlierPayment(
  reader: ContractReader,
  { chain, terms, sender }: PayEscrowOptions,
): Promise<EscrowPayment | undefined> {
  const { escrow } = await reader.escrow(terms.requestId);
  if (escrow === undefined) return undefined;
  const domain = { chainId: chain.chain_id, verifyingContract: chain.inference_payment };
  if (
    escrow.payer !== sender.address ||
    !equalBytes(escrow.validationDigest, preprocessingMessage(domain, terms).digest)
  ) {
    const message = `request id "${terms.requestId}" was paid for another task; submit again with a new id`;
    throw new CountersignError("PAYMENT_INVALID", message, { paymentTx: escrow.paymentTx });
  }
  return { txHash: escrow.paymentTx, blockNumber: escrow.paidBlock };
}
