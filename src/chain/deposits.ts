import type { Genesis } from "../base/index.ts";
import { loadAbis } from "./abis.ts";
import { allowTaking, type ContractCallOptions, withContracts } from "./contract-calls.ts";
import { RpcClient } from "./rpc.ts";
import { view } from "./view.ts";

// A client's deposit at a gateway's escrow, from which the gateway pays for the client's tasks.

export interface DepositCallOptions extends ContractCallOptions {
  readonly chain: Pick<NonNullable<Genesis["chain"]>, "chain_id" | "token" | "inference_payment">;
}

/** Amounts in wei. */
export interface DepositView {
  readonly client: string;
  readonly gateway: string;
  readonly depositWei: bigint;
  /** What the gateway counts on: the deposit without what is leaving. */
  readonly prepaidWei: bigint;
  readonly leavingWei: bigint;
  /** Unix seconds from which what is leaving may be withdrawn; 0 where nothing is. */
  readonly withdrawableAtSec: number;
  /** The client's tokens outside. */
  readonly balanceWei: bigint;
}

/** @throws CountersignError CHAIN_UNAVAILABLE */
export async function readDeposit(
  { rpcUrl, chain, clock, signal }: Omit<DepositCallOptions, "sender" | "logger" | "pollMs">,
  client: string,
  gateway: string,
): Promise<DepositView> {
  const rpc = new RpcClient(rpcUrl, clock, signal);
  const { payment, token } = await loadAbis();
  const [[held], [balanceWei]] = (await Promise.all([
    view(rpc, chain.inference_payment, payment, "depositOf", [client, gateway]),
    view(rpc, chain.token, token, "balanceOf", [client]),
  ])) as unknown as [[{ amountWei: bigint; leavingWei: bigint; leavesAt: bigint }], [bigint]];
  return {
    client,
    gateway,
    depositWei: held.amountWei,
    prepaidWei: held.amountWei - held.leavingWei,
    leavingWei: held.leavingWei,
    withdrawableAtSec: held.leavingWei === 0n ? 0 : Number(held.leavesAt),
    balanceWei,
  };
}

/** Adds to the sender's deposit; answers the transaction. @throws PAYMENT_INVALID with the contract's reason, CHAIN_UNAVAILABLE */
export function addDeposit(options: DepositCallOptions, gateway: string, amountWei: bigint): Promise<string> {
  return withContracts(options, async (calls) => {
    const { inference_payment: contract } = options.chain;
    const permit = await allowTaking(options, calls, contract, amountWei);
    const name = permit === undefined ? "deposit" : "depositWithPermit";
    const args = [gateway, amountWei, ...(permit ?? [])];
    return calls.send(contract, calls.abis.payment.encodeFunctionData(name, args));
  });
}

/** Announces that so much shall leave, in place of what was announced before. */
export function announceWithdrawal(
  options: DepositCallOptions,
  gateway: string,
  amountWei: bigint,
): Promise<string> {
  return callPayment(options, "announceWithdrawal", [gateway, amountWei]);
}

/** Takes out what was announced, once its notice is over. */
export function withdrawDeposit(options: DepositCallOptions, gateway: string): Promise<string> {
  return callPayment(options, "withdrawDeposit", [gateway]);
}

function callPayment(options: DepositCallOptions, name: string, args: readonly unknown[]): Promise<string> {
  return withContracts(options, ({ abis, send }) =>
    send(options.chain.inference_payment, abis.payment.encodeFunctionData(name, args)),
  );
}
