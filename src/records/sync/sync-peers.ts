import { BoundedMap, type Clock } from "../../base/index.ts";
import {
  againAfterMs,
  firstPauseMs,
  fruitlessAllowed,
  longestPauseAfterLieMs,
  longestPauseMs,
  peersRemembered,
  retries,
  retryDelayMs,
} from "./sync-limits.ts";

interface PeerHistory {
  lastStartMs: number;
  /** Sessions in a row that could not be held. */
  failures: number;
  /** Sessions in a row that changed nothing though digests differed. */
  fruitless: number;
  lies: number;
  pausedUntilMs: number;
}

/** When to hold a session with whom: what past sessions with each peer say. */
export class SyncPeers {
  readonly #clock: Clock;
  readonly #peers = new BoundedMap<string, PeerHistory>(peersRemembered);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  isPaused(peerId: string): boolean {
    return (this.#peers.get(peerId)?.pausedUntilMs ?? 0) > this.#clock.nowMs();
  }

  /** A session with the peer began a moment ago. */
  isRecent(peerId: string): boolean {
    const lastStartMs = this.#peers.get(peerId)?.lastStartMs;
    return lastStartMs !== undefined && Math.abs(this.#clock.nowMs() - lastStartMs) < againAfterMs;
  }

  started(peerId: string): void {
    this.#of(peerId).lastStartMs = this.#clock.nowMs();
  }

  ended(peerId: string, isFruitless: boolean): void {
    const peer = this.#of(peerId);
    peer.failures = 0;
    if (!isFruitless) {
      peer.fruitless = 0;
      peer.lies = 0;
      return;
    }
    peer.fruitless++;
    const beyond = peer.fruitless - fruitlessAllowed;
    if (beyond >= 0) this.#pause(peer, Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(beyond, 16)));
  }

  lied(peerId: string): void {
    const peer = this.#of(peerId);
    this.#pause(peer, Math.min(longestPauseAfterLieMs, firstPauseMs * 2 ** Math.min(peer.lies, 16)));
    peer.lies++;
  }

  /** How long to wait before the peer is tried again; undefined after a few times in a row. */
  failed(peerId: string): number | undefined {
    const peer = this.#of(peerId);
    peer.failures++;
    // Not held, so the next connection need not wait.
    peer.lastStartMs = 0;
    if (peer.failures <= retries) return retryDelayMs * 2 ** (peer.failures - 1);
    peer.failures = 0;
    return undefined;
  }

  #pause(peer: PeerHistory, lengthMs: number): void {
    peer.pausedUntilMs = this.#clock.nowMs() + lengthMs;
  }

  #of(peerId: string): PeerHistory {
    const known = this.#peers.get(peerId);
    if (known !== undefined) {
      this.#peers.touch(peerId);
      return known;
    }
    const peer = { lastStartMs: 0, failures: 0, fruitless: 0, lies: 0, pausedUntilMs: 0 };
    this.#peers.set(peerId, peer);
    return peer;
  }
}
