import { addressPattern } from "../../base/index.ts";

// What a field of a record's payload may hold. Each check answers the problem, or undefined: no record is worth a throw.

export type Problem = string | undefined;

/** Ids, versions, categories, capabilities. */
export const maxNameLength = 128;
/** Paths, URLs, multiaddrs, host:port. */
export const maxPathLength = 512;
export const maxDescriptionLength = 1024;

const encoder = new TextEncoder();

export function text(field: string, value: string, maxBytes: number, minBytes = 0): Problem {
  // A UTF-16 unit is up to three bytes of UTF-8: most values need no encoding to be known as short enough.
  const length =
    value.length * 3 <= maxBytes && minBytes <= value.length ? value.length : encoder.encode(value).length;
  return length < minBytes || length > maxBytes
    ? `${field} must have ${minBytes} to ${maxBytes} bytes`
    : undefined;
}

export function count(field: string, values: readonly unknown[], max: number): Problem {
  return values.length > max ? `${field} has more than ${max} entries` : undefined;
}

export function texts(field: string, values: readonly string[], max: number, maxBytes: number): Problem {
  return count(field, values, max) ?? firstProblem(values, (value) => text(field, value, maxBytes, 1));
}

export function wholeNumber(field: string, value: number, max: number = Number.MAX_SAFE_INTEGER): Problem {
  return Number.isSafeInteger(value) && value >= 0 && value <= max
    ? undefined
    : `${field} must be a whole number from 0 to ${max}`;
}

/** Decimal digits without leading zeros, below 2^256. */
export function wei(field: string, value: string): Problem {
  const isAmount = /^(0|[1-9]\d{0,77})$/.test(value) && BigInt(value) < 2n ** 256n;
  return isAmount ? undefined : `${field} must be an amount in wei: decimal digits`;
}

/** Any case; compared in lower case. */
export function address(field: string, value: string): Problem {
  return addressPattern.test(value) ? undefined : `${field} must be an address: 0x and 40 hex digits`;
}

export function oneOf(field: string, value: string, allowed: readonly string[]): Problem {
  return allowed.includes(value) ? undefined : `${field} must be one of ${allowed.join(", ")}`;
}

export function transactionHash(field: string, value: string): Problem {
  return value === "" || /^0x[0-9a-fA-F]{64}$/.test(value)
    ? undefined
    : `${field} must be 0x and 64 hex digits`;
}

export function firstProblem<T>(values: readonly T[], check: (value: T) => Problem): Problem {
  for (const value of values) {
    const problem = check(value);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
