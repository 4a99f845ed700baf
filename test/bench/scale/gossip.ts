import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { createPeerKey, type Libp2pMesh, startMesh } from "../../../src/mesh/index.ts";
import type { Figures } from "../bench.ts";
import { cpuUs } from "./costs.ts";

const network = "scale-01234567";
/** Between bursts the mesh's own heartbeats go on; so few messages in one turn share frames as on a busy network. */
const burst = 20;

/** Passes bytes between whoever connects and the port, and counts them. */
async function countingProxy(toPort: number) {
  let bytes = 0;
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(toPort, "127.0.0.1");
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on("data", (data) => {
        bytes += data.length;
        to.write(data);
      });
      from.on("close", () => to.destroy());
      from.on("error", () => to.destroy());
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    bytes: () => bytes,
    stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** What a message of that size costs between two neighbours: bytes on the wire, and processor time of both ends together. */
export async function measureGossip(
  messageBytes: number,
  messages: number,
  signal: AbortSignal,
): Promise<Figures> {
  const proxied = await sendMany(messageBytes, Math.ceil(messages / 4), true, signal);
  const direct = await sendMany(messageBytes, messages, false, signal);
  return { gossipWireBytes: proxied.bytes, gossipUs: direct.us };
}

async function sendMany(
  messageBytes: number,
  messages: number,
  isProxied: boolean,
  signal: AbortSignal,
): Promise<{ bytes: number; us: number }> {
  const nodes: Libp2pMesh[] = [];
  const node = async (bootstrap: readonly string[]) => {
    const mesh = await startMesh({
      network,
      privateKey: await createPeerKey(),
      listen: ["/ip4/127.0.0.1/tcp/0"],
      bootstrap,
      wantedPeers: 1,
    });
    nodes.push(mesh);
    return mesh;
  };
  const sender = await node([]);
  const [, port = "0", peer = ""] = /\/tcp\/(\d+)\/p2p\/(.+)$/.exec(sender.addresses()[0] ?? "") ?? [];
  const proxy = await countingProxy(Number(port));
  try {
    const receiver = await node([`/ip4/127.0.0.1/tcp/${isProxied ? proxy.port : port}/p2p/${peer}`]);
    let received = 0;
    receiver.subscribe("heartbeat", () => {
      received++;
      return "accept";
    });
    sender.subscribe("heartbeat", () => "accept");
    while (!sender.topics().some(({ topic, mesh }) => topic === "heartbeat" && mesh > 0))
      await pause(20, null, { signal });
    const data = new Uint8Array(messageBytes).fill(7);
    const send = async (count: number) => {
      const target = received + count;
      for (let sent = 0; sent < count; sent += burst) {
        for (let n = 0; n < Math.min(burst, count - sent); n++) await sender.publish("heartbeat", data);
        await pause(1, null, { signal });
      }
      while (received < target) await pause(1, null, { signal });
    };
    await send(Math.ceil(messages / 4));
    const [bytesBefore, usBefore] = [proxy.bytes(), cpuUs()];
    await send(messages);
    return {
      bytes: (proxy.bytes() - bytesBefore) / messages,
      us: (cpuUs() - usBefore) / messages,
    };
  } finally {
    await Promise.all(nodes.map((mesh) => mesh.stop()));
    proxy.stop();
  }
}
