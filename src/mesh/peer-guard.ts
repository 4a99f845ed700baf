import type { ConnectionGater, MultiaddrConnection, PeerId } from "@libp2p/interface";
import { CODE_P2P, type Multiaddr } from "@multiformats/multiaddr";
import { BoundedMap, type Clock } from "../base/index.ts";
import { ConnectionCounts, type PrefixOf } from "./connection-counts.ts";
import { prefixOfAddress } from "./ip-prefix.ts";
import {
  maxConnectionsPerPeer,
  maxTrackedPeers,
  penaltyForgivenAt,
  penaltyHalfLifeMs,
  penaltyThreshold,
  prefixShareOfPenalty,
} from "./limits.ts";
import { type Offence, offences } from "./offences.ts";
import { Penalties } from "./penalties.ts";
import { StreamQuota } from "./stream-quota.ts";

export interface PeerGuardOptions {
  readonly clock: Clock;
  /** When not empty, only these peers may connect. */
  readonly allow: readonly string[];
  readonly deny: readonly string[];
  /** Peer ids that the operator named to join by: what their prefix's neighbours do is not held against them. */
  readonly trusted?: readonly string[];
  /** Connections that one public prefix may hold. */
  readonly peersPerPrefix: number;
  /** Instead of IPv4 /24 and IPv6 /48, such as for a network in memory. */
  readonly prefixOf?: PrefixOf;
}

/** Why a peer is refused. */
export type Refusal =
  | { readonly why: "denied" | "not allowed" }
  | { readonly why: "banned" | "prefix banned"; readonly untilMs: number };

const penaltyRules = {
  halfLifeMs: penaltyHalfLifeMs,
  threshold: penaltyThreshold,
  forgivenAt: penaltyForgivenAt,
  maxKeys: maxTrackedPeers,
};

/** Who may connect, and how fast each peer may send. All of it is bounded: peers choose their own ids. */
export class PeerGuard {
  readonly prefixOf: PrefixOf;
  readonly connections: ConnectionCounts;
  readonly #options: PeerGuardOptions;
  readonly #allow: ReadonlySet<string>;
  readonly #deny: ReadonlySet<string>;
  readonly #trusted: ReadonlySet<string>;
  readonly #peers = new Penalties(penaltyRules);
  readonly #prefixes = new Penalties(penaltyRules);
  readonly #quotas = new BoundedMap<string, StreamQuota>(maxTrackedPeers);
  #crowdedOut = 0;
  #cutOff = 0;

  constructor(options: PeerGuardOptions) {
    this.#options = options;
    this.prefixOf = options.prefixOf ?? prefixOfAddress;
    this.connections = new ConnectionCounts(this.prefixOf);
    this.#allow = new Set(options.allow);
    this.#deny = new Set(options.deny);
    this.#trusted = new Set([...(options.trusted ?? []), ...options.allow]);
  }

  /** Connections refused because their peer or prefix holds as many as it may. */
  get crowdedOut(): number {
    return this.#crowdedOut;
  }

  /** Times that a peer was cut off for what it did. */
  get cutOff(): number {
    return this.#cutOff;
  }

  /** Notes what a peer did, from which addresses. True when the peer is to be cut off for it. */
  blame(peerId: string, offence: Offence, addresses: readonly Multiaddr[]): boolean {
    const nowMs = this.#options.clock.nowMs();
    for (const prefix of new Set(addresses.map(this.prefixOf)))
      if (prefix !== undefined) this.#prefixes.add(prefix, offences[offence] * prefixShareOfPenalty, nowMs);
    this.#peers.add(peerId, offences[offence], nowMs);
    const isCutOff = this.#peers.isRefused(peerId, nowMs);
    if (isCutOff) this.#cutOff++;
    return isCutOff;
  }

  penalty(peerId: string): number {
    return this.#peers.points(peerId, this.#options.clock.nowMs());
  }

  /** Why the peer may not connect now; `address` is where it comes from or is to be dialled. */
  refusal(peerId: string, address?: Multiaddr): Refusal | undefined {
    if (this.#deny.has(peerId)) return { why: "denied" };
    if (this.#allow.size > 0 && !this.#allow.has(peerId)) return { why: "not allowed" };
    const nowMs = this.#options.clock.nowMs();
    const untilMs = this.#peers.refusedUntilMs(peerId);
    if (untilMs > nowMs) return { why: "banned", untilMs };
    const prefix = address === undefined ? undefined : this.prefixOf(address);
    if (prefix === undefined || this.#trusted.has(peerId)) return undefined;
    const prefixUntilMs = this.#prefixes.refusedUntilMs(prefix);
    return prefixUntilMs > nowMs ? { why: "prefix banned", untilMs: prefixUntilMs } : undefined;
  }

  isRefused(peerId: string, address?: Multiaddr): boolean {
    return this.refusal(peerId, address) !== undefined;
  }

  /** Peers that are refused for what they did or by the list, those known by now. */
  refusedPeers(): string[] {
    return [...new Set([...this.#deny, ...this.#peers.refused(this.#options.clock.nowMs())])];
  }

  /** What the peer may use of one protocol. */
  quota(peerId: string, use: string, framesPerSecond: number): StreamQuota {
    const key = `${peerId} ${use}`;
    const known = this.#quotas.get(key);
    if (known !== undefined) {
      this.#quotas.touch(key);
      return known;
    }
    const quota = new StreamQuota(framesPerSecond, this.#options.clock.nowMs());
    this.#quotas.set(key, quota);
    return quota;
  }

  /** True when a connection more from there would be one too many for its peer or its prefix. */
  isCrowded(peerId: string, address: Multiaddr): boolean {
    if (this.connections.ofPeer(peerId) >= maxConnectionsPerPeer) return true;
    const prefix = this.prefixOf(address);
    if (prefix === undefined || this.#trusted.has(peerId)) return false;
    return this.connections.ofPrefix(prefix) >= this.#options.peersPerPrefix;
  }

  /** The same decisions in the form libp2p asks for them. */
  gater(): ConnectionGater {
    const isRefused = (peerId: PeerId, connection?: MultiaddrConnection) =>
      this.isRefused(peerId.toString(), connection?.remoteAddr);
    return {
      denyDialPeer: (peerId) => isRefused(peerId),
      // Addresses of the prefix that misbehaved are left out; the peer may have others.
      denyDialMultiaddr: (address) => {
        const peerId = peerIdIn(address);
        return peerId !== undefined && this.isRefused(peerId, address);
      },
      denyInboundEncryptedConnection: (peerId, connection) => {
        if (isRefused(peerId, connection)) return true;
        if (!this.isCrowded(peerId.toString(), connection.remoteAddr)) return false;
        this.#crowdedOut++;
        return true;
      },
      denyOutboundEncryptedConnection: (peerId) => isRefused(peerId),
    };
  }
}

function peerIdIn(address: Multiaddr): string | undefined {
  return address.getComponents().findLast(({ code }) => code === CODE_P2P)?.value;
}
