import { isIPv6 } from "node:net";
import { ipv6Groups } from "../../mesh/ip-prefix.ts";

/**
 * Whom an address counts as. Every subscriber of IPv6 has the 2^64 addresses of a /64, so those are one caller; an IPv4
 * address is one, also in the form that a socket for both has it.
 */
export function callerOfAddress(address: string): string {
  const plain = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
  if (!isIPv6(plain)) return plain;
  const prefix = ipv6Groups(plain).slice(0, 4);
  return `${prefix.map((group) => group.toString(16)).join(":")}::/64`;
}
