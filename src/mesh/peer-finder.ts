import type { Connection, Libp2p, PeerId } from "@libp2p/interface";
import { peerIdFromString } from "@libp2p/peer-id";
import { CODE_P2P, type Multiaddr, multiaddr } from "@multiformats/multiaddr";
import {
  BoundedMap,
  type Cancel,
  type Clock,
  invalidField,
  type Logger,
  messageOf,
  sleep,
} from "../base/index.ts";
import { backoffMs } from "./backoff.ts";
import { maxTrackedPeers } from "./limits.ts";

/** Rounds of looking for peers: alone a node tries hard, with some peers it takes its time. */
const aloneBounds = { firstMs: 100, longestMs: 3_000 };
const fewBounds = { firstMs: 500, longestMs: 15_000 };
/** One address that failed: tried again soon while alone, later when others answer. */
const failedAloneBounds = { firstMs: 200, longestMs: 3_000 };
const failedBounds = { firstMs: 1_000, longestMs: 60_000 };
const dialTimeoutMs = 5_000;
const parallelDials = 8;
/** The peer with the smaller id lets the other dial first, so that two nodes seldom hold two connections. */
const politenessMs = 150;
const walkEveryMs = 20_000;
const walkTimeoutMs = 10_000;
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
}

interface Candidate {
  readonly key: string;
  readonly peerId: PeerId | undefined;
  readonly address: Multiaddr | undefined;
}

interface Failure {
  readonly attempts: number;
  readonly notBeforeMs: number;
}

/** Keeps the node among peers: bootstrap peers, those of the last run, those that others and the DHT name. */
export class PeerFinder {
  readonly #options: PeerFinderOptions;
  readonly #bootstrap: readonly Candidate[];
  readonly #failures = new BoundedMap<string, Failure>(maxTrackedPeers);
  readonly #stop = new AbortController();
  #cancelNext: Cancel | undefined;
  #isLooking = false;
  #hasNews = false;
  #round = 0;
  #walkedAtMs = 0;

  constructor(options: PeerFinderOptions) {
    this.#options = options;
    this.#bootstrap = options.bootstrap.map((text) => {
      const address = parseAddress(text);
      return { key: text, address, peerId: peerIdOf(address) };
    });
  }

  start(): void {
    this.#look();
  }

  stop(): void {
    this.#stop.abort(new Error("the mesh was stopped"));
    this.#cancelNext?.();
  }

  /** Something has changed: look soon, and eagerly again. */
  news(): void {
    this.#round = 0;
    if (this.#isLooking) this.#hasNews = true;
    else this.#lookIn(newsDelayMs);
  }

  /** Remembers addresses that somebody named. They are hints: the handshake proves who answers. */
  async learn(addresses: readonly string[]): Promise<void> {
    for (const text of addresses) {
      const address = multiaddr(text);
      const peerId = peerIdOf(address);
      if (peerId === undefined || peerId.equals(this.#options.libp2p.peerId)) continue;
      await this.#options.libp2p.peerStore.merge(peerId, { multiaddrs: [address.decapsulateCode(CODE_P2P)] });
    }
    if (addresses.length > 0) this.news();
  }

  /** The connection to a peer, made when there is none. */
  async connect(peerId: PeerId, signal: AbortSignal): Promise<Connection> {
    const { libp2p } = this.#options;
    await this.#beLate(peerId, signal);
    return openConnectionTo(libp2p, peerId) ?? libp2p.dial(peerId, { signal });
  }

  #lookIn(delayMs: number): void {
    if (this.#stop.signal.aborted) return;
    this.#cancelNext?.();
    this.#cancelNext = this.#options.clock.after(delayMs, () => this.#look());
  }

  #look(): void {
    this.#isLooking = true;
    this.#hasNews = false;
    this.#lookOnce()
      .catch((error: unknown) => {
        if (!this.#stop.signal.aborted)
          this.#options.logger.warn({ error: messageOf(error) }, "looking for peers failed");
      })
      .finally(() => {
        this.#isLooking = false;
        this.#round++;
        const bounds = this.#options.peerCount() === 0 ? aloneBounds : fewBounds;
        this.#lookIn(this.#hasNews ? newsDelayMs : backoffMs(this.#round, bounds, this.#options.random()));
      });
  }

  async #lookOnce(): Promise<void> {
    const { peerCount, wantedPeers } = this.#options;
    const missing = wantedPeers - peerCount();
    if (missing <= 0) return;
    const candidates = await this.#candidates();
    await Promise.all(
      candidates.slice(0, Math.min(missing, parallelDials)).map((candidate) => this.#dial(candidate)),
    );
    if (peerCount() < wantedPeers) this.#walk();
  }

  async #candidates(): Promise<Candidate[]> {
    const { libp2p, clock, isUnwanted, random } = this.#options;
    const stored = await libp2p.peerStore.all();
    const known: Candidate[] = stored
      .filter((peer) => peer.addresses.length > 0)
      .map((peer) => ({ key: peer.id.toString(), peerId: peer.id, address: undefined }));
    const shuffled = known
      .map((candidate) => ({ candidate, order: random() }))
      .sort((a, b) => a.order - b.order)
      .map(({ candidate }) => candidate);
    const seen = new Set<string>([libp2p.peerId.toString()]);
    return [...this.#bootstrap, ...shuffled].filter((candidate) => {
      const id = candidate.peerId?.toString() ?? candidate.key;
      if (seen.has(id) || isUnwanted(id)) return false;
      seen.add(id);
      if (candidate.peerId !== undefined && openConnectionTo(libp2p, candidate.peerId) !== undefined)
        return false;
      return (this.#failures.get(candidate.key)?.notBeforeMs ?? 0) <= clock.nowMs();
    });
  }

  async #dial(candidate: Candidate): Promise<void> {
    const { libp2p, clock, logger, random, peerCount } = this.#options;
    const timeout = new AbortController();
    const cancelTimeout = clock.after(dialTimeoutMs, () =>
      timeout.abort(new Error("the dial took too long")),
    );
    const signal = AbortSignal.any([this.#stop.signal, timeout.signal]);
    try {
      if (candidate.peerId !== undefined) await this.#beLate(candidate.peerId, signal);
      const isThere =
        candidate.peerId !== undefined && openConnectionTo(libp2p, candidate.peerId) !== undefined;
      const target = candidate.address ?? candidate.peerId;
      if (!isThere && target !== undefined) await libp2p.dial(target, { signal });
      this.#failures.delete(candidate.key);
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      const attempts = (this.#failures.get(candidate.key)?.attempts ?? 0) + 1;
      const bounds = peerCount() === 0 ? failedAloneBounds : failedBounds;
      this.#failures.delete(candidate.key);
      this.#failures.set(candidate.key, {
        attempts,
        notBeforeMs: clock.nowMs() + backoffMs(attempts, bounds, random()),
      });
      logger.debug({ peer: candidate.key, attempts, error: messageOf(error) }, "dial failed");
    } finally {
      cancelTimeout();
    }
  }

  async #beLate(peerId: PeerId, signal: AbortSignal): Promise<void> {
    const { libp2p, clock, random } = this.#options;
    if (libp2p.peerId.toString() > peerId.toString() || openConnectionTo(libp2p, peerId) !== undefined)
      return;
    await sleep(clock, politenessMs * (1 + random()), signal);
  }

  /** Asks the DHT for peers near this node's own id; what it names comes back as discoveries. */
  #walk(): void {
    const { libp2p, clock, logger, peerCount } = this.#options;
    const nowMs = clock.nowMs();
    if (peerCount() === 0 || nowMs - this.#walkedAtMs < walkEveryMs) return;
    this.#walkedAtMs = nowMs;
    const timeout = new AbortController();
    const cancelTimeout = clock.after(walkTimeoutMs, () =>
      timeout.abort(new Error("the walk took too long")),
    );
    const signal = AbortSignal.any([this.#stop.signal, timeout.signal]);
    const walk = async (): Promise<void> => {
      for await (const _ of libp2p.peerRouting.getClosestPeers(libp2p.peerId.toMultihash().bytes, {
        signal,
      })) {
        // The DHT stores the addresses as it goes.
      }
      this.news();
    };
    walk()
      .catch((error: unknown) =>
        logger.debug({ error: messageOf(error) }, "walk through the DHT ended early"),
      )
      .finally(cancelTimeout);
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
