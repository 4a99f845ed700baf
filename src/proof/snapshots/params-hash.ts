import { canonicalJson, sha256 } from "../../base/bytes.ts";

/**
 * SHA-256 of the RFC 8785 JSON of all parameters of the `Config` contract, by name. Amounts are strings of decimal digits,
 * since a JSON number cannot hold them.
 */
export function paramsHash(parameters: Readonly<Record<string, bigint | number>>): Uint8Array {
  const entries = Object.entries(parameters).map(([name, value]) => [name, value.toString()]);
  return sha256(canonicalJson(Object.fromEntries(entries)));
}
