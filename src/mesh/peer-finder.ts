import type { Connection, Libp2p, PeerId } from "@libp2p/interface";
import { peerIdFromString } from "@libp2p/peer-id";
import { CODE_P2P, type Multiaddr, multiaddr } from "@multiformats/multiaddr";
import {
  type Cancel,
  type Clock,
  invalidField,
  type Logger,
  messageOf,
  sleep,
  withTimeLimit,
} from "../base/index.ts";
import { backoffMs } from "./backoff.ts";
import type { ConnectionCounts, PrefixOf } from "./connection-counts.ts";
import { DialLog, type FailedDial } from "./dial-log.ts";
import { chooseDials, type DialTarget } from "./dial-order.ts";
import { dialledSharePerPrefix, minDialledPerPrefix } from "./limits.ts";
import { TableWalk } from "./table-walk.ts";

/** Rounds of looking for peers: alone a node tries hard, with some peers it takes its time. */
const aloneBounds = { firstMs: 100, longestMs: 3_000 };
const fewBounds = { firstMs: 500, longestMs: 15_000 };
const dialTimeoutMs = 5_000;
const parallelDials = 8;
/** A peer id that was named, never met, and failed so often is forgotten: anybody can invent one. */
const attemptsForUnmet = 3;
/** Addresses of one peer that others may add to. */
const maxLearntAddresses = 8;
/** The peer with the smaller id lets the other dial first, so that two nodes seldom hold two connections. Alone it hurries. */
const politenessMs = 600;
const politenessBriefMs = 150;
/** News (a peer lost, an address learnt) within this time make one round. */
const newsDelayMs = 20;

export interface PeerFinderOptions {
  readonly libp2p: Libp2p;
  readonly bootstrap: readonly string[];
  readonly wantedPeers: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  /** Peers that are connected and speak this network's protocols. */
  readonly peerCount: () => number;
  /** Refused, or known to be of another network. */
  readonly isUnwanted: (peerId: string) => boolean;
  readonly prefixOf: PrefixOf;
  readonly connections: Pick<ConnectionCounts, "dialledTo">;
}

interface Candidate extends DialTarget {
  readonly key: string;
  readonly peerId: PeerId | undefined;
  readonly address: Multiaddr | undefined;
}

/** Keeps the node among peers: bootstrap peers, those of the last run, those that others and the DHT name. */
export class PeerFinder {
  readonly #options: PeerFinderOptions;
  readonly #bootstrap: readonly Candidate[];
  readonly #log: DialLog;
  readonly #walk: TableWalk;
  readonly #dialling = new Set<string>();
  readonly #stop = new AbortController();
  #cancelNext: Cancel | undefined;
  #nextAtMs = 0;
  #isLooking = false;
  #hasNews = false;
  #round = 0;

  constructor(options: PeerFinderOptions) {
    this.#options = options;
    this.#bootstrap = options.bootstrap.map((text) => {
      const address = parseAddress(text);
      return { key: text, address, peerId: peerIdOf(address), prefixes: [], isBootstrap: true };
    });
    const { libp2p, clock, random, logger } = options;
    this.#log = new DialLog(clock, random);
    this.#walk = new TableWalk({
      libp2p,
      clock,
      random,
      logger,
      onDone: () => this.news(),
    });
  }

  start(): void {
    this.#look();
  }

  stop(): void {
    this.#stop.abort(new Error("the mesh was stopped"));
    this.#cancelNext?.();
    this.#walk.stop();
  }

  /** Something has changed: look soon, and eagerly again. */
  news(): void {
    this.#round = 0;
    if (this.#isLooking) this.#hasNews = true;
    // More news must not put off what the first has set going.
    else if (this.#nextAtMs - this.#options.clock.nowMs() > newsDelayMs) this.#lookIn(newsDelayMs);
  }

  /** A peer has gone. */
  lost(): void {
    if (this.#options.peerCount() === 0) {
      this.#walk.outage();
      this.#log.hurry();
    }
    this.news();
  }

  /** A peer has come. */
  found(): void {
    this.#walk.recovered();
  }

  /** Dials that failed, by peer id or address. */
  failedDials(): [string, FailedDial][] {
    return this.#log.entries();
  }

  get walks(): number {
    return this.#walk.walks;
  }

  /** Remembers addresses that somebody named. They are hints: the handshake proves who answers. */
  async learn(addresses: readonly string[]): Promise<void> {
    const { libp2p } = this.#options;
    let isNew = false;
    for (const text of addresses) {
      const address = multiaddr(text);
      const peerId = peerIdOf(address);
      if (peerId === undefined || peerId.equals(libp2p.peerId)) continue;
      if (openConnectionTo(libp2p, peerId) !== undefined) continue;
      const known = (await libp2p.peerStore.has(peerId))
        ? (await libp2p.peerStore.get(peerId)).addresses.length
        : 0;
      if (known >= maxLearntAddresses) continue;
      await libp2p.peerStore.merge(peerId, { multiaddrs: [address.decapsulateCode(CODE_P2P)] });
      isNew = true;
    }
    if (isNew) this.news();
  }

  /** The connection to a peer, made when there is none. */
  async connect(peerId: PeerId, signal: AbortSignal): Promise<Connection> {
    const { libp2p } = this.#options;
    // Somebody waits for this one: a short courtesy must do.
    await this.#beLate(peerId, politenessBriefMs, signal);
    return openConnectionTo(libp2p, peerId) ?? libp2p.dial(peerId, { signal });
  }

  #lookIn(delayMs: number): void {
    if (this.#stop.signal.aborted) return;
    this.#cancelNext?.();
    this.#nextAtMs = this.#options.clock.nowMs() + delayMs;
    this.#cancelNext = this.#options.clock.after(delayMs, () => this.#look());
  }

  #look(): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    this.#hasNews = false;
    this.#startDials()
      .catch((error: unknown) => {
        if (this.#stop.signal.aborted) return;
        this.#options.logger.warn({ error: messageOf(error) }, "looking for peers failed");
      })
      .finally(() => {
        this.#isLooking = false;
        this.#round++;
        const bounds = this.#options.peerCount() === 0 ? aloneBounds : fewBounds;
        this.#lookIn(this.#hasNews ? newsDelayMs : backoffMs(this.#round, bounds, this.#options.random()));
      });
  }

  /** Does not wait for the dials: one that hangs must not hold up the others. */
  async #startDials(): Promise<void> {
    const { peerCount, wantedPeers } = this.#options;
    if (peerCount() >= wantedPeers) return;
    const candidates = await this.#candidates();
    if (this.#stop.signal.aborted) return;
    const free = Math.min(wantedPeers - peerCount(), parallelDials) - this.#dialling.size;
    const chosen = chooseDials(candidates, {
      count: Math.max(0, free),
      dialledTo: (prefix) => this.#options.connections.dialledTo(prefix),
      maxPerPrefix: Math.max(minDialledPerPrefix, Math.floor(wantedPeers * dialledSharePerPrefix)),
      random: this.#options.random,
    });
    for (const candidate of chosen) {
      this.#dialling.add(candidate.key);
      this.#dial(candidate)
        .catch((error: unknown) =>
          this.#options.logger.debug({ error: messageOf(error) }, "peer store failed"),
        )
        .finally(() => {
          this.#dialling.delete(candidate.key);
          if (peerCount() < wantedPeers) this.news();
        });
    }
    if (peerCount() > 0) this.#walk.walk();
  }

  async #candidates(): Promise<Candidate[]> {
    const { libp2p, isUnwanted, prefixOf } = this.#options;
    const stored = await libp2p.peerStore.all();
    const known = stored
      .filter((peer) => peer.addresses.length > 0)
      .map((peer): Candidate => {
        const prefixes = peer.addresses.flatMap(({ multiaddr }) => prefixOf(multiaddr) ?? []);
        return {
          key: peer.id.toString(),
          peerId: peer.id,
          address: undefined,
          prefixes: [...new Set(prefixes)],
          isBootstrap: false,
        };
      });
    const seen = new Set<string>([libp2p.peerId.toString()]);
    return [...this.#bootstrap, ...known].filter((candidate) => {
      const id = candidate.peerId?.toString() ?? candidate.key;
      if (seen.has(id) || isUnwanted(id)) return false;
      seen.add(id);
      if (candidate.peerId !== undefined && openConnectionTo(libp2p, candidate.peerId) !== undefined)
        return false;
      return !this.#dialling.has(candidate.key) && this.#log.isDue(candidate.key);
    });
  }

  async #dial(candidate: Candidate): Promise<void> {
    const { libp2p, clock, logger, peerCount } = this.#options;
    const late = () => new Error("the dial took too long");
    try {
      await withTimeLimit(clock, dialTimeoutMs, late, this.#stop.signal, async (signal) => {
        const courtesyMs = peerCount() === 0 ? politenessBriefMs : politenessMs;
        if (candidate.peerId !== undefined) await this.#beLate(candidate.peerId, courtesyMs, signal);
        const isThere =
          candidate.peerId !== undefined && openConnectionTo(libp2p, candidate.peerId) !== undefined;
        const target = candidate.address ?? candidate.peerId;
        if (!isThere && target !== undefined) await libp2p.dial(target, { signal });
      });
      this.#log.succeeded(candidate.key);
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      const { attempts } = this.#log.failed(candidate.key, messageOf(error), peerCount() === 0);
      logger.debug({ peer: candidate.key, attempts, error: messageOf(error) }, "dial failed");
      if (attempts >= attemptsForUnmet) await this.#forgetUnmet(candidate);
    }
  }

  async #forgetUnmet(candidate: Candidate): Promise<void> {
    const { peerStore } = this.#options.libp2p;
    if (candidate.address !== undefined || candidate.peerId === undefined) return;
    if (!(await peerStore.has(candidate.peerId))) return;
    const peer = await peerStore.get(candidate.peerId);
    if (peer.protocols.length === 0) await peerStore.delete(candidate.peerId);
  }

  async #beLate(peerId: PeerId, courtesyMs: number, signal: AbortSignal): Promise<void> {
    const { libp2p, random } = this.#options;
    if (libp2p.peerId.toString() > peerId.toString() || openConnectionTo(libp2p, peerId) !== undefined)
      return;
    await this.#connectionWithin(peerId, courtesyMs * (1 + random()), signal);
  }

  /** Returns when the peer has connected, or after the wait. */
  async #connectionWithin(peerId: PeerId, waitMs: number, signal: AbortSignal): Promise<void> {
    const { libp2p, clock } = this.#options;
    const arrived = new AbortController();
    const onOpen = (event: CustomEvent<Connection>): void => {
      if (event.detail.remotePeer.equals(peerId)) arrived.abort();
    };
    libp2p.addEventListener("connection:open", onOpen);
    try {
      await sleep(clock, waitMs, AbortSignal.any([signal, arrived.signal]));
    } catch {
      signal.throwIfAborted();
    } finally {
      libp2p.removeEventListener("connection:open", onOpen);
    }
  }
}

export function openConnectionTo(libp2p: Libp2p, peerId: PeerId): Connection | undefined {
  return libp2p.getConnections(peerId).find((connection) => connection.status === "open");
}

function parseAddress(text: string): Multiaddr {
  try {
    return multiaddr(text);
  } catch {
    throw invalidField("bootstrap", text, "a multiaddr such as /ip4/192.0.2.1/tcp/8828/p2p/12D3Koo…");
  }
}

function peerIdOf(address: Multiaddr): PeerId | undefined {
  const value = address.getComponents().findLast((component) => component.code === CODE_P2P)?.value;
  return value === undefined ? undefined : peerIdFromString(value);
}
