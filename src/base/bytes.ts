import canonicalize from "canonicalize";
import { type BytesCode, portableBytes } from "./portable-bytes.ts";

// Receipts are verified in browsers too, so nothing here imports of Node.js: where it is, it is asked for its own code,
// which is several times as fast.

const nodeCrypto = globalThis.process?.getBuiltinModule?.("node:crypto");

const native: BytesCode =
  nodeCrypto === undefined
    ? portableBytes
    : {
        sha256: (data) => nodeCrypto.createHash("sha256").update(data).digest(),
        toDigits: (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex"),
        fromDigits: (digits) => new Uint8Array(Buffer.from(digits, "hex")),
        equal: (a, b) => a.length === b.length && Buffer.compare(a, b) === 0,
      };

const textEncoder = new TextEncoder();

export function utf8(text: string): Uint8Array {
  return textEncoder.encode(text);
}

/** Of bytes, or of a text's UTF-8. */
export function sha256(data: Uint8Array | string): Uint8Array {
  return native.sha256(data);
}

/** `0x` and lower-case hex. */
export function toHex(bytes: Uint8Array): string {
  return `0x${native.toDigits(bytes)}`;
}

/** Bytes of hex digits, with or without `0x`. The caller has checked the form. */
export function fromHex(hex: string): Uint8Array {
  return native.fromDigits(hex.startsWith("0x") ? hex.slice(2) : hex);
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return native.equal(a, b);
}

/** RFC 8785 canonical JSON. `value` holds JSON types only. */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError("value has no JSON form");
  return text;
}

export const addressPattern = /^0x[0-9a-fA-F]{40}$/;
export const zeroAddress = `0x${"0".repeat(40)}`;
