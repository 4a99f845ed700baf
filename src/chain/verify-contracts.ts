import { CountersignError, type Genesis, messageOf } from "../base/index.ts";
import type { Abis } from "./abis.ts";
import type { RpcClient } from "./rpc.ts";
import { view } from "./view.ts";

/** Sees that the endpoint serves the genesis' chain with its contracts. @throws CONFIG_INVALID, CHAIN_UNAVAILABLE */
export async function verifyContracts(
  rpc: RpcClient,
  abis: Abis,
  chain: NonNullable<Genesis["chain"]>,
  required: number,
): Promise<void> {
  const { chain_id, token, validator_registry, inference_payment, treasury } = chain;
  const chainId = Number(await rpc.call<string>("eth_chainId"));
  if (chainId !== chain_id) {
    throw misfit("chain.chain_id", chain_id, `${rpc.shownUrl} serves chain ${chainId}`);
  }
  for (const [key, address] of Object.entries({ token, validator_registry, inference_payment })) {
    const code = await rpc.call<string>("eth_getCode", [address, "latest"]);
    if (code === "0x") throw misfit(`chain.${key}`, address, `chain ${chainId} has no contract there`);
  }
  const { registry, payment } = abis;
  const expected = [
    { at: inference_payment, abi: payment, getter: "token", key: "chain.token", value: token },
    {
      at: inference_payment,
      abi: payment,
      getter: "registry",
      key: "chain.validator_registry",
      value: validator_registry,
    },
    { at: inference_payment, abi: payment, getter: "treasury", key: "chain.treasury", value: treasury },
    {
      at: validator_registry,
      abi: registry,
      getter: "payment",
      key: "chain.inference_payment",
      value: inference_payment,
    },
    // The escrow never opens without a signature, so a network that asks for none still has a registry that asks for one.
    {
      at: validator_registry,
      abi: registry,
      getter: "threshold",
      key: "cosign.required",
      value: String(Math.max(1, required)),
    },
  ];
  for (const { at, abi, getter, key, value } of expected) {
    const found = await view(rpc, at, abi, getter, []).catch((error: unknown) => {
      if (error instanceof CountersignError) throw error;
      throw misfit(key, value, `the contract at ${at} is another one: ${messageOf(error)}`);
    });
    const shown = String(found[0]).toLowerCase();
    if (shown !== value) throw misfit(key, value, `the contract at ${at} has ${shown}`);
  }
}

function misfit(key: string, value: unknown, found: string): CountersignError {
  return new CountersignError("CONFIG_INVALID", `genesis ${key} is ${value}, but ${found}`, { key });
}
