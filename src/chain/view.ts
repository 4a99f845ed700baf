import type { Abis } from "./abis.ts";
import type { RpcClient } from "./rpc.ts";

/** Asks a contract's view function; `block` is a tag or a quantity. */
export async function view(
  rpc: RpcClient,
  at: string,
  abi: Abis[keyof Abis],
  name: string,
  args: readonly unknown[],
  block = "latest",
): Promise<readonly unknown[]> {
  const data = abi.encodeFunctionData(name, args);
  return abi.decodeFunctionResult(name, await rpc.call<string>("eth_call", [{ to: at, data }, block]));
}
