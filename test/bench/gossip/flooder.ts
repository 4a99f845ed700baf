// A thread that joins the mesh at one node and sends it gossip as fast as it can, until it is ended.
import { workerData } from "node:worker_threads";
import { noise } from "@chainsafe/libp2p-noise";
import { yamux } from "@chainsafe/libp2p-yamux";
import { gossipsub } from "@libp2p/gossipsub";
import { identify } from "@libp2p/identify";
import { tcp } from "@libp2p/tcp";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p } from "libp2p";
import { protocolId, topicId } from "../../../src/mesh/index.ts";

const { address, network, bytes } = workerData as { address: string; network: string; bytes: number };
const peer = await createLibp2p({
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  services: { identify: identify(), pubsub: gossipsub({ allowPublishToZeroTopicPeers: true }) },
});
await peer.handle(protocolId(network, "info"), (stream) => stream.abort(new Error("no info")));
await peer.dial(multiaddr(address));
const topic = topicId(network, "records");
const { pubsub } = peer.services;
pubsub.subscribe(topic);
const data = new Uint8Array(bytes);
for (;;) {
  // What waits to be sent is bounded by the library, which throws; that is as fast as it goes.
  for (let index = 0; index < 50; index++) await pubsub.publish(topic, data).catch(() => {});
  await new Promise((resolve) => setImmediate(resolve));
}
