import { noise } from "@chainsafe/libp2p-noise";
import { yamux } from "@chainsafe/libp2p-yamux";
import { type GossipSub, gossipsub } from "@libp2p/gossipsub";
import { type Identify, identify } from "@libp2p/identify";
import type { Libp2p, Startable } from "@libp2p/interface";
import { tcp } from "@libp2p/tcp";
import { createLibp2p } from "libp2p";
import { createPeerKey, startMesh } from "../../../src/mesh/index.ts";

export const network = "bench-01234567";
const listen = ["/ip4/127.0.0.1/tcp/0"];
const plainTopic = "bench";
/** The library's rule against many peers at one address refuses any network in one process. */
const scoreParams = { IPColocationFactorWeight: 0 };
/** libp2p's default of 5 connections a second and host would hold up the start of both sides alike. */
const inboundConnectionThreshold = 1_000;

/** One node of either kind. */
export interface GossipNode {
  readonly addresses: readonly string[];
  publish(data: Uint8Array): Promise<unknown>;
  /** Whether it knows so many subscribers and has gossip neighbours. */
  isReady(subscribers: number): boolean;
  stop(): Promise<void>;
}

export type OnMessage = (node: number, data: Uint8Array) => void;
export type OpenNetwork = (count: number, onMessage: OnMessage) => Promise<GossipNode[]>;

/** Nodes of this program's mesh, with its defaults. */
export const openMeshes: OpenNetwork = async (count, onMessage) => {
  const nodes: GossipNode[] = [];
  for (let index = 0; index < count; index++) {
    const mesh = await startMesh({
      network,
      privateKey: await createPeerKey(),
      listen,
      bootstrap: nodes.flatMap(({ addresses }) => addresses),
    });
    mesh.subscribe("records", ({ data }) => {
      onMessage(index, data);
      // As a replica does with what is none of its records.
      return data[0] === 1 ? "accept" : "ignore";
    });
    const view = () => mesh.topics().find(({ topic }) => topic === "records");
    nodes.push({
      addresses: mesh.addresses(),
      publish: (data) => mesh.publish("records", data),
      isReady: (subscribers) => (view()?.subscribers ?? 0) >= subscribers && (view()?.mesh ?? 0) > 0,
      stop: () => mesh.stop(),
    });
  }
  return nodes;
};

/** The library's class can be stopped; its exported interface does not say so. */
type RawGossip = (...components: Parameters<ReturnType<typeof gossipsub>>) => GossipSub & Startable;
type PlainPeer = Libp2p<{ identify: Identify; pubsub: GossipSub & Startable }>;

/** libp2p hosts with gossipsub's defaults (but that a deaf one's message is lost, not an error), each connected to all before it. */
export const openPlain: OpenNetwork = async (count, onMessage) => {
  const peers: PlainPeer[] = [];
  for (let index = 0; index < count; index++) {
    const peer: PlainPeer = await createLibp2p({
      addresses: { listen },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      connectionManager: { inboundConnectionThreshold },
      services: {
        identify: identify(),
        pubsub: gossipsub({ allowPublishToZeroTopicPeers: true, scoreParams }) as RawGossip,
      },
    });
    peer.services.pubsub.addEventListener("message", ({ detail }) => onMessage(index, detail.data));
    peer.services.pubsub.subscribe(plainTopic);
    for (const other of peers) await peer.dial(other.getMultiaddrs());
    peers.push(peer);
  }
  return peers.map((peer) => {
    const { pubsub } = peer.services;
    const meshOf = () =>
      (pubsub as unknown as { getMeshPeers(topic: string): string[] }).getMeshPeers(plainTopic);
    return {
      addresses: peer.getMultiaddrs().map(String),
      publish: (data) => pubsub.publish(plainTopic, data),
      isReady: (subscribers) =>
        pubsub.getSubscribers(plainTopic).length >= subscribers && meshOf().length > 0,
      stop: async () => peer.stop(),
    };
  });
};
