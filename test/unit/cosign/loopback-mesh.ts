import type { AnswerOptions, Channel, Mesh, TopicHandler, TopicName } from "../../../src/mesh/index.ts";

type CosignMesh = Pick<Mesh, "channel" | "acceptChannels" | "publish" | "subscribe">;
type Accept = (peerId: string, frame: Uint8Array, reply: (frame: Uint8Array) => boolean) => void;

interface Peer {
  accept: Accept | undefined;
  readonly topics: Map<TopicName, TopicHandler>;
}

/** A few nodes in one process, whose messages arrive in the next turn of the loop or, for peers cut off, never. */
export class LoopbackNetwork {
  readonly #peers = new Map<string, Peer>();
  readonly cutOff = new Set<string>();
  /** Peers that hear and speak gossip only. */
  readonly withoutChannels = new Set<string>();
  gossipWorks = true;
  frames = 0;
  gossiped: { topic: TopicName; data: Uint8Array }[] = [];

  join(peerId: string): CosignMesh {
    const peer: Peer = { accept: undefined, topics: new Map() };
    this.#peers.set(peerId, peer);
    return {
      channel: (to, _protocol, onFrame) => this.#channel(peerId, to, onFrame),
      acceptChannels(_protocol, _options: AnswerOptions, onFrame) {
        peer.accept = onFrame;
      },
      publish: async (topic, data) => {
        this.gossiped.push({ topic, data });
        return this.gossip(peerId, topic, data);
      },
      subscribe(topic, handler) {
        peer.topics.set(topic, handler);
      },
    };
  }

  gossip(author: string, topic: TopicName, data: Uint8Array): number {
    if (!this.gossipWorks || this.cutOff.has(author)) return 0;
    for (const [peerId, peer] of this.#peers) {
      if (peerId === author || this.cutOff.has(peerId)) continue;
      setImmediate(() => void peer.topics.get(topic)?.({ author, relay: author, data }));
    }
    return this.#peers.size - 1;
  }

  #channel(from: string, to: string, onFrame: (frame: Uint8Array) => void): Channel {
    const isCut = () => this.cutOff.has(from) || this.cutOff.has(to) || this.withoutChannels.has(to);
    const deliver = (act: () => void): boolean => {
      this.frames++;
      if (!isCut()) setImmediate(act);
      return true;
    };
    return {
      peerId: to,
      send: (frame) =>
        deliver(() => this.#peers.get(to)?.accept?.(from, frame, (answer) => deliver(() => onFrame(answer)))),
      close() {},
    };
  }
}
