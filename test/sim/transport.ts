import type { Listener, MultiaddrConnection, PeerId, Upgrader } from "@libp2p/interface";
import { memory } from "@libp2p/memory";
import { CODE_P2P, type Multiaddr } from "@multiformats/multiaddr";
import type { Transport } from "../../src/mesh/index.ts";
import { type Host, type Network, reorderMs } from "./network.ts";

type MemoryTransport = ReturnType<ReturnType<typeof memory>>;
type Components = Parameters<Transport>[0];

/** What the memory transport's connections are made of; not in its public types. */
interface MemoryConnection extends MultiaddrConnection {
  sendData(data: ByteList): { sentBytes: number; canSendMore: boolean };
  sendReset(): void;
  sendClose(): Promise<void>;
  onData(data: unknown): void;
  onTransportClosed(error?: Error): void;
}

interface ByteList {
  readonly byteLength: number;
  subarray(): Uint8Array;
}

interface GossipRpc {
  readonly messages?: readonly object[];
}
interface GossipIntake {
  handleReceivedRpc(from: PeerId, rpc: GossipRpc): Promise<void>;
}

export interface Ports {
  hostOfAddress(address: string): Host | undefined;
  hostOfPeer(peerId: string): Host | undefined;
}

/** libp2p's memory transport over the simulated network, for one process on a host. */
export function simulatedTransport(network: Network, host: Host, ports: Ports) {
  const listeners: Listener[] = [];
  const realm = host.realm;

  const transport: Transport = (components: Components) => {
    const inner = memory()(components as never) as MemoryTransport;
    const dial: MemoryTransport["dial"] = async (address, options) => {
      const target = ports.hostOfAddress(withoutPeer(address));
      if (target === undefined) throw new Error(`nobody has the address ${address}`);
      await network.reach(host, target, options.signal);
      return inner.dial(address, { ...options, upgrader: wired(options.upgrader) });
    };
    const createListener: MemoryTransport["createListener"] = (options) => {
      loseGossip(network, host, components);
      const listener = inner.createListener({ ...options, upgrader: wired(options.upgrader) });
      listeners.push(listener);
      return listener;
    };
    return new Proxy(inner, {
      get: (target, name) => {
        if (name === "dial") return dial;
        if (name === "createListener") return createListener;
        const value = Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  };

  function wired(upgrader: Upgrader): Upgrader {
    return {
      upgradeOutbound: (connection: MultiaddrConnection, options: never) => {
        wire(connection);
        return upgrader.upgradeOutbound(connection, options);
      },
      // Called by the dialler's side; from here on it is the listener's process.
      upgradeInbound: (connection: MultiaddrConnection, options: never) =>
        network.time.inside(realm, () => {
          wire(connection);
          return upgrader.upgradeInbound(connection, options);
        }),
    } as unknown as Upgrader;
  }

  /** Lets the connection's bytes travel through the network, and what arrives run in this process. */
  function wire(connection: MultiaddrConnection): void {
    const raw = connection as MemoryConnection;
    const peer = ports.hostOfPeer(peerIn(connection.remoteAddr));
    if (peer === undefined) throw new Error(`an unknown peer at ${connection.remoteAddr}`);
    const lane = network.lane(host, peer);
    const { sendData, sendReset, sendClose, onData, onTransportClosed, abort } = raw;
    const here = (work: () => void) => {
      if (!realm.isDead) network.time.inside(realm, work);
    };
    raw.sendData = (data) => {
      // In one piece, as it comes from a socket.
      const bytes = data.subarray();
      lane.carry(data.byteLength, () => sendData.call(raw, bytes));
      return { sentBytes: data.byteLength, canSendMore: true };
    };
    raw.sendReset = () => lane.carry(0, () => sendReset.call(raw));
    raw.sendClose = async () => lane.carry(0, () => void sendClose.call(raw));
    raw.onData = (data) => here(() => onData.call(raw, data));
    raw.onTransportClosed = (error) => here(() => onTransportClosed.call(raw, error));
    raw.abort = (error) => here(() => abort.call(raw, error));
    const end = { owner: host, peer, abort: (error: Error) => raw.abort(error) };
    network.wires.add(end);
    network.trace.tick(`${host.name} connected to ${peer.name}`);
    raw.addEventListener("close", () => {
      network.wires.delete(end);
      network.trace.tick(`${host.name} lost ${peer.name}`);
    });
  }

  return {
    transport,
    /** Frees the address of a process that died, with no word to anybody. */
    bury(): void {
      for (const listener of listeners) {
        const { connection } = listener as unknown as { connection?: { connections: Set<unknown> } };
        connection?.connections.clear();
        network.time.outside(() => void listener.close());
      }
    },
  };
}

/** Gossip is lost, doubled and held back between the stream that brought it and the router. */
function loseGossip(network: Network, host: Host, components: Components): void {
  const intake = (components as unknown as { pubsub: GossipIntake }).pubsub;
  const handle = intake.handleReceivedRpc.bind(intake);
  intake.handleReceivedRpc = (from, rpc) => {
    const { weather, random } = network;
    const on = [];
    for (const message of rpc.messages ?? []) {
      const again = () => void handle(from, { messages: [message] }).catch(() => {});
      if (random.isHit(weather.gossipLoss)) continue;
      if (random.isHit(weather.gossipTwice)) setTimeout(again, Math.floor(random.between(0, reorderMs)));
      if (random.isHit(weather.gossipLate)) setTimeout(again, Math.floor(random.between(0, reorderMs)));
      else on.push(message);
    }
    network.trace.tick(`${host.name} gossip ${on.length}`);
    return handle(from, { ...rpc, messages: on });
  };
}

function withoutPeer(address: Multiaddr): string {
  return address.toString().replace(/\/p2p\/[^/]+$/, "");
}

function peerIn(address: Multiaddr): string {
  return address.getComponents().findLast(({ code }) => code === CODE_P2P)?.value ?? "";
}
