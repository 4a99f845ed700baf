import type { Genesis } from "../../base/index.ts";
import { isSignedCall } from "../../proof/call-signature.ts";
import type { countersign } from "../../wire/index.ts";

export type RegistrationProof = countersign.v1.RegistrationProof.$Properties;

const nonceBytes = 32;

/** True when the wallet signed a call of one of the operations, on this network, over the body that the proof holds. */
export function isProofOf(
  genesis: Genesis,
  proof: RegistrationProof,
  wallet: string,
  operations: readonly string[],
): boolean {
  const { operation, body, timestamp, nonce, signature } = proof;
  if (operation == null || !operations.includes(operation)) return false;
  if (body == null || nonce == null || nonce.length !== nonceBytes || signature == null) return false;
  if (timestamp == null || !Number.isSafeInteger(timestamp)) return false;
  return isSignedCall(genesis, { address: wallet, timestamp, nonce, signature }, operation, body);
}
