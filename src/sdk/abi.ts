import { fromHex, utf8 } from "../base/bytes.ts";

// Calls of the network's contracts as EVM bytes: the few that a client makes, so that a page need not load a library.
// https://docs.soliditylang.org/en/latest/abi-spec.html ; a test compares every call with ethers.

export const selectors = {
  approve: "0x095ea7b3",
  allowance: "0xdd62ed3e",
  balanceOf: "0x70a08231",
  nonces: "0x7ecebe00",
  escrows: "0x2d83549c",
  validatorOf: "0xf666d1b2",
  initiateInferenceRequest: "0xc98eee49",
  initiateWithPermit: "0xf2f4f141",
} as const;

/** Topics of the escrow contract's events; the request's key is the second topic of each. */
export const escrowTopics = {
  InferenceInitiated: "0xd33947eef84252aa5da1455dfb9ab4c0b57105e14f290bda60934880837a87cd",
  InferenceCompleted: "0x3e65212cddbfb7d0cd3708429ed6c9beded490626490fdf3856ec89b2ee561d1",
  InferenceRefunded: "0x0b5d0e843d613e23e6271d316136b8c1bdb795b38fe957e69decf908351d00f0",
} as const;

/** A number; an address or 32 bytes in hex; and what has no fixed length. */
export type AbiValue =
  | bigint
  | string
  | { readonly bytes: Uint8Array }
  | { readonly list: readonly AbiValue[] }
  /** With a member of no fixed length. */
  | { readonly tuple: readonly AbiValue[] };

/** Hex of a call. */
export function encodeCall(name: keyof typeof selectors, values: readonly AbiValue[]): string {
  return selectors[name] + encodeAll(values);
}

export const text = (value: string): AbiValue => ({ bytes: utf8(value) });
export const bytes = (hex: string): AbiValue => ({ bytes: fromHex(hex) });

const wordDigits = 64;

function word(value: bigint | string): string {
  const digits = typeof value === "bigint" ? value.toString(16) : value.slice(2).toLowerCase();
  if (digits.length > wordDigits || digits.startsWith("-")) throw new RangeError(`${value} fits no word`);
  return digits.padStart(wordDigits, "0");
}

/** Heads first, then the tails that they point at. */
function encodeAll(values: readonly AbiValue[]): string {
  let heads = "";
  let tails = "";
  for (const value of values) {
    if (typeof value !== "object") {
      heads += word(value);
      continue;
    }
    heads += word(BigInt(values.length * 32 + tails.length / 2));
    tails += tailOf(value);
  }
  return heads + tails;
}

function tailOf(value: Exclude<AbiValue, bigint | string>): string {
  if ("tuple" in value) return encodeAll(value.tuple);
  if ("list" in value) return word(BigInt(value.list.length)) + encodeAll(value.list);
  const digits = [...value.bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const padded = digits.padEnd(Math.ceil(digits.length / wordDigits) * wordDigits, "0");
  return word(BigInt(value.bytes.length)) + padded;
}

/** The words of an answer, each `0x` and 64 digits. @throws RangeError when it has fewer */
export function words(answer: string, count: number): string[] {
  const digits = answer.slice(2);
  if (!/^0x[0-9a-fA-F]*$/.test(answer) || digits.length < count * wordDigits)
    throw new RangeError("the contract's answer is too short");
  return Array.from({ length: count }, (_, index) => `0x${digits.slice(index * 64, index * 64 + 64)}`);
}
