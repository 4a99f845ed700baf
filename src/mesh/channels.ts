import { PeerChannel, type PeerChannelOptions } from "./channel.ts";
import type { Channel, ProtocolName } from "./mesh.ts";
import { protocolId } from "./protocol-ids.ts";

export type ChannelsOptions = Omit<PeerChannelOptions, "peerId" | "protocol" | "onFrame" | "onClose"> & {
  readonly network: string;
};

/** The channels that this node has to peers, one per peer and protocol. */
export class Channels {
  readonly #options: ChannelsOptions;
  readonly #open = new Map<string, PeerChannel>();

  constructor(options: ChannelsOptions) {
    this.#options = options;
  }

  /** The channel to a peer, made when there is none. */
  to(peerId: string, protocol: ProtocolName, onFrame: (frame: Uint8Array) => void): Channel {
    const key = `${protocol} ${peerId}`;
    const known = this.#open.get(key);
    if (known !== undefined) {
      known.onFrame = onFrame;
      return known;
    }
    const channel = new PeerChannel({
      ...this.#options,
      peerId,
      protocol: protocolId(this.#options.network, protocol),
      onFrame,
      onClose: () => this.#open.delete(key),
    });
    this.#open.set(key, channel);
    return channel;
  }

  /** The peer has just connected. */
  poke(peerId: string): void {
    for (const channel of this.#open.values()) if (channel.peerId === peerId) channel.poke();
  }

  close(): void {
    for (const channel of [...this.#open.values()]) channel.close();
  }
}
