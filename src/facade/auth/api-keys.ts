import { createHash } from "node:crypto";
import { CountersignError, type RandomBytes } from "../../base/index.ts";
import type { IncomingCall } from "../front/index.ts";

// An API key is 256 random bits behind a prefix by which people and secret scanners know it. So much chance cannot be
// tried out, so one SHA-256 without salt keeps it, and a key is found by its hash: nothing compares secrets byte by byte.

export const apiKeyPrefix = "csk_";
const keyBytes = 32;
/** Longer than any key; what is longer is not hashed. */
const maxShownCharacters = 512;
/** So many digits of a key's hash name it to people. */
export const keyIdDigits = 12;

export function newApiKey(random: RandomBytes): string {
  return apiKeyPrefix + Buffer.from(random(keyBytes)).toString("base64url");
}

/** 64 hex digits. */
export function hashOfKey(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

export function keyIdOf(hash: string): string {
  return hash.slice(0, keyIdDigits);
}

/**
 * The key that a call shows: a place of the protocol's own, `Nano-Api-Key`, or `Authorization: Bearer`.
 * Undefined where it shows none; empty where what it shows can be no key.
 * @throws CountersignError UNAUTHENTICATED for two different ones
 */
export function shownKey({ apiKey, header }: Pick<IncomingCall, "apiKey" | "header">): string | undefined {
  const authorization = header("authorization");
  const bearer = authorization && (/^bearer +([!-~]+) *$/i.exec(authorization)?.[1] ?? "");
  const shown = [apiKey, header("nano-api-key"), bearer].filter((key) => key !== undefined);
  if (new Set(shown).size > 1) {
    throw new CountersignError("UNAUTHENTICATED", "the call shows two different API keys; show one");
  }
  const [key] = shown;
  return key !== undefined && key.length > maxShownCharacters ? "" : key;
}
