import { type RpcClient, RpcError } from "./rpc.ts";

export interface Fees {
  readonly maxFeePerGasWei: bigint;
  readonly maxPriorityFeePerGasWei: bigint;
}

const gwei = 1_000_000_000n;
/** Where a node does not suggest a tip. */
const usualTipWei = gwei;
/** The base fee rises by at most an eighth a block: twice the present one lasts for six full blocks. */
const baseFeeHeadroom = 2n;
/** Nodes take a replacement only when both fees rise by a tenth; a quarter passes without a second try. */
const bumpPercent = 125n;

/** Fees (EIP-1559) at which a transaction is included soon. */
export async function readFees(rpc: RpcClient, signal?: AbortSignal): Promise<Fees> {
  const [block, tip] = await rpc.batch(
    [
      { method: "eth_getBlockByNumber", params: ["latest", false] },
      { method: "eth_maxPriorityFeePerGas", params: [] },
    ],
    signal,
  );
  if (block instanceof RpcError) throw block;
  const baseFee = BigInt((block as { baseFeePerGas?: string }).baseFeePerGas ?? "0x0");
  const maxPriorityFeePerGasWei = tip instanceof RpcError ? usualTipWei : BigInt(tip as string);
  return { maxFeePerGasWei: baseFee * baseFeeHeadroom + maxPriorityFeePerGasWei, maxPriorityFeePerGasWei };
}

/** The fees of a transaction that replaces one not mined: enough to be taken, and no less than the going rate. */
export function bumpedFees(before: Fees, going: Fees): Fees {
  const raise = (fee: bigint) => (fee * bumpPercent) / 100n + 1n;
  const larger = (a: bigint, b: bigint) => (a > b ? a : b);
  return {
    maxFeePerGasWei: larger(raise(before.maxFeePerGasWei), going.maxFeePerGasWei),
    maxPriorityFeePerGasWei: larger(raise(before.maxPriorityFeePerGasWei), going.maxPriorityFeePerGasWei),
  };
}
