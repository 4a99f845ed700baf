import type { NodeConfig } from "./config.ts";

/** A node's name to people: the configured one, or one made from its wallet's address. */
export function nodeIdOf(config: Pick<NodeConfig, "node_id">, wallet: string): string {
  return config.node_id ?? `node-${wallet.slice(2, 10)}`;
}
