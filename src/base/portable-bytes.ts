import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";

/** What bytes.ts does where there is no Node.js: in a browser. */
export interface BytesCode {
  /** Of bytes, or of a text's UTF-8. */
  sha256(data: Uint8Array | string): Uint8Array;
  /** Lower-case digits without `0x`. */
  toDigits(bytes: Uint8Array): string;
  fromDigits(digits: string): Uint8Array;
  equal(a: Uint8Array, b: Uint8Array): boolean;
}

const textEncoder = new TextEncoder();

export const portableBytes: BytesCode = {
  sha256: (data) => sha256(typeof data === "string" ? textEncoder.encode(data) : data),
  toDigits: bytesToHex,
  fromDigits: hexToBytes,
  equal: (a, b) => a.length === b.length && a.every((byte, index) => byte === b[index]),
};
