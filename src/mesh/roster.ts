import type { Connection, IdentifyResult, PeerId } from "@libp2p/interface";
import type { Multiaddr } from "@multiformats/multiaddr";
import { BoundedMap, type Cancel, type Clock, type Logger, messageOf } from "../base/index.ts";
import type { Host } from "./create-host.ts";
import { identifyWithinMs, maxTrackedPeers } from "./limits.ts";

/** A peer of another network is left alone for this long; its operator may have moved it to ours since. */
const foreignForMs = 10 * 60_000;

/** A connection older than this has its streams by now, or needs none. */
const spareAfterMs = 5_000;

export interface RosterOptions {
  readonly host: Host;
  /** A peer that serves this protocol is of this network. */
  readonly infoProtocol: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A peer's connections; what only one of them can have is the oldest one's. */
export interface PeerConnections {
  readonly peerId: string;
  readonly addresses: readonly Multiaddr[];
  readonly direction: "inbound" | "outbound";
  readonly sinceMs: number;
  readonly rttMs: number | undefined;
  /** On all of them. */
  readonly streams: number;
}

/** Who is connected and of this network. Peers of another one are disconnected, not punished. */
export class Roster {
  readonly #options: RosterOptions;
  readonly #peers = new Map<string, PeerId>();
  readonly #foreign = new BoundedMap<string, number>(maxTrackedPeers);
  readonly #deadlines = new Map<Connection, Cancel>();
  readonly #arrivals = new Set<(peerId: string) => void>();
  readonly #departures = new Set<(peerId: string) => void>();
  #foreignCount = 0;
  #cancelSpares: Cancel | undefined;

  constructor(options: RosterOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#peers.size;
  }

  get foreignCount(): number {
    return this.#foreignCount;
  }

  start(): void {
    const { host } = this.#options;
    host.addEventListener("connection:open", this.#onOpen);
    host.addEventListener("connection:close", this.#onClose);
    host.addEventListener("peer:identify", this.#onIdentify);
    host.addEventListener("peer:disconnect", this.#onDisconnect);
    this.#cancelSpares = this.#options.clock.every(spareAfterMs, () => this.#closeSpares());
  }

  stop(): void {
    const { host } = this.#options;
    host.removeEventListener("connection:open", this.#onOpen);
    host.removeEventListener("connection:close", this.#onClose);
    host.removeEventListener("peer:identify", this.#onIdentify);
    host.removeEventListener("peer:disconnect", this.#onDisconnect);
    this.#cancelSpares?.();
    for (const cancel of this.#deadlines.values()) cancel();
    this.#deadlines.clear();
    this.#peers.clear();
  }

  onPeer(listener: (peerId: string) => void): Cancel {
    this.#arrivals.add(listener);
    return () => this.#arrivals.delete(listener);
  }

  onLost(listener: (peerId: string) => void): Cancel {
    this.#departures.add(listener);
    return () => this.#departures.delete(listener);
  }

  isForeign(peerId: string): boolean {
    return (this.#foreign.get(peerId) ?? 0) > this.#options.clock.nowMs();
  }

  peerIds(): PeerId[] {
    return [...this.#peers.values()];
  }

  /** Peers that were sent away, and until when they are left alone. */
  foreignPeers(): [string, number][] {
    return [...this.#foreign.entries()].filter(([peerId]) => this.isForeign(peerId));
  }

  views(): PeerConnections[] {
    return [...this.#peers].flatMap(([peerId, id]) => {
      const connections = this.#options.host.getConnections(id);
      const first = connections[0];
      if (first === undefined) return [];
      return {
        peerId,
        addresses: connections.map(({ remoteAddr }) => remoteAddr),
        direction: first.direction,
        sinceMs: first.timeline.open,
        rttMs: first.rtt,
        streams: connections.reduce((sum, { streams }) => sum + streams.length, 0),
      };
    });
  }

  /** Addresses by which connected peers can be dialled, those that are known to have worked first. */
  addresses(exceptFor: string): string[] {
    const dialled: string[] = [];
    const told: string[] = [];
    for (const [peerId, id] of this.#peers) {
      if (peerId === exceptFor) continue;
      const out = this.#options.host
        .getConnections(id)
        .find((connection) => connection.direction === "outbound");
      if (out !== undefined) dialled.push(out.remoteAddr.toString());
      else told.push(...(this.#listening.get(peerId) ?? []).slice(0, 1));
    }
    return [...dialled, ...told];
  }

  /** Where inbound peers say that they listen. */
  readonly #listening = new Map<string, string[]>();

  /**
   * Two nodes that dialled each other at once hold two connections. The one with the greater id closes the spare, once
   * no stream is on it: a connection that goes with its gossip streams would leave the peer deaf.
   */
  #closeSpares(): void {
    const { host, clock } = this.#options;
    for (const peerId of this.#peers.values()) {
      if (host.peerId.toString() < peerId.toString()) continue;
      const open = host.getConnections(peerId).filter((connection) => connection.status === "open");
      const isSettled = open.every((connection) => clock.nowMs() - connection.timeline.open > spareAfterMs);
      const spare = open.slice(1).find((connection) => connection.streams.length === 0);
      if (isSettled && spare !== undefined) spare.close().catch((error: Error) => spare.abort(error));
    }
  }

  readonly #onOpen = (event: CustomEvent<Connection>): void => {
    const connection = event.detail;
    const cancel = this.#options.clock.after(identifyWithinMs, () => {
      this.#deadlines.delete(connection);
      if (!this.#peers.has(connection.remotePeer.toString()))
        connection.abort(new Error("the peer did not identify"));
    });
    this.#deadlines.set(connection, cancel);
  };

  readonly #onClose = (event: CustomEvent<Connection>): void => {
    this.#deadlines.get(event.detail)?.();
    this.#deadlines.delete(event.detail);
  };

  readonly #onIdentify = (event: CustomEvent<IdentifyResult>): void => {
    const { peerId, protocols, connection, listenAddrs } = event.detail;
    const id = peerId.toString();
    if (!protocols.includes(this.#options.infoProtocol)) {
      this.#sendAway(peerId);
      return;
    }
    if (connection.status !== "open") return;
    this.#foreign.delete(id);
    this.#listening.set(
      id,
      listenAddrs.map((address) => `${address}/p2p/${id}`),
    );
    if (this.#peers.has(id)) return;
    this.#peers.set(id, peerId);
    this.#options.logger.info(
      { peerId: id, direction: connection.direction, peers: this.#peers.size },
      "peer joined",
    );
    for (const listener of [...this.#arrivals]) listener(id);
  };

  readonly #onDisconnect = (event: CustomEvent<PeerId>): void => {
    const id = event.detail.toString();
    this.#listening.delete(id);
    if (!this.#peers.delete(id)) return;
    this.#options.logger.info({ peerId: id, peers: this.#peers.size }, "peer left");
    for (const listener of [...this.#departures]) listener(id);
  };

  #sendAway(peerId: PeerId): void {
    const { host, clock, logger } = this.#options;
    const id = peerId.toString();
    this.#foreignCount++;
    this.#foreign.set(id, clock.nowMs() + foreignForMs);
    logger.info({ peerId: id }, "peer of another network disconnected");
    host
      .hangUp(peerId)
      .then(() => host.peerStore.delete(peerId))
      .catch((error: unknown) =>
        logger.debug({ peerId: id, error: messageOf(error) }, "foreign peer not closed"),
      );
  }
}
