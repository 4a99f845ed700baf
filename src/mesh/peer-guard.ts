import type { ConnectionGater, PeerId } from "@libp2p/interface";
import { BoundedMap, type Clock } from "../base/index.ts";
import { firstBanMs, longestBanMs, maxTrackedPeers } from "./limits.ts";
import { TokenBucket } from "./token-bucket.ts";

interface Ban {
  readonly untilMs: number;
  readonly lengthMs: number;
}

export interface PeerGuardOptions {
  readonly clock: Clock;
  /** When not empty, only these peers may connect. */
  readonly allow: readonly string[];
  readonly deny: readonly string[];
}

/** Who may connect, and how fast each peer may send. All of it is bounded: peers choose their own ids. */
export class PeerGuard {
  readonly #clock: Clock;
  readonly #allow: ReadonlySet<string>;
  readonly #deny: ReadonlySet<string>;
  readonly #bans = new BoundedMap<string, Ban>(maxTrackedPeers);
  readonly #buckets = new BoundedMap<string, TokenBucket>(maxTrackedPeers);

  constructor(options: PeerGuardOptions) {
    this.#clock = options.clock;
    this.#allow = new Set(options.allow);
    this.#deny = new Set(options.deny);
  }

  /** Refuses the peer for a while, longer each time. Returns for how many milliseconds. */
  ban(peerId: string): number {
    const before = this.#bans.get(peerId);
    const lengthMs = before === undefined ? firstBanMs : Math.min(longestBanMs, before.lengthMs * 2);
    this.#bans.delete(peerId);
    this.#bans.set(peerId, { untilMs: this.#clock.nowMs() + lengthMs, lengthMs });
    return lengthMs;
  }

  isRefused(peerId: string): boolean {
    if (this.#deny.has(peerId)) return true;
    if (this.#allow.size > 0 && !this.#allow.has(peerId)) return true;
    return (this.#bans.get(peerId)?.untilMs ?? 0) > this.#clock.nowMs();
  }

  /** The peer's bucket for one use; a burst is one second's worth. */
  bucket(peerId: string, use: string, framesPerSecond: number): TokenBucket {
    const key = `${peerId} ${use}`;
    const known = this.#buckets.get(key);
    if (known !== undefined) {
      this.#buckets.touch(key);
      return known;
    }
    const bucket = new TokenBucket(framesPerSecond, Math.max(1, framesPerSecond), this.#clock.nowMs());
    this.#buckets.set(key, bucket);
    return bucket;
  }

  /** The same decisions in the form libp2p asks for them. */
  gater(): ConnectionGater {
    const isRefused = (peerId: PeerId) => this.isRefused(peerId.toString());
    return {
      denyDialPeer: isRefused,
      denyInboundEncryptedConnection: isRefused,
      denyOutboundEncryptedConnection: isRefused,
    };
  }
}
