import { noise } from "@chainsafe/libp2p-noise";
import { yamux } from "@chainsafe/libp2p-yamux";
import { type GossipSub, gossipsub } from "@libp2p/gossipsub";
import { type Identify, type IdentifyPush, identify, identifyPush } from "@libp2p/identify";
import type { ComponentLogger, Libp2p, Logger as LibraryLogger } from "@libp2p/interface";
import { type KadDHT, kadDHT, passthroughMapper } from "@libp2p/kad-dht";
import { type Ping, ping } from "@libp2p/ping";
import { tcp } from "@libp2p/tcp";
import { createLibp2p, type Libp2pOptions } from "libp2p";
import type { Clock, Logger } from "../base/index.ts";
import { type GossipTuning, gossipsubOptions } from "./gossip.ts";
import {
  inboundConnectionsPerSecondAndHost,
  maxConnections,
  maxPendingInboundConnections,
  maxStreamsPerConnection,
} from "./limits.ts";
import type { PeerGuard } from "./peer-guard.ts";
import type { PeerKey } from "./peer-key.ts";
import { kademliaId } from "./protocol-ids.ts";
import { type DiskDatastore, WriteBehindDatastore } from "./write-behind-datastore.ts";

export interface HostServices extends Record<string, unknown> {
  identify: Identify;
  identifyPush: IdentifyPush;
  ping: Ping;
  dht: KadDHT;
  pubsub: GossipSub;
}

export type Host = Libp2p<HostServices>;
export type Transport = NonNullable<Libp2pOptions["transports"]>[number];
export type OpenDatastore = (folder: string) => Promise<DiskDatastore>;

export interface HostOptions {
  readonly network: string;
  readonly version: string;
  readonly privateKey: PeerKey;
  readonly listen: readonly string[];
  readonly announce: readonly string[];
  readonly datastoreFolder: string | undefined;
  readonly openDatastore: OpenDatastore | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly gossip: GossipTuning;
  readonly guard: PeerGuard;
  readonly transport: Transport | undefined;
}

const dhtPrefix = "/dht";
/** A dead connection is found by this; a busy peer that answers late keeps it. The same after an outage: libp2p would wait up to 60 s then. */
const pingEveryMs = 10_000;
const pingTimeoutMs = 20_000;
/** Peers of the last run are worth a try for a week; libp2p forgets after hours by default. */
const rememberPeersMs = 7 * 24 * 3_600_000;

const nothing = (): void => {};
const silent: LibraryLogger = Object.assign(nothing, {
  error: nothing,
  trace: nothing,
  enabled: false,
  newScope: () => silent,
});
/** The libraries' own log formats every frame it passes; what an operator needs is logged by this folder. */
const silentComponents: ComponentLogger = { forComponent: () => silent };

/** The libp2p host with this network's services, not yet started. */
export async function createHost(
  options: HostOptions,
): Promise<{ host: Host; closeDatastore: () => Promise<void> }> {
  const datastore = await openDatastore(options);
  const host = await createLibp2p<HostServices>({
    start: false,
    privateKey: options.privateKey,
    logger: silentComponents,
    nodeInfo: { name: "countersign", version: options.version, userAgent: `countersign/${options.version}` },
    addresses: { listen: [...options.listen], announce: [...options.announce] },
    transports: [options.transport ?? tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [
      yamux({ maxInboundStreams: maxStreamsPerConnection, maxOutboundStreams: maxStreamsPerConnection }),
    ],
    connectionGater: options.guard.gater(),
    connectionManager: {
      maxConnections,
      inboundConnectionThreshold: inboundConnectionsPerSecondAndHost,
      maxIncomingPendingConnections: maxPendingInboundConnections,
    },
    connectionMonitor: {
      pingInterval: pingEveryMs,
      pingTimeout: { minTimeout: pingTimeoutMs, maxTimeout: pingTimeoutMs },
    },
    peerStore: { maxAddressAge: rememberPeersMs, maxPeerAge: rememberPeersMs },
    ...(datastore === undefined ? {} : { datastore }),
    services: {
      identify: identify(),
      identifyPush: identifyPush(),
      // The connection monitor and the DHT ping the same peer at times; one stream too many would cost the connection.
      ping: ping({ maxInboundStreams: 16, maxOutboundStreams: 16 }),
      dht: kadDHT({
        protocol: kademliaId(options.network),
        clientMode: false,
        // Networks on private addresses are networks too; a dial proves an address.
        peerInfoMapper: passthroughMapper,
        allowQueryWithZeroPeers: true,
        datastorePrefix: dhtPrefix,
      }),
      pubsub: gossipsub(gossipsubOptions(options.network, options.gossip)),
    },
  });
  return { host, closeDatastore: async () => datastore?.close() };
}

async function openDatastore({ datastoreFolder, openDatastore = openLevel, clock, logger }: HostOptions) {
  if (datastoreFolder === undefined) return undefined;
  const disk = await openDatastore(datastoreFolder);
  // The DHT would provide again what an earlier run had, for ever. What this run has it says itself; others repeat theirs.
  return WriteBehindDatastore.open(disk, { clock, logger, volatile: dhtPrefix });
}

/** LevelDB is native code: loaded only by nodes that keep their peers. */
async function openLevel(folder: string): Promise<DiskDatastore> {
  const { LevelDatastore } = await import("datastore-level");
  const disk = new LevelDatastore(folder);
  await disk.open();
  return disk;
}
