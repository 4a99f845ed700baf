import { setTimeout as wait } from "node:timers/promises";
import { noise } from "@chainsafe/libp2p-noise";
import { yamux } from "@chainsafe/libp2p-yamux";
import { type GossipSub, gossipsub } from "@libp2p/gossipsub";
import { type Identify, identify } from "@libp2p/identify";
import type { Libp2p, Startable } from "@libp2p/interface";
import { tcp } from "@libp2p/tcp";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p } from "libp2p";
import {
  createPeerKey,
  type Libp2pMesh,
  type MeshOptions,
  protocolId,
  startMesh,
} from "../../../src/mesh/index.ts";

export const network = "test-01234567";

/** The library's class can be stopped; its exported interface does not say so. */
type RawGossip = (...components: Parameters<ReturnType<typeof gossipsub>>) => GossipSub & Startable;
export type RawPeer = Libp2p<{ identify: Identify; pubsub: GossipSub & Startable }>;

/** The nodes of one test, all stopped at its end. */
export class TestNetwork {
  readonly #stops: (() => Promise<void>)[] = [];

  /** A node on a free port of the loopback. */
  async node(options: Partial<MeshOptions> = {}): Promise<Libp2pMesh> {
    const mesh = await startMesh({
      network,
      privateKey: await createPeerKey(),
      listen: ["/ip4/127.0.0.1/tcp/0"],
      gossip: { heartbeatMs: 200 },
      ...options,
    });
    this.#stops.push(() => mesh.stop());
    return mesh;
  }

  /** A peer that passes for one of the network and is driven by the test. */
  async rawPeer(ofNetwork = network): Promise<RawPeer> {
    const peer = await createLibp2p({
      addresses: { listen: ["/ip4/127.0.0.1/tcp/0"] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      services: { identify: identify(), pubsub: gossipsub({ fallbackToFloodsub: false }) as RawGossip },
    });
    this.#stops.push(async () => peer.stop());
    await peer.handle(protocolId(ofNetwork, "info"), (stream) => stream.abort(new Error("no info")));
    return peer;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#stops.splice(0).map((stop) => stop()));
  }
}

export function dial(peer: RawPeer, mesh: Libp2pMesh) {
  return peer.dial(mesh.addresses().map((address) => multiaddr(address)));
}

/** Resolves when the mesh has this peer. */
export function peerJoins(mesh: Libp2pMesh, peerId: string): Promise<void> {
  return new Promise((resolve) => {
    const cancel = mesh.onPeer((id) => {
      if (id !== peerId) return;
      // The listener may be called before onPeer has returned.
      queueMicrotask(() => cancel());
      resolve();
    });
  });
}

/** For states that no event announces. The test's own time limit ends it. */
export async function eventually(isSo: () => boolean): Promise<void> {
  while (!isSo()) await wait(5);
}

/** Resolves when every node has all the others as subscribers of the topic and some of them as neighbours. */
export function gossipReady(nodes: readonly Libp2pMesh[], topic: string): Promise<void> {
  return eventually(() =>
    nodes.every((node) => {
      const view = node.topics().find((one) => one.topic === topic);
      return view !== undefined && view.subscribers >= nodes.length - 1 && view.mesh > 0;
    }),
  );
}

export const soon = (): AbortSignal => AbortSignal.timeout(10_000);
