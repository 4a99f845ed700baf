import { multiaddr } from "@multiformats/multiaddr";
import { z } from "zod";
import { defaultPeersPerPrefix } from "./limits.ts";

const address = z
  .string()
  .max(256)
  .refine(isMultiaddr, "a multiaddr such as /ip4/192.0.2.1/tcp/8828/p2p/12D3Koo…");
const peerId = z.string().regex(/^[1-9A-HJ-NP-Za-km-z]{40,64}$/, "a peer id such as 12D3Koo…");

function isMultiaddr(text: string): boolean {
  try {
    multiaddr(text);
    return true;
  } catch {
    return false;
  }
}

/** The `mesh` part of a node's configuration file. */
export const meshConfigSchema = z.strictObject({
  /** Where to listen. */
  listen: z.array(address).max(16).default(["/ip4/0.0.0.0/tcp/8828"]),
  /** What to tell others instead of the addresses that the machine itself can see; for nodes behind a NAT. */
  announce: z.array(address).max(16).default([]),
  /** Peers to join by; with their peer ids, so that nobody can stand in for them. */
  bootstrap: z.array(address).max(64).default([]),
  /** Below this many connected peers the node looks for more. */
  wanted_peers: z.int().min(1).max(256).default(16),
  /** Connections that one public prefix (IPv4 /24, IPv6 /48) may hold; private addresses are not counted. */
  peers_per_prefix: z.int().min(1).max(300).default(defaultPeersPerPrefix),
  /** When not empty, only these peers may connect. */
  allow: z.array(peerId).max(10_000).default([]),
  deny: z.array(peerId).max(10_000).default([]),
  gossip: z
    .strictObject({
      degree: z.int().min(2).max(16).default(3),
      heartbeat_ms: z.int().min(100).max(10_000).default(700),
    })
    .prefault({}),
});

export type MeshConfig = z.infer<typeof meshConfigSchema>;
