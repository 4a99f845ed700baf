import { addressPattern, CountersignError, invalidField } from "../base/index.ts";

// One function per form of field. Each takes the field's path and its value as decoded from any facade, and
// answers the normalised value or throws INVALID_ARGUMENT naming the field and what is allowed. An unset
// proto3 field arrives as "", 0, false or null, so these count as unset everywhere.

export type Message = Readonly<Record<string, unknown>>;

/** A request id, a node id or a model uuid: long enough for a URL-like name, short enough for a table's key. */
export const maxIdCharacters = 128;
/** A prompt with its documents. */
export const maxInputBytes = 1 << 20;
/** A result may carry an image; with its receipt it fits the 4 MiB that gRPC clients receive unless told otherwise. */
export const maxOutputBytes = 2 << 20;
export const maxModels = 256;
export const maxCapabilities = 64;
export const maxCapabilityCharacters = 64;
/** A node with more work than this in hand reports the oldest. */
export const maxActiveRequests = 4_096;
/** Names, versions, categories, formats: as much as a record takes. */
export const maxNameBytes = 128;
export const maxDescriptionBytes = 1_024;
export const maxPathBytes = 512;
/** A compute node's own words about what went wrong. */
export const maxErrorBytes = 4_096;
/** A self-contained, signed quote. */
export const maxQuoteIdCharacters = 512;
export const maxAddresses = 32;
export const maxAddressCharacters = 256;
/** One page of a list; more is asked for by narrower filters. */
export const maxListLimit = 1_000;
export const defaultListLimit = 100;
const maxUint32 = 0xffff_ffff;
const maxUint64 = (1n << 64n) - 1n;
/** 2^256 − 1: what a contract can hold. */
const maxWei = ((1n << 256n) - 1n).toString();

const requestIdPattern = /^[A-Za-z0-9._:-]{1,128}$/;
const visiblePattern = /^[\x21-\x7e]{1,128}$/;
const capabilityPattern = /^[\x21-\x7e]{1,64}$/;
const quoteIdPattern = /^[A-Za-z0-9._-]{1,512}$/;
const hashPattern = /^0x[0-9a-fA-F]{64}$/;
const signaturePattern = /^0x[0-9a-fA-F]{130}$/;
const digitsPattern = /^[0-9]{1,78}$/;
const hostPattern = /^[A-Za-z0-9.:_-]{1,253}$/;

const requestIdForm = "1 to 128 of A-Z, a-z, 0-9 and . _ : -";
const visibleForm = "1 to 128 visible ASCII characters without spaces";
const addressForm = "an address: 0x and 40 hex digits";

/** How much of a bad text is looked at to show it. */
const shownCharacters = 100;

/** The refusal of a field. The value is cut and flattened first: it may be megabytes, or an object that JSON cannot hold. */
export function refused(field: string, value: unknown, allowed: string): CountersignError {
  return invalidField(field, shownForm(value), allowed);
}

function shownForm(value: unknown): unknown {
  if (typeof value === "string") return value.slice(0, shownCharacters);
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  return typeof value === "function" ? "a function" : value;
}

function tooLarge(field: string, bytes: number, maxBytes: number): CountersignError {
  return new CountersignError(
    "TOO_LARGE",
    `${field}: ${bytes} bytes are not allowed; expected at most ${maxBytes}`,
    {
      field,
      allowed: `at most ${maxBytes} bytes`,
    },
  );
}

export function isUnset(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}

/** The message itself, or a nested one that must be there. */
export function messageOf(field: string, value: unknown): Message {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw refused(field, value, "a message");
  return value as Message;
}

/** Free text, "" when unset. */
export function text(field: string, value: unknown, maxBytes: number): string {
  if (isUnset(value)) return "";
  if (typeof value !== "string" || !fits(value, maxBytes)) {
    throw refused(field, value, `a text of at most ${maxBytes} bytes`);
  }
  return value;
}

/** A UTF-16 unit takes one to three bytes of UTF-8, so most texts need no counting. */
function fits(value: string, maxBytes: number): boolean {
  if (value.length * 3 <= maxBytes) return true;
  return value.length <= maxBytes && Buffer.byteLength(value) <= maxBytes;
}

export function requestId(field: string, value: unknown): string {
  if (typeof value !== "string" || !requestIdPattern.test(value)) throw refused(field, value, requestIdForm);
  return value;
}

/** A request id, or `client address/request id` where two clients use one id. */
export function taskId(field: string, value: unknown): string {
  if (typeof value !== "string") throw refused(field, value, requestIdForm);
  const slash = value.indexOf("/");
  if (slash < 0) return requestId(field, value);
  return `${address(field, value.slice(0, slash))}/${requestId(field, value.slice(slash + 1))}`;
}

export function optionalRequestId(field: string, value: unknown): string {
  return isUnset(value) ? "" : requestId(field, value);
}

/** A model uuid or a node id. */
export function identifier(field: string, value: unknown): string {
  if (typeof value !== "string" || !visiblePattern.test(value)) throw refused(field, value, visibleForm);
  return value;
}

export function optionalIdentifier(field: string, value: unknown): string | null {
  return isUnset(value) ? null : identifier(field, value);
}

export function capability(field: string, value: unknown): string {
  if (typeof value !== "string" || !capabilityPattern.test(value)) {
    throw refused(field, value, "1 to 64 visible ASCII characters without spaces");
  }
  return value;
}

/** Lower-case. */
export function address(field: string, value: unknown): string {
  if (typeof value !== "string" || !addressPattern.test(value)) throw refused(field, value, addressForm);
  return value.toLowerCase();
}

/** "" when unset. */
export function optionalAddress(field: string, value: unknown): string {
  return isUnset(value) ? "" : address(field, value);
}

export function quoteId(field: string, value: unknown): string {
  if (typeof value !== "string" || !quoteIdPattern.test(value)) {
    throw refused(
      field,
      value,
      "the id of a quote from EstimateSubnetFee: 1 to 512 of A-Z, a-z, 0-9 and . _ -",
    );
  }
  return value;
}

export function transactionHash(field: string, value: unknown): string {
  if (typeof value !== "string" || !hashPattern.test(value)) {
    throw refused(field, value, "a transaction hash: 0x and 64 hex digits");
  }
  return value.toLowerCase();
}

export function optionalTransactionHash(field: string, value: unknown): string {
  return isUnset(value) ? "" : transactionHash(field, value);
}

export function signature(field: string, value: unknown): string {
  if (typeof value !== "string" || !signaturePattern.test(value)) {
    throw refused(field, value, "a signature: 0x and 130 hex digits");
  }
  return value.toLowerCase();
}

export function optionalSignature(field: string, value: unknown): string {
  return isUnset(value) ? "" : signature(field, value);
}

/** An amount as decimal digits without leading zeros; "0" when unset. */
export function wei(field: string, value: unknown): string {
  if (isUnset(value)) return "0";
  if (typeof value !== "string" || !digitsPattern.test(value)) {
    throw refused(field, value, "an amount in wei: 1 to 78 decimal digits");
  }
  const digits = value.charCodeAt(0) === 0x30 ? value.replace(/^0+(?=.)/, "") : value;
  if (digits.length === maxWei.length && digits > maxWei)
    throw refused(field, value, "an amount below 2^256 wei");
  return digits;
}

export function host(field: string, value: unknown): string {
  if (isUnset(value)) return "";
  if (typeof value !== "string" || !hostPattern.test(value))
    throw refused(field, value, "an IP address or host name");
  return value;
}

/** A whole number, 0 when unset. */
export function count(field: string, value: unknown, max: number = maxUint32): number {
  if (value === undefined || value === null) return 0;
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0 || value > max) {
    throw refused(field, value, `a whole number from 0 to ${max}`);
  }
  return value === 0 ? 0 : value;
}

/** Unix seconds, 0 when unset. */
export function timestamp(field: string, value: unknown): number {
  if (value === undefined || value === null) return 0;
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
    throw refused(field, value, "a time in whole unix seconds");
  }
  return value === 0 ? 0 : value;
}

export function optionalTimestamp(field: string, value: unknown): number | null {
  return isUnset(value) ? null : timestamp(field, value);
}

/** 0 to 1; 0 when unset. */
export function load(field: string, value: unknown): number {
  if (value === undefined || value === null) return 0;
  if (typeof value !== "number" || !(value >= 0 && value <= 1))
    throw refused(field, value, "a load from 0 to 1");
  return value;
}

export function flag(field: string, value: unknown): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value !== "boolean") throw refused(field, value, "true or false");
  return value;
}

/** How many entries to answer: the default when unset. */
export function listLimit(field: string, value: unknown): number {
  return count(field, value, maxListLimit) || defaultListLimit;
}

/** A subnet's id; JSON facades may hand in a safe number. */
export function subnetId(field: string, value: unknown): bigint {
  if (typeof value === "bigint" && value > 0n && value <= maxUint64) return value;
  if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return BigInt(value);
  throw refused(field, value, "a subnet id: a whole number from 1 to 18446744073709551615");
}

/** Null when unset; no subnet has the id 0. */
export function optionalSubnetId(field: string, value: unknown): bigint | null {
  if (isUnset(value) || value === 0 || value === 0n) return null;
  return subnetId(field, value);
}

/** 32 bytes. */
export function hash(field: string, value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array) || value.length !== 32)
    throw refused(field, value, "a SHA-256 hash: 32 bytes");
  return value;
}

export function optionalHash(field: string, value: unknown): Uint8Array | null {
  return isUnset(value) || (value instanceof Uint8Array && value.length === 0) ? null : hash(field, value);
}

export function oneOf<T extends string>(field: string, value: unknown, allowed: readonly T[]): T {
  if (typeof value !== "string" || !allowed.includes(value as T)) {
    throw refused(field, value, `one of ${allowed.join(", ")}`);
  }
  return value as T;
}

/** Each entry checked under the path `field[i]`; [] when unset. */
export function list<T>(
  field: string,
  value: unknown,
  maxLength: number,
  check: (field: string, entry: unknown) => T,
): T[] {
  if (isUnset(value)) return [];
  if (!Array.isArray(value) || value.length > maxLength)
    throw refused(field, value, `at most ${maxLength} entries`);
  const checked = new Array<T>(value.length);
  for (let i = 0; i < value.length; i++) checked[i] = check(`${field}[${i}]`, value[i]);
  return checked;
}

/** A text of at most `maxBytes` in UTF-8. @throws TOO_LARGE */
export function sizedText(field: string, value: unknown, maxBytes: number): string {
  if (isUnset(value)) return "";
  if (typeof value !== "string") throw refused(field, value, "a text");
  if (!fits(value, maxBytes)) throw tooLarge(field, Buffer.byteLength(value), maxBytes);
  return value;
}
