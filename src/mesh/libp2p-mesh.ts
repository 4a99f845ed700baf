import type { Connection, PeerId, Stream } from "@libp2p/interface";
import { peerIdFromString } from "@libp2p/peer-id";
import { type Cancel, type Clock, invalidField, type Logger } from "../base/index.ts";
import { Channels } from "./channels.ts";
import { ClockWatch, medianOffsetMs } from "./clock-health.ts";
import { certainOffsetMs } from "./clock-offset.ts";
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
import { countersOf, type MeshCounters } from "./mesh-counters.ts";
import type { OnOffence } from "./offences.ts";
import { PeerFinder } from "./peer-finder.ts";
import type { PeerGuard } from "./peer-guard.ts";
import { type PeerReport, reportPeers } from "./peer-report.ts";
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
  readonly nodeId: string | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
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
  readonly #channels: Channels;
  #deafWatch: DeafWatch | undefined;
  readonly #clockWatch: ClockWatch;
  readonly #stop = new AbortController();
  #stopped: Promise<void> | undefined;

  constructor(options: Libp2pMeshOptions) {
    const { host, network, clock, random, logger, guard } = options;
    this.#options = options;
    this.#host = host;
    this.network = network;
    this.peerId = host.peerId.toString();
    this.#gossip = new Gossip(host.services.pubsub, network, clock, logger);
    this.#roster = new Roster({ host, infoProtocol: protocolId(network, "info"), clock, logger });
    this.#clockWatch = new ClockWatch(logger);
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
      prefixOf: guard.prefixOf,
      connections: guard.connections,
    });
    this.#channels = new Channels({
      network,
      open: (peerId, protocol, signal) => this.#open(peerId, protocol, signal),
      clock,
      random,
      logger,
      onOffence: (...offence) => this.#onOffence(...offence),
    });
    this.#streams = new StreamProtocols({
      libp2p: host,
      network,
      clock,
      logger,
      guard,
      onOffence: (...offence) => this.#onOffence(...offence),
    });
    this.#providers = new Providers({ libp2p: host, clock, logger, peerCount });
    this.#info = new InfoExchange({
      clock,
      random,
      logger,
      describe: () => ({
        version: options.version,
        network,
        features: [...options.features()],
        ...(options.nodeId === undefined ? {} : { node_id: options.nodeId }),
      }),
      peerAddresses: (exceptFor) => this.#roster.addresses(exceptFor),
      request: (peerId, signal, maxResponseBytes) =>
        this.request(peerId, "info", new Uint8Array(0), { signal, maxResponseBytes }),
      onAddresses: (addresses) => this.#finder.learn(addresses),
      onClock: () => this.#clockWatch.look(this.clockOffsetMs()),
    });
  }

  async start(): Promise<void> {
    const { clock, logger, heartbeatMs, guard } = this.#options;
    this.#info.serve(this);
    this.#gossip.start();
    this.#roster.start();
    this.#roster.onPeer((peerId) => {
      this.#info.welcome(peerId);
      this.#finder.found();
      this.#providers.onPeer();
      this.#channels.poke(peerId);
    });
    this.#roster.onLost((peerId) => {
      this.#info.forget(peerId);
      this.#finder.lost();
    });
    this.#host.addEventListener("peer:discovery", this.#onDiscovery);
    guard.connections.watch(this.#host);
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
    parsePeerId(peerId);
    return this.#channels.to(peerId, protocol, onFrame);
  }

  acceptChannels(protocol: ProtocolName, options: AnswerOptions, onFrame: ChannelAcceptor): void {
    this.#streams.acceptChannels(protocol, options, onFrame);
  }

  peers(): PeerView[] {
    return this.#roster.views().map(({ peerId, addresses, direction, rttMs }) => ({
      peerId,
      addresses: addresses.map(String),
      direction,
      score: this.#gossip.score(peerId),
      latencyMs: this.#info.of(peerId)?.latencyMs ?? rttMs,
    }));
  }

  /** Each connected peer with all that is known of it; with `all` also those that are not connected, and why. */
  peerReports(all = false): PeerReport[] {
    return reportPeers(
      {
        roster: this.#roster,
        info: this.#info,
        gossip: this.#gossip,
        guard: this.#options.guard,
        failedDials: () => this.#finder.failedDials(),
      },
      all,
    );
  }

  /** How far peers' clocks are ahead of this one at least, by their median; undefined while none has been measured. */
  clockOffsetMs(): number | undefined {
    return medianOffsetMs(this.#info.offsets().map(certainOffsetMs));
  }

  /** How far the clock of each peer is ahead of this node's, as measured by the info protocol. */
  clockOffsets(): { readonly peerId: string; readonly offsetMs: number; readonly roundTripMs: number }[] {
    return this.#info.offsets();
  }

  topics(): TopicView[] {
    return this.#gossip.views();
  }

  counters(): MeshCounters {
    return countersOf({
      deafWatch: this.#deafWatch,
      guard: this.#options.guard,
      roster: this.#roster,
      finder: this.#finder,
      gossip: this.#gossip,
      dht: this.#host.services.dht,
    });
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
    this.#gossip.stop();
    this.#finder.stop();
    this.#providers.stop();
    this.#info.stop();
    this.#channels.close();
    this.#roster.stop();
    await this.#host.stop();
    await this.#options.closeDatastore();
  }

  readonly #open = async (peerId: string, protocol: string, signal: AbortSignal): Promise<Stream> => {
    const connection: Connection = await this.#finder.connect(parsePeerId(peerId), signal);
    return connection.newStream(protocol, { signal, maxOutboundStreams: maxOutboundStreamsPerProtocol });
  };

  readonly #onOffence: OnOffence = (peerId, offence, why) => {
    const { guard, logger } = this.#options;
    const connections = this.#host.getConnections(parsePeerId(peerId));
    const addresses = connections.map(({ remoteAddr }) => remoteAddr);
    if (!guard.blame(peerId, offence, addresses)) return;
    logger.warn({ peerId, offence, why, penalty: guard.penalty(peerId) }, "peer misbehaved and is cut off");
    for (const connection of connections) connection.abort(new Error(why));
  };
}

function parsePeerId(text: string): PeerId {
  try {
    return peerIdFromString(text);
  } catch {
    throw invalidField("peerId", text, "a peer id such as 12D3Koo…");
  }
}
