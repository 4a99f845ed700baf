import { equalBytes, type Genesis } from "../../base/index.ts";
import { isSignedCall } from "../../chain/call-signature.ts";
import type { countersign } from "../../wire/index.ts";

const nonceBytes = 32;

/** True when the wallet signed a call of one of the operations over exactly these bytes, on this network. */
export function isProofOf(
  genesis: Genesis,
  proof: countersign.v1.RegistrationProof.$Properties,
  wallet: string,
  operations: readonly string[],
  body: Uint8Array,
): boolean {
  const { operation = "", body: signedBody, timestamp = 0, nonce, signature } = proof;
  if (!operations.includes(operation ?? "")) return false;
  if (signedBody == null || !equalBytes(signedBody, body)) return false;
  if (nonce == null || nonce.length !== nonceBytes || signature == null) return false;
  if (!Number.isSafeInteger(timestamp)) return false;
  const call = { address: wallet.toLowerCase(), timestamp: timestamp ?? 0, nonce, signature };
  return isSignedCall(genesis, call, operation ?? "", body);
}
