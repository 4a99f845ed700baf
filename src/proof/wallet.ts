import type { RecoveryId, Secp256k1 } from "@bitauth/libauth";
// This module alone: the package's front door loads a whole virtual machine for Bitcoin Cash.
import { instantiateSecp256k1 } from "@bitauth/libauth/build/lib/crypto/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { fromHex, toHex, utf8 } from "../base/bytes.ts";
import type { Signer } from "./signer.ts";

// WebAssembly secp256k1: ten times as fast as the pure JavaScript libraries, with no install script.
const curve: Secp256k1 = await instantiateSecp256k1();

export const signatureBytes = 65;
const personalPrefix = utf8("\x19Ethereum Signed Message:\n32");

/** Half the group order: a signature with a greater s is the malleable twin of another and is refused (EIP-2). */
const halfOrder = fromHex("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0");

/** EIP-191 digest of 32 bytes, as `personal_sign` makes it. */
export function personalDigest(hash: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(personalPrefix.length + hash.length);
  bytes.set(personalPrefix, 0);
  bytes.set(hash, personalPrefix.length);
  return keccak_256(bytes);
}

function addressOf(publicKey: Uint8Array): string {
  return toHex(keccak_256(publicKey.subarray(1)).subarray(12));
}

/**
 * Signs bare digests: 65 bytes r ‖ s ‖ v, low s, v 27 or 28. `privateKey` is 32 bytes.
 * @throws RangeError when that is no key
 */
export function createDigestSigner(privateKey: Uint8Array): {
  readonly address: string;
  signDigest(digest: Uint8Array): Uint8Array;
} {
  const publicKey = curve.derivePublicKeyUncompressed(privateKey);
  if (typeof publicKey === "string") throw new RangeError("not a secp256k1 private key");
  return {
    address: addressOf(publicKey),
    signDigest(digest) {
      const made = curve.signMessageHashRecoverableCompact(privateKey, digest);
      if (typeof made === "string") throw new Error(made);
      const signature = new Uint8Array(signatureBytes);
      signature.set(made.signature, 0);
      signature[64] = 27 + made.recoveryId;
      return signature;
    },
  };
}

/** A wallet whose key lies in this process. `privateKey` is 32 bytes. */
export function createLocalSigner(privateKey: Uint8Array): Signer {
  const { address, signDigest } = createDigestSigner(privateKey);
  return {
    address,
    signTyped: async (message) => signDigest(message.digest),
    signHash: async (hash) => signDigest(personalDigest(hash)),
  };
}

function isHigh(signature: Uint8Array): boolean {
  for (const [index, limit] of halfOrder.entries()) {
    const byte = signature[32 + index] ?? 0;
    if (byte !== limit) return byte > limit;
  }
  return false;
}

/** Lower-case address that signed the digest, or undefined when the signature is malformed, high-s or false. */
export function recoverSigner(digest: Uint8Array, signature: Uint8Array): string | undefined {
  if (signature.length !== signatureBytes || digest.length !== 32) return undefined;
  const recoveryId = (signature[64] ?? 0) - 27;
  if (recoveryId !== 0 && recoveryId !== 1) return undefined;
  if (isHigh(signature)) return undefined;
  const publicKey = curve.recoverPublicKeyUncompressed(
    signature.subarray(0, 64),
    recoveryId as RecoveryId,
    digest,
  );
  return typeof publicKey === "string" ? undefined : addressOf(publicKey);
}

/** As `recoverSigner`, for an EIP-191 signature over 32 bytes. */
export function recoverHashSigner(hash: Uint8Array, signature: Uint8Array): string | undefined {
  return recoverSigner(personalDigest(hash), signature);
}
