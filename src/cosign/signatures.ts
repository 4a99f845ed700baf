import { recoverSigner, type ValidatorSet } from "../chain/index.ts";
import type { HeldSignature } from "../proof/task-terms.ts";

/**
 * True when M distinct active validators signed the digest. Each check costs 0.1 ms: it stops at the M-th, and of each
 * validator only the first signature counts.
 */
export function hasQuorum(
  digest: Uint8Array,
  signatures: readonly HeldSignature[],
  set: Pick<ValidatorSet, "entries" | "required">,
): boolean {
  const unseen = new Set(set.entries.map((entry) => entry.address));
  let signed = 0;
  for (const { address, signature } of signatures) {
    if (signed >= set.required) break;
    if (unseen.delete(address) && recoverSigner(digest, signature) === address) signed++;
  }
  return signed >= set.required;
}
