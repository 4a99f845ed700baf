import { BlockList, isIP, isIPv4 } from "node:net";
import { z } from "zod";

// Whose word counts on where a request came from. X-Forwarded-For is written by whoever sends it: each proxy adds the
// address that it saw, so the list is believed from its end, as far as it names proxies of ours.

const rangeSchema = z.string().refine(isRange, "an IP address or range, such as 10.0.0.7 or 10.0.0.0/8");

/** Addresses and ranges of proxies that may say whom they speak for. */
export const trustedProxiesSchema = z.array(rangeSchema).max(1_000).default([]);

function isRange(text: string): boolean {
  const [address = "", bits, ...more] = text.split("/");
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

/** More hops than any chain of proxies has. */
const maxHops = 20;

export class TrustedProxies {
  readonly #ranges = new BlockList();

  constructor(ranges: readonly string[]) {
    for (const range of ranges) {
      const [address = "", bits] = range.split("/");
      const family = isIPv4(address) ? "ipv4" : "ipv6";
      if (bits === undefined) this.#ranges.addAddress(address, family);
      else this.#ranges.addSubnet(address, Number(bits), family);
    }
  }

  has(address: string): boolean {
    const plain = plainAddress(address);
    const family = isIP(plain);
    return family !== 0 && this.#ranges.check(plain, family === 4 ? "ipv4" : "ipv6");
  }

  /** Who a request is from: the last address that none of ours has only passed on. */
  clientOf(socketAddress: string, forwardedFor: string | undefined): string {
    const hops = (forwardedFor ?? "").split(",").slice(-maxHops);
    let client = plainAddress(socketAddress);
    while (this.has(client)) {
      const before = plainAddress(hops.pop()?.trim() ?? "");
      if (isIP(before) === 0) break;
      client = before;
    }
    return client;
  }
}

/** IPv4 addresses come as IPv6 on a socket that takes both. */
export function plainAddress(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
}
