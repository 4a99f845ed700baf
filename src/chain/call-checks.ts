import { CountersignError } from "../base/index.ts";
import { loadAbis } from "./abis.ts";
import { isRevert, revertData, revertError } from "./contract-errors.ts";
import { type RpcClient, RpcError, toQuantity } from "./rpc.ts";
import type { Receipt, TransactionCall } from "./transaction-call.ts";

/** Estimates see the present state; other transactions may come first. What is not used is not paid. */
const gasMarginPercent = 130n;

/** Gas for a call, with a margin. @throws CountersignError of the contract's refusal, CHAIN_UNAVAILABLE */
export async function estimateGas(
  rpc: RpcClient,
  from: string,
  call: TransactionCall,
  signal: AbortSignal | undefined,
): Promise<bigint> {
  const estimate = await translated(() =>
    rpc.call<string>("eth_estimateGas", [callObject(from, call)], signal),
  );
  return (BigInt(estimate) * gasMarginPercent) / 100n;
}

/** A mined transaction without effect says no reason; repeating the call at its block does. */
export async function whyReverted(
  rpc: RpcClient,
  from: string,
  call: TransactionCall,
  receipt: Receipt,
): Promise<Error> {
  try {
    await translated(() => rpc.call("eth_call", [callObject(from, call), receipt.blockNumber]));
  } catch (error) {
    if (error instanceof Error) return error;
  }
  return new CountersignError(
    "PAYMENT_INVALID",
    `the contract refused transaction ${receipt.transactionHash}`,
    {
      revert: "unknown",
    },
  );
}

/** Maps a node's error to ours: a contract's refusal, or trouble of the node. */
export async function translated<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (isRevert(error)) throw revertError(await loadAbis(), revertData(error), error.message);
    if (error instanceof RpcError) {
      throw new CountersignError("CHAIN_UNAVAILABLE", `the chain node refuses: ${error.message}`, {}, error);
    }
    throw error;
  }
}

function callObject(from: string, call: TransactionCall): object {
  return {
    from,
    ...(call.to === undefined ? {} : { to: call.to }),
    data: call.data,
    value: toQuantity(call.valueWei ?? 0n),
  };
}
