import { messageOf } from "../base/errors.ts";
import type { Genesis } from "../base/genesis.ts";
import { SdkError } from "./errors.ts";
import type { NetworkStatus } from "./messages.ts";

export interface Network {
  readonly id: string;
  readonly genesis: Genesis;
  /** Of calls and of paid tasks' signatures. */
  readonly domain: { readonly chainId: number; readonly verifyingContract: string };
}

/**
 * A genesis with its id, its defaults filled in. What reads it is loaded on first use only.
 * @throws SdkError CONFIG_INVALID
 */
export async function networkOf(genesis: unknown): Promise<Network> {
  const { genesisSchema, networkId, signingDomain } = await import("../base/genesis.ts");
  let value = genesis;
  try {
    if (typeof genesis === "string") value = JSON.parse(genesis);
  } catch (cause) {
    throw new SdkError("CONFIG_INVALID", `genesis: no JSON: ${messageOf(cause)}`, {
      field: "genesis",
      cause,
    });
  }
  const parsed = genesisSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = ["genesis", ...(issue?.path ?? [])].map(String).join(".");
    throw new SdkError("CONFIG_INVALID", `${field}: ${issue?.message}`, { field });
  }
  return { id: networkId(parsed.data), genesis: parsed.data, domain: signingDomain(parsed.data, true) };
}

/** The network that a gateway says it is of. @throws SdkError CONFIG_INVALID when its genesis is another's */
export async function networkFromStatus({ network, genesis_json }: NetworkStatus): Promise<Network> {
  const told = await networkOf(genesis_json);
  if (told.id === network) return told;
  throw new SdkError(
    "CONFIG_INVALID",
    `the gateway is of network ${network} and shows the genesis of ${told.id}`,
  );
}
