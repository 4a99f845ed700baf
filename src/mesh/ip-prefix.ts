import { BlockList, isIPv4, isIPv6 } from "node:net";
import type { Multiaddr } from "@multiformats/multiaddr";

// One operator easily has all addresses of an IPv4 /24 or an IPv6 /48, and seldom many such prefixes.

/** Address ranges that mean different machines on different networks, or only this one (RFC 6890, RFC 4193). */
const privateRanges = new BlockList();
for (const [net, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
] as const)
  privateRanges.addSubnet(net, bits, "ipv4");
for (const [net, bits] of [
  ["::", 127],
  ["fc00::", 7],
  ["fe80::", 10],
] as const)
  privateRanges.addSubnet(net, bits, "ipv6");

/** The public prefix of an IP address: IPv4 /24, IPv6 /48. Undefined for private and loopback addresses, and for what is no address. */
export function prefixOfIp(ip: string): string | undefined {
  if (isIPv4(ip)) return prefixOfIpv4(ip);
  if (!isIPv6(ip)) return undefined;
  const groups = ipv6Groups(ip);
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (isMapped) {
    const [high = 0, low = 0] = groups.slice(6);
    return prefixOfIpv4([high >> 8, high & 0xff, low >> 8, low & 0xff].join("."));
  }
  if (privateRanges.check(ip, "ipv6")) return undefined;
  return `${groups
    .slice(0, 3)
    .map((group) => group.toString(16))
    .join(":")}::/48`;
}

/** The public prefix of the machine that a multiaddr leads to; of names and of what is not IP there is none. */
export function prefixOfAddress(address: Multiaddr): string | undefined {
  const first = address.getComponents()[0];
  return first?.name === "ip4" || first?.name === "ip6" ? prefixOfIp(first.value ?? "") : undefined;
}

function prefixOfIpv4(ip: string): string | undefined {
  return privateRanges.check(ip, "ipv4") ? undefined : `${ip.slice(0, ip.lastIndexOf("."))}.0/24`;
}

/** The eight groups of a valid IPv6 address. */
export function ipv6Groups(ip: string): number[] {
  // The URL parser writes every form in one: an embedded IPv4 address and leading zeros are gone after it.
  const plain = new URL(`http://[${ip.split("%")[0]}]`).hostname.slice(1, -1);
  const [head = "", tail] = plain.split("::");
  const numbers = (part: string) =>
    part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16));
  const first = numbers(head);
  const last = tail === undefined ? [] : numbers(tail);
  return [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last];
}
