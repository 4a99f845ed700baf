import type { Connection, Stream } from "@libp2p/interface";
import { multiaddr } from "@multiformats/multiaddr";
import { type Libp2pMesh, protocolId, topicId } from "../../../src/mesh/index.ts";
import { eventually, peerJoins, type RawPeer, type TestNetwork } from "./network.ts";

/** A gossip message as it travels. */
export interface WireMessage {
  readonly from: Uint8Array;
  readonly seqno: Uint8Array;
  readonly topic: string;
  readonly data: Uint8Array;
  readonly signature: Uint8Array;
  readonly key: Uint8Array;
}

interface Rpc {
  readonly messages?: WireMessage[];
}

/** What gossipsub's class has and its exported interface does not name. */
interface GossipInsides {
  sendRpc(peerId: string, rpc: Rpc): boolean;
  handleReceivedRpc(from: unknown, rpc: Rpc): Promise<void>;
  readonly streamsOutbound: ReadonlyMap<string, unknown>;
}

/** A peer of the network that says what it likes. */
export class Attacker {
  readonly peer: RawPeer;
  readonly peerId: string;
  readonly victim: Libp2pMesh;
  readonly connection: Connection;
  /** Messages that it was sent, as they came. */
  readonly heard: WireMessage[] = [];

  private constructor(peer: RawPeer, victim: Libp2pMesh, connection: Connection) {
    this.peer = peer;
    this.peerId = peer.peerId.toString();
    this.victim = victim;
    this.connection = connection;
    const insides = this.#insides;
    const handle = insides.handleReceivedRpc.bind(insides);
    insides.handleReceivedRpc = (from, rpc) => {
      this.heard.push(...(rpc.messages ?? []));
      return handle(from, rpc);
    };
  }

  /** Connected, known as a peer, and a neighbour in gossip about records. */
  static async at(victim: Libp2pMesh, net: TestNetwork): Promise<Attacker> {
    const peer = await net.rawPeer(victim.network);
    const joined = peerJoins(victim, peer.peerId.toString());
    const connection = await peer.dial(victim.addresses().map((address) => multiaddr(address)));
    const attacker = new Attacker(peer, victim, connection);
    await joined;
    peer.services.pubsub.subscribe(topicId(victim.network, "records"));
    await eventually(
      () =>
        attacker.#insides.streamsOutbound.has(victim.peerId) &&
        peer.services.pubsub.getSubscribers(topicId(victim.network, "records")).length > 0,
    );
    return attacker;
  }

  get #insides(): GossipInsides {
    return this.peer.services.pubsub as unknown as GossipInsides;
  }

  /** Sends gossip messages to the victim, whatever they are. */
  tell(messages: WireMessage[]): void {
    this.#insides.sendRpc(this.victim.peerId, { messages });
  }

  publish(data: Uint8Array): Promise<unknown> {
    return this.peer.services.pubsub.publish(topicId(this.victim.network, "records"), data);
  }

  open(protocol: "sync" | "task" | "cosign"): Promise<Stream> {
    return this.connection.newStream(protocolId(this.victim.network, protocol));
  }

  /** How the victim sees it. */
  seen() {
    return this.victim.peerReports(true).find(({ peerId }) => peerId === this.peerId);
  }
}
