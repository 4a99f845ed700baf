import { recoverSigner, type ValidatorSet } from "../chain/index.ts";
import type { HeldSignature } from "./proposal.ts";

/** True when M distinct active validators signed the digest. Stops at the M-th: each check costs 0.1 ms. */
export function hasQuorum(
  digest: Uint8Array,
  signatures: readonly HeldSignature[],
  set: Pick<ValidatorSet, "entries" | "required">,
): boolean {
  const active = new Set(set.entries.map((entry) => entry.address));
  const signed = new Set<string>();
  for (const { address, signature } of signatures) {
    if (signed.size >= set.required) break;
    if (!active.has(address) || signed.has(address)) continue;
    if (recoverSigner(digest, signature) === address) signed.add(address);
  }
  return signed.size >= set.required;
}
