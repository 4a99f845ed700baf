import type { Genesis } from "../../base/index.ts";
import { fromHex } from "../../base/index.ts";
import { type Chain, type ChainValidator, recoverSigner } from "../../chain/index.ts";
import type { ValidatorSignature } from "../../wire/index.ts";

// The validators as the chain, or the genesis of a network without one, lists them.

/** @returns undefined where the network has a chain that this node does not read */
export function listedValidators(genesis: Genesis, chain: Chain | undefined): ChainValidator[] | undefined {
  if (chain !== undefined) return chain.validators();
  if (genesis.chain !== null) return undefined;
  return genesis.validators.map(({ address, stake_wei }) => ({
    address,
    stakeWei: BigInt(stake_wei),
    status: "active",
    registeredAtSec: 0,
  }));
}

export function isActiveValidator(genesis: Genesis, chain: Chain | undefined, address: string): boolean {
  const listed = listedValidators(genesis, chain);
  return listed?.some((entry) => entry.address === address && entry.status === "active") === true;
}

/** True when M distinct active validators signed the digest; also where the network wants no signatures. */
export function isQuorum(
  genesis: Genesis,
  chain: Chain | undefined,
  digest: Uint8Array,
  signatures: readonly ValidatorSignature.$Properties[],
): boolean {
  const required = chain?.validatorSet().required ?? genesis.cosign.required;
  const signers = new Set<string>();
  for (const { signature } of signatures) {
    if (signers.size >= required) break;
    const signer = recoverSigner(digest, fromHex(signature ?? ""));
    if (signer !== undefined && isActiveValidator(genesis, chain, signer)) signers.add(signer);
  }
  return signers.size >= required;
}
