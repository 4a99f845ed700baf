import { type Clock, type Logger, silentLogger, systemClock } from "../base/index.ts";
import type { PrefixOf } from "./connection-counts.ts";
import { createHost, type OpenDatastore, type Transport } from "./create-host.ts";
import { defaultGossipTuning, type GossipTuning } from "./gossip.ts";
import { Libp2pMesh } from "./libp2p-mesh.ts";
import { defaultPeersPerPrefix } from "./limits.ts";
import { PeerGuard } from "./peer-guard.ts";
import type { PeerKey } from "./peer-key.ts";

export interface MeshOptions {
  /** Network id, `<name>-<8 hex>`. */
  readonly network: string;
  readonly privateKey: PeerKey;
  /** Multiaddrs; /ip4/0.0.0.0/tcp/8828 unless said. */
  readonly listen?: readonly string[];
  readonly announce?: readonly string[];
  readonly bootstrap?: readonly string[];
  readonly wantedPeers?: number;
  /** Folder of the libp2p datastore (known peers, DHT records); memory when absent. */
  readonly datastoreFolder?: string;
  /** Instead of LevelDB, such as memory that outlives a simulated node. */
  readonly openDatastore?: OpenDatastore;
  readonly gossip?: Partial<GossipTuning>;
  /** Peer ids; when `allow` is not empty only those may connect. */
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
  /** Connections that one public IP prefix may hold. */
  readonly peersPerPrefix?: number;
  /** Instead of IPv4 /24 and IPv6 /48, such as for a network in memory. */
  readonly prefixOf?: PrefixOf;
  /** What the info protocol answers. Features are read anew for each answer. */
  readonly version?: string;
  readonly features?: () => readonly string[];
  /** This node's id, told to peers; its record proves it. */
  readonly nodeId?: string;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly logger?: Logger;
  /** Instead of TCP, such as the in-memory transport. */
  readonly transport?: Transport;
  /** Gives up the start. */
  readonly signal?: AbortSignal;
}

/**
 * Starts the libp2p side of a node. It resolves when the node listens; peers come after.
 * @throws the transport's error when an address cannot be listened on, the signal's reason when aborted
 */
export async function startMesh(options: MeshOptions): Promise<Libp2pMesh> {
  options.signal?.throwIfAborted();
  const clock = options.clock ?? systemClock;
  const version = options.version ?? "0";
  const gossip = { ...defaultGossipTuning, ...options.gossip };
  const guard = new PeerGuard({
    clock,
    allow: options.allow ?? [],
    deny: options.deny ?? [],
    trusted: (options.bootstrap ?? []).flatMap((address) => /\/p2p\/([^/]+)$/.exec(address)?.[1] ?? []),
    peersPerPrefix: options.peersPerPrefix ?? defaultPeersPerPrefix,
    ...(options.prefixOf === undefined ? {} : { prefixOf: options.prefixOf }),
  });
  const { host, closeDatastore } = await createHost({
    network: options.network,
    version,
    privateKey: options.privateKey,
    listen: options.listen ?? ["/ip4/0.0.0.0/tcp/8828"],
    announce: options.announce ?? [],
    datastoreFolder: options.datastoreFolder,
    openDatastore: options.openDatastore,
    clock,
    logger: options.logger ?? silentLogger,
    gossip,
    guard,
    transport: options.transport,
  });
  const mesh = new Libp2pMesh({
    host,
    closeDatastore,
    guard,
    network: options.network,
    bootstrap: options.bootstrap ?? [],
    wantedPeers: options.wantedPeers ?? 16,
    heartbeatMs: gossip.heartbeatMs,
    version,
    features: options.features ?? (() => []),
    nodeId: options.nodeId,
    clock,
    random: options.random ?? Math.random,
    logger: options.logger ?? silentLogger,
  });
  try {
    await mesh.start();
    options.signal?.throwIfAborted();
    return mesh;
  } catch (error) {
    await mesh.stop();
    throw error;
  }
}
