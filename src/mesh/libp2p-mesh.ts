import type { Connection, PeerId, Stream } from "@libp2p/interface";
import { peerIdFromString } from "@libp2p/peer-id";
import { type Cancel, type Clock, invalidField, type Logger } from "../base/index.ts";
import { PeerChannel } from "./channel.ts";
import type { Host } from "./create-host.ts";
import { DeafWatch } from "./deaf-watch.ts";
import { Gossip } from "./gossip.ts";
import { InfoExchange } from "./info-exchange.ts";
import { maxOutboundStreamsPerProtocol } from "./limits.ts";
import { listenFailure } from "./listen-failure.ts";
import type {
  AnswerOptions,
  Channel,
  Mesh,
  PeerView,
  ProtocolName,
  RequestOptions,
  TopicHandler,
  TopicName,
  TopicView,
} from "./mesh.ts";
import { PeerFinder } from "./peer-finder.ts";
import type { PeerGuard } from "./peer-guard.ts";
import { protocolId } from "./protocol-ids.ts";
import { Providers } from "./providers.ts";
import { type RequestHandler, sendRequest } from "./requests.ts";
import { Roster } from "./roster.ts";
import { type ChannelAcceptor, StreamProtocols } from "./stream-protocols.ts";

export interface Libp2pMeshOptions {
  readonly host: Host;
  readonly closeDatastore: () => Promise<void>;
  readonly guard: PeerGuard;
  readonly network: string;
  readonly bootstrap: readonly string[];
  readonly wantedPeers: number;
  readonly heartbeatMs: number;
  readonly version: string;
  readonly features: () => readonly string[];
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

/** What the mesh counts, for metrics. */
export interface MeshCounters {
  /** Peers found connected but deaf, closed and dialled anew. */
  readonly deafMended: number;
  /** Peers cut off for garbage. */
  readonly cutOff: number;
  /** Peers of other networks that were disconnected. */
  readonly foreign: number;
  /** Gossip messages by topic that found no room to wait. */
  readonly gossipDropped: ReadonlyMap<TopicName, number>;
}

/** The mesh on libp2p. Made by `startMesh`. */
export class Libp2pMesh implements Mesh {
  readonly peerId: string;
  readonly network: string;
  readonly #options: Libp2pMeshOptions;
  readonly #host: Host;
  readonly #roster: Roster;
  readonly #gossip: Gossip;
  readonly #finder: PeerFinder;
  readonly #streams: StreamProtocols;
  readonly #providers: Providers;
  readonly #info: InfoExchange;
  readonly #channels = new Map<string, PeerChannel>();
  #deafWatch: DeafWatch | undefined;
  #cutOff = 0;
  readonly #stop = new AbortController();
  #stopped: Promise<void> | undefined;

  constructor(options: Libp2pMeshOptions) {
    const { host, network, clock, random, logger, guard } = options;
    this.#options = options;
    this.#host = host;
    this.network = network;
    this.peerId = host.peerId.toString();
    this.#gossip = new Gossip(host.services.pubsub, network, logger);
    this.#roster = new Roster({ host, infoProtocol: protocolId(network, "info"), clock, logger });
    const peerCount = (): number => this.#roster.size;
    this.#finder = new PeerFinder({
      libp2p: host,
      bootstrap: options.bootstrap,
      wantedPeers: options.wantedPeers,
      clock,
      random,
      logger,
      peerCount,
      isUnwanted: (peerId) => guard.isRefused(peerId) || this.#roster.isForeign(peerId),
    });
    const onGarbage = (peerId: string, why: string): void => this.#onGarbage(peerId, why);
    this.#streams = new StreamProtocols({ libp2p: host, network, clock, logger, guard, onGarbage });
    this.#providers = new Providers({ libp2p: host, clock, logger, peerCount });
    this.#info = new InfoExchange({
      clock,
      random,
      logger,
      describe: () => ({ version: options.version, network, features: [...options.features()] }),
      peerAddresses: (exceptFor) => this.#roster.addresses(exceptFor),
      request: (peerId, signal, maxResponseBytes) =>
        this.request(peerId, "info", new Uint8Array(0), { signal, maxResponseBytes }),
      onAddresses: (addresses) => this.#finder.learn(addresses),
    });
  }

  async start(): Promise<void> {
    const { clock, logger, heartbeatMs } = this.#options;
    this.#info.serve(this);
    this.#roster.start();
    this.#roster.onPeer((peerId) => {
      this.#info.welcome(peerId);
      this.#providers.onPeer();
      for (const channel of this.#channels.values()) if (channel.peerId === peerId) channel.poke();
    });
    this.#roster.onLost((peerId) => {
      this.#info.forget(peerId);
      this.#finder.news();
    });
    this.#host.addEventListener("peer:discovery", this.#onDiscovery);
    try {
      await this.#host.start();
    } catch (error) {
      throw listenFailure(error);
    }
    this.#deafWatch = new DeafWatch({
      libp2p: this.#host,
      gossip: this.#gossip,
      clock,
      logger,
      everyMs: heartbeatMs,
      peers: () => this.#roster.peerIds(),
      redial: () => this.#finder.news(),
    });
    this.#finder.start();
    logger.info({ peerId: this.peerId, network: this.network, addresses: this.addresses() }, "mesh listens");
  }

  readonly #onDiscovery = (): void => {
    if (this.#roster.size < this.#options.wantedPeers) this.#finder.news();
  };

  addresses(): string[] {
    return this.#host.getMultiaddrs().map(String);
  }

  publish(topic: TopicName, data: Uint8Array): Promise<number> {
    return this.#gossip.publish(topic, data);
  }

  subscribe(topic: TopicName, handler: TopicHandler): void {
    this.#gossip.subscribe(topic, handler);
  }

  request(
    peerId: string,
    protocol: ProtocolName,
    data: Uint8Array,
    options: RequestOptions,
  ): Promise<Uint8Array> {
    const signal = AbortSignal.any([options.signal, this.#stop.signal]);
    const { clock } = this.#options;
    return sendRequest(this.#open, clock, peerId, protocolId(this.network, protocol), data, {
      ...options,
      signal,
    });
  }

  answer(protocol: ProtocolName, options: AnswerOptions, handler: RequestHandler): void {
    this.#streams.answer(protocol, { options, handler });
  }

  channel(peerId: string, protocol: ProtocolName, onFrame: (frame: Uint8Array) => void): Channel {
    const { clock, random, logger } = this.#options;
    parsePeerId(peerId);
    const key = `${protocol} ${peerId}`;
    const known = this.#channels.get(key);
    if (known !== undefined) {
      known.onFrame = onFrame;
      return known;
    }
    const channel = new PeerChannel({
      peerId,
      protocol: protocolId(this.network, protocol),
      open: this.#open,
      clock,
      random,
      logger,
      onFrame,
      onGarbage: (from, why) => this.#onGarbage(from, why),
      onClose: () => this.#channels.delete(key),
    });
    this.#channels.set(key, channel);
    return channel;
  }

  acceptChannels(protocol: ProtocolName, options: AnswerOptions, onFrame: ChannelAcceptor): void {
    this.#streams.acceptChannels(protocol, options, onFrame);
  }

  peers(): (PeerView & {
    readonly clockOffsetMs: number | undefined;
    readonly version: string | undefined;
  })[] {
    return this.#roster.views().map((view) => {
      const info = this.#info.of(view.peerId);
      return {
        ...view,
        score: this.#gossip.score(view.peerId),
        latencyMs: info?.latencyMs ?? view.latencyMs,
        clockOffsetMs: info?.offsetMs,
        version: info?.version,
      };
    });
  }

  /** How far the clock of each peer is ahead of this node's, as measured by the info protocol. */
  clockOffsets(): { readonly peerId: string; readonly offsetMs: number; readonly roundTripMs: number }[] {
    return this.#info.offsets();
  }

  topics(): TopicView[] {
    return this.#gossip.views();
  }

  counters(): MeshCounters {
    return {
      deafMended: this.#deafWatch?.mended ?? 0,
      cutOff: this.#cutOff,
      foreign: this.#roster.foreignCount,
      gossipDropped: this.#gossip.dropped(),
    };
  }

  onPeer(listener: (peerId: string) => void): Cancel {
    const cancel = this.#roster.onPeer(listener);
    for (const peerId of this.#roster.peerIds()) listener(peerId.toString());
    return cancel;
  }

  provide(key: string): void {
    this.#providers.provide(key);
  }

  findProviders(key: string, signal: AbortSignal): AsyncIterable<string> {
    return this.#providers.find(key, signal);
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stopOnce();
    return this.#stopped;
  }

  async #stopOnce(): Promise<void> {
    this.#stop.abort(new Error("the mesh was stopped"));
    this.#host.removeEventListener("peer:discovery", this.#onDiscovery);
    this.#deafWatch?.stop();
    this.#finder.stop();
    this.#providers.stop();
    this.#info.stop();
    for (const channel of [...this.#channels.values()]) channel.close();
    this.#roster.stop();
    await this.#host.stop();
    await this.#options.closeDatastore();
  }

  readonly #open = async (peerId: string, protocol: string, signal: AbortSignal): Promise<Stream> => {
    const connection: Connection = await this.#finder.connect(parsePeerId(peerId), signal);
    return connection.newStream(protocol, { signal, maxOutboundStreams: maxOutboundStreamsPerProtocol });
  };

  #onGarbage(peerId: string, why: string): void {
    const { guard, logger } = this.#options;
    this.#cutOff++;
    const lengthMs = guard.ban(peerId);
    logger.warn({ peerId, why, lengthMs }, "peer sent garbage and is cut off");
    for (const connection of this.#host.getConnections(parsePeerId(peerId))) connection.abort(new Error(why));
  }
}

function parsePeerId(text: string): PeerId {
  try {
    return peerIdFromString(text);
  } catch {
    throw invalidField("peerId", text, "a peer id such as 12D3Koo…");
  }
}
