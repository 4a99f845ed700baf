import { peerIdFromPrivateKey } from "@libp2p/peer-id";
import { utf8 } from "../../../src/base/index.ts";
import { createPeerKey, type Libp2pMesh, startMesh } from "../../../src/mesh/index.ts";
import { freePort } from "../../support/free-port.ts";
import { until } from "../until.ts";

const network = "bench-01234567";
/** After this long a node that hears nothing is deaf. */
const patienceMs = 60_000;
const lookEveryMs = 50;

export interface DialRun {
  /** From the start of the nodes until each had gossip neighbours and knew all others as subscribers. */
  readonly settledMs: number;
  readonly deaf: number;
  readonly sent: number;
  readonly lost: number;
  /** Connections that had to be closed and dialled again for want of a gossip stream. */
  readonly mended: number;
}

/** So many nodes on TCP loopback dial each other at once; then each says something, and everybody is to hear it. */
export async function dialAtOnce(
  count: number,
  signal: AbortSignal,
  say: (text: string) => void,
): Promise<DialRun> {
  const patience = { withinMs: patienceMs, everyMs: lookEveryMs, signal };
  const peers = await Promise.all(
    Array.from({ length: count }, async () => ({
      privateKey: await createPeerKey(),
      port: await freePort(),
    })),
  );
  const bootstrap = peers.map(
    ({ privateKey, port }) => `/ip4/127.0.0.1/tcp/${port}/p2p/${peerIdFromPrivateKey(privateKey)}`,
  );
  const startedMs = performance.now();
  const nodes = await Promise.all(
    peers.map(({ privateKey, port }) =>
      startMesh({ network, privateKey, listen: [`/ip4/127.0.0.1/tcp/${port}`], bootstrap, signal }),
    ),
  );
  try {
    const inboxes = nodes.map((node) => {
      const inbox = new Set<string>();
      node.subscribe("records", ({ data }) => {
        inbox.add(Buffer.from(data).toString());
        return "accept";
      });
      return inbox;
    });
    const isDeaf = (node: Libp2pMesh) => {
      const view = node.topics().find(({ topic }) => topic === "records");
      return view === undefined || view.mesh === 0 || view.subscribers < count - 1;
    };
    await until(() => !nodes.some(isDeaf), patience);
    const settledMs = performance.now() - startedMs;
    const deaf = nodes.filter(isDeaf);
    for (const node of deaf) say(JSON.stringify({ peers: node.peers().length, topics: node.topics()[1] }));
    await Promise.all(nodes.map((node, index) => node.publish("records", utf8(`from ${index}`))));
    await until(() => inboxes.every((inbox) => inbox.size === count - 1), patience);
    const heard = inboxes.reduce((sum, inbox) => sum + inbox.size, 0);
    const sent = count * (count - 1);
    return {
      settledMs,
      deaf: deaf.length,
      sent,
      lost: sent - heard,
      mended: nodes.reduce((sum, node) => sum + node.counters().deafMended, 0),
    };
  } finally {
    await Promise.all(nodes.map((node) => node.stop()));
  }
}
