import { keccak_256 } from "@noble/hashes/sha3.js";
import { fromHex, utf8 } from "../base/index.ts";

// ERC-2612: an allowance given by a signature. https://eips.ethereum.org/EIPS/eip-2612

const permitTypeHash = keccak_256(
  utf8("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
);
const domainTypeHash = keccak_256(
  utf8("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
);
/** As NCNToken.sol names itself. */
const tokenDomainName = "NCN Token";

export interface PermitTerms {
  readonly chainId: number;
  readonly token: string;
  readonly owner: string;
  readonly spender: string;
  readonly valueWei: bigint;
  /** The owner's permit nonce in the token, not its account's nonce. */
  readonly nonce: bigint;
  /** Unix seconds. */
  readonly deadline: number;
}

export function permitDigest(terms: PermitTerms): Uint8Array {
  const domain = keccak_256(
    words(
      domainTypeHash,
      keccak_256(utf8(tokenDomainName)),
      keccak_256(utf8("1")),
      BigInt(terms.chainId),
      terms.token,
    ),
  );
  const permit = keccak_256(
    words(permitTypeHash, terms.owner, terms.spender, terms.valueWei, terms.nonce, BigInt(terms.deadline)),
  );
  return keccak_256(Buffer.concat([Uint8Array.of(0x19, 0x01), domain, permit]));
}

export function splitSignature(signature: Uint8Array): { v: number; r: Uint8Array; s: Uint8Array } {
  return { v: signature[64] ?? 0, r: signature.slice(0, 32), s: signature.slice(32, 64) };
}

function words(...values: readonly (Uint8Array | string | bigint)[]): Uint8Array {
  return Buffer.concat(
    values.map((value) => {
      if (value instanceof Uint8Array) return value;
      const hex = typeof value === "string" ? value.slice(2) : value.toString(16);
      return fromHex(hex.padStart(64, "0"));
    }),
  );
}
