import type { Clock, Genesis, Logger } from "../base/index.ts";
import { type Abis, loadAbis } from "./abis.ts";
import { permitDigest, splitSignature } from "./permit.ts";
import { RpcClient } from "./rpc.ts";
import type { TransactionSender } from "./transaction-sender.ts";
import { TransactionQueue } from "./transactions.ts";

/** For somebody who calls a contract now and then, without following the chain. */
export interface ContractCallOptions {
  readonly rpcUrl: string;
  readonly chain: Pick<NonNullable<Genesis["chain"]>, "chain_id" | "token">;
  readonly sender: TransactionSender;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly pollMs?: number;
  readonly signal?: AbortSignal;
}

export interface ContractCalls {
  readonly abis: Abis;
  /** Resolves with the transaction's hash once it is mined. */
  send(to: string, data: string): Promise<string>;
  ask(to: string, data: string): Promise<string>;
}

const usualPollMs = 250;
/** A permit that was never used should not stay good for long. */
const permitLifetimeSec = 3_600;

export async function withContracts<T>(
  options: ContractCallOptions,
  work: (calls: ContractCalls) => Promise<T>,
): Promise<T> {
  const { rpcUrl, chain, sender, clock, logger, signal, pollMs = usualPollMs } = options;
  const rpc = new RpcClient(rpcUrl, clock, signal);
  const queue = new TransactionQueue({ rpc, sender, chainId: chain.chain_id, clock, logger, pollMs });
  try {
    return await work({
      abis: await loadAbis(),
      send: async (to, data) => (await queue.send({ to, data }, signal)).hash,
      ask: (to, data) => rpc.call<string>("eth_call", [{ to, data }, "latest"], signal),
    });
  } finally {
    queue.stop();
  }
}

/**
 * Lets a contract take tokens of the sender: the last arguments of a call with a permit, or an approval that is sent at
 * once where the wallet signs no digests, and then undefined.
 */
export async function allowTaking(
  { chain, sender, clock }: ContractCallOptions,
  { abis, send, ask }: ContractCalls,
  spender: string,
  valueWei: bigint,
): Promise<readonly unknown[] | undefined> {
  const { token, chain_id: chainId } = chain;
  if (sender.signDigest === undefined) {
    await send(token, abis.token.encodeFunctionData("approve", [spender, valueWei]));
    return undefined;
  }
  const deadline = Math.floor(clock.nowMs() / 1000) + permitLifetimeSec;
  const nonce = BigInt(await ask(token, abis.token.encodeFunctionData("nonces", [sender.address])));
  const digest = permitDigest({ chainId, token, owner: sender.address, spender, valueWei, nonce, deadline });
  const { v, r, s } = splitSignature(await sender.signDigest(digest));
  return [deadline, v, r, s];
}
