import { addressPattern, fromHex } from "../base/bytes.ts";

// The fields of a task or a proposal, each checked as it is read. What does not fit throws, and the proposal is malformed.

export class Malformed extends Error {}

/** A request id or a node id: long enough for a URL-like name, short enough for a table's key. */
export const maxIdCharacters = 128;

export function id(text: string | null | undefined, maxCharacters: number): string {
  if (typeof text !== "string" || text === "" || text.length > maxCharacters) throw new Malformed();
  return text;
}

export function address(text: string | null | undefined): string {
  if (typeof text !== "string" || !addressPattern.test(text)) throw new Malformed();
  return text.toLowerCase();
}

export function whole(value: number | null | undefined): number {
  const given = value ?? 0;
  if (!Number.isSafeInteger(given) || given < 0) throw new Malformed();
  return given;
}

export function positive(value: number | null | undefined): number {
  const given = whole(value);
  if (given === 0) throw new Malformed();
  return given;
}

export function hash(bytes: Uint8Array | null | undefined): Uint8Array {
  if (bytes?.length !== 32) throw new Malformed();
  return bytes;
}

export const signaturePattern = /^0x[0-9a-fA-F]{130}$/;

export function signatureBytes(text: string | null | undefined): Uint8Array {
  if (typeof text !== "string" || !signaturePattern.test(text)) throw new Malformed();
  return fromHex(text);
}
