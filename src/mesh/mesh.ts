import type { Cancel } from "../base/index.ts";

export const topicNames = ["heartbeat", "records", "cosign", "signatures", "snapshots"] as const;
export type TopicName = (typeof topicNames)[number];

export const protocolNames = ["sync", "task", "cosign", "car", "info"] as const;
export type ProtocolName = (typeof protocolNames)[number];

/** Accept: deliver and forward. Ignore: late, duplicate or superseded. Reject: malformed or forged; costs score. */
export type TopicVerdict = "accept" | "ignore" | "reject";

export interface GossipMessage {
  /** Peer id of the author, whose signature has been checked. */
  readonly author: string;
  /** Peer id of the neighbour it came from. */
  readonly relay: string;
  readonly data: Uint8Array;
}

/** What the message is about is not known yet. Gossip holds it until the verdict comes, and passes it on then; its handler ends this. */
export interface Parked {
  readonly parked: Promise<TopicVerdict>;
}

export type Handled = TopicVerdict | Parked;
export type TopicHandler = (message: GossipMessage) => Handled | Promise<Handled>;

/** A long-lived, ordered stream of frames to one peer. It re-opens by itself; what is sent meanwhile is queued, bounded. */
export interface Channel {
  readonly peerId: string;
  /** False when the queue is full and the frame was dropped. */
  send(frame: Uint8Array): boolean;
  close(): void;
}

export interface PeerView {
  readonly peerId: string;
  readonly addresses: readonly string[];
  readonly direction: "inbound" | "outbound";
  readonly score: number;
  readonly latencyMs: number | undefined;
}

export interface TopicView {
  readonly topic: TopicName;
  readonly subscribers: number;
  readonly mesh: number;
}

/** The libp2p side of a node. Gossip announces; whatever must arrive goes by request or channel. */
export interface Mesh {
  readonly peerId: string;
  readonly network: string;
  /** Multiaddrs with the peer id, as others may dial them. */
  addresses(): string[];

  /** Hands the message to gossip. Resolves with the number of neighbours it went to, 0 when alone. */
  publish(topic: TopicName, data: Uint8Array): Promise<number>;
  /** One handler per topic: it checks a message and, when it accepts, acts on it. */
  subscribe(topic: TopicName, handler: TopicHandler): void;

  /**
   * One frame out, one frame back on a fresh stream.
   * @throws CountersignError UNAVAILABLE when the peer cannot be reached, TOO_LARGE past `maxResponseBytes`
   */
  request(
    peerId: string,
    protocol: ProtocolName,
    data: Uint8Array,
    options: RequestOptions,
  ): Promise<Uint8Array>;
  /** Serves requests of a protocol. Frames over `maxRequestBytes` reset the stream; per-peer rate is limited. */
  answer(
    protocol: ProtocolName,
    options: AnswerOptions,
    handler: (peerId: string, data: Uint8Array) => Promise<Uint8Array>,
  ): void;

  /** The channel to a peer, opened when first asked for. Frames that come back go to `onFrame`. */
  channel(peerId: string, protocol: ProtocolName, onFrame: (frame: Uint8Array) => void): Channel;
  /** Accepts channels that peers open. `reply` answers on the same stream. */
  acceptChannels(
    protocol: ProtocolName,
    options: AnswerOptions,
    onFrame: (peerId: string, frame: Uint8Array, reply: (frame: Uint8Array) => boolean) => void,
  ): void;

  peers(): PeerView[];
  topics(): TopicView[];
  /** Calls back for every peer that has connected and speaks this network's protocols, also for those already there. */
  onPeer(listener: (peerId: string) => void): Cancel;

  /** Announces on the DHT that this node has `key` (a model uuid, a language), until stopped. */
  provide(key: string): void;
  findProviders(key: string, signal: AbortSignal): AsyncIterable<string>;

  stop(): Promise<void>;
}

export interface RequestOptions {
  readonly signal: AbortSignal;
  readonly maxResponseBytes: number;
}

export interface AnswerOptions {
  readonly maxRequestBytes: number;
  /** Frames a peer may send a second, with a burst of as many again. */
  readonly framesPerSecond: number;
}
