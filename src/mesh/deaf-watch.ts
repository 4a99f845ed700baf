import type { Libp2p, PeerId } from "@libp2p/interface";
import { type Cancel, type Clock, type Logger, messageOf } from "../base/index.ts";
import type { Gossip } from "./gossip.ts";

// gossipsub keeps one stream each way to a peer and opens it only when a connection is made. When two connections
// are made at once and one of them goes, its streams go with it and are not opened on the other: connected, yet deaf.

/** Heartbeats for which a peer may lack a stream before gossipsub is told to open one: settling takes some. */
const reminderBeats = 4;
/** Heartbeats after which reminding has not helped, and the connection is closed and dialled anew. */
const patience = 12;
/** A beat that comes later than this many periods is not counted: who is too slow itself cannot call others deaf. */
const latePeriods = 1.5;
/** A peer that stays deaf after being mended is mended ever less often. */
const longestPatience = 256;

export interface DeafWatchOptions {
  readonly libp2p: Libp2p;
  readonly gossip: Gossip;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly everyMs: number;
  readonly peers: () => readonly PeerId[];
  /** Called after the connections to a deaf peer were closed, to dial it anew. */
  readonly redial: (peerId: PeerId) => void;
}

interface Complaint {
  beats: number;
  patience: number;
}

export class DeafWatch {
  readonly #options: DeafWatchOptions;
  readonly #complaints = new Map<string, Complaint>();
  readonly #cancel: Cancel;
  #mended = 0;
  #beatAtMs: number;

  constructor(options: DeafWatchOptions) {
    this.#options = options;
    this.#beatAtMs = options.clock.nowMs();
    this.#cancel = options.clock.every(options.everyMs, () => this.#beat());
  }

  /** Peers that were closed and dialled again, since the start. */
  get mended(): number {
    return this.#mended;
  }

  stop(): void {
    this.#cancel();
  }

  #beat(): void {
    const { clock, everyMs } = this.#options;
    const sinceMs = clock.nowMs() - this.#beatAtMs;
    this.#beatAtMs += sinceMs;
    if (sinceMs > latePeriods * everyMs) return;
    const peers = this.#options.peers();
    const starved = this.#starvedNeighbours();
    const present = new Set<string>();
    for (const peerId of peers) {
      const id = peerId.toString();
      present.add(id);
      if (this.#hears(peerId) && !starved.has(id)) {
        const complaint = this.#complaints.get(id);
        if (complaint !== undefined) complaint.beats = 0;
        continue;
      }
      const complaint = this.#complaints.get(id) ?? { beats: 0, patience };
      this.#complaints.set(id, complaint);
      complaint.beats++;
      if (complaint.beats % patience === reminderBeats) this.#remind(peerId);
      if (complaint.beats < complaint.patience) continue;
      complaint.beats = 0;
      complaint.patience = Math.min(longestPatience, complaint.patience * 2);
      this.#mend(peerId);
    }
    // A mended peer is away for a moment; its patience is kept until the table would grow past the peers by far.
    if (this.#complaints.size > 2 * present.size + longestPatience) {
      for (const id of this.#complaints.keys()) if (!present.has(id)) this.#complaints.delete(id);
    }
  }

  #hears(peerId: PeerId): boolean {
    const { inbound, outbound } = this.#options.gossip.streams(peerId.toString());
    return inbound !== undefined && outbound !== undefined;
  }

  /**
   * Has this side's stream opened where it is missing. A stream the peer sends on and gossipsub does not read is reset, so
   * that the peer notices and does the same.
   */
  #remind(peerId: PeerId): void {
    const { libp2p, gossip, logger } = this.#options;
    const { inbound, outbound } = gossip.streams(peerId.toString());
    const connection = libp2p.getConnections(peerId).find(({ status }) => status === "open");
    if (connection === undefined) return;
    logger.debug({ peerId: peerId.toString() }, "peer is connected but deaf, opening its gossip stream anew");
    for (const { streams } of libp2p.getConnections(peerId)) {
      for (const stream of streams) {
        if (!stream.protocol.startsWith("/meshsub/") || stream === inbound || stream === outbound) continue;
        stream.abort(new Error("gossip does not use this stream"));
      }
    }
    gossip.attach(peerId, connection);
  }

  /** Subscribers of a topic whose mesh is empty although there are some: one of them is mended. */
  #starvedNeighbours(): Set<string> {
    const { gossip } = this.#options;
    const starved = new Set<string>();
    for (const topic of gossip.subscribed()) {
      if (gossip.meshPeers(topic).length > 0) continue;
      const first = gossip.subscribers(topic).sort()[0];
      if (first !== undefined && gossip.score(first) >= 0) starved.add(first);
    }
    return starved;
  }

  #mend(peerId: PeerId): void {
    const { libp2p, logger, redial } = this.#options;
    this.#mended++;
    logger.info(
      { peerId: peerId.toString(), mended: this.#mended },
      "peer is connected but deaf, dialling it anew",
    );
    libp2p
      .hangUp(peerId)
      .then(() => redial(peerId))
      .catch((error: unknown) =>
        logger.warn({ peerId: peerId.toString(), error: messageOf(error) }, "deaf peer not closed"),
      );
  }
}
