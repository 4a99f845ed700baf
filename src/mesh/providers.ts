import type { Libp2p } from "@libp2p/interface";
import { CID } from "multiformats/cid";
import * as raw from "multiformats/codecs/raw";
import * as digest from "multiformats/hashes/digest";
import { type Cancel, type Clock, type Logger, messageOf, sha256, withTimeLimit } from "../base/index.ts";

const sha256Code = 0x12;
/** Records live 48 hours on other nodes, but those nodes come and go. */
const provideEveryMs = 20 * 60_000;
/** A provide that found nobody is repeated soon. */
const retryMs = 5_000;
/** Peers that come together make one round of providing. */
const newPeerDelayMs = 300;
const provideTimeoutMs = 30_000;

/** The CID under which the DHT knows a key (a model uuid, a language): SHA-256 of its UTF-8, raw codec. */
export function cidOfKey(key: string): CID {
  return CID.createV1(raw.code, digest.create(sha256Code, sha256(key)));
}

export interface ProvidersOptions {
  readonly libp2p: Libp2p;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly peerCount: () => number;
}

/** Tells the DHT what this node has, again and again, until stopped. */
export class Providers {
  readonly #options: ProvidersOptions;
  readonly #keys = new Set<string>();
  readonly #stop = new AbortController();
  #cancelNext: Cancel | undefined;
  #nextAtMs = 0;
  #isRunning = false;

  constructor(options: ProvidersOptions) {
    this.#options = options;
  }

  provide(key: string): void {
    if (this.#keys.has(key)) return;
    this.#keys.add(key);
    this.#provideIn(newPeerDelayMs);
  }

  onPeer(): void {
    if (this.#keys.size > 0) this.#provideIn(newPeerDelayMs);
  }

  async *find(key: string, signal: AbortSignal): AsyncIterable<string> {
    const seen = new Set<string>();
    const either = AbortSignal.any([signal, this.#stop.signal]);
    for await (const provider of this.#options.libp2p.contentRouting.findProviders(cidOfKey(key), {
      signal: either,
    })) {
      const peerId = provider.id.toString();
      if (seen.has(peerId)) continue;
      seen.add(peerId);
      yield peerId;
    }
  }

  stop(): void {
    this.#stop.abort(new Error("the mesh was stopped"));
    this.#cancelNext?.();
  }

  #provideIn(delayMs: number): void {
    if (this.#stop.signal.aborted) return;
    const atMs = this.#options.clock.nowMs() + delayMs;
    if (this.#cancelNext !== undefined && this.#nextAtMs <= atMs) return;
    this.#cancelNext?.();
    this.#nextAtMs = atMs;
    this.#cancelNext = this.#options.clock.after(delayMs, () => {
      this.#cancelNext = undefined;
      if (this.#isRunning) return this.#provideIn(newPeerDelayMs);
      this.#isRunning = true;
      this.#provideAll()
        .then((isDone) => this.#provideIn(isDone ? provideEveryMs : retryMs))
        .finally(() => {
          this.#isRunning = false;
        });
    });
  }

  async #provideAll(): Promise<boolean> {
    const { libp2p, clock, logger, peerCount } = this.#options;
    if (peerCount() === 0) return false;
    let isDone = true;
    for (const key of this.#keys) {
      const late = () => new Error("providing took too long");
      try {
        await withTimeLimit(clock, provideTimeoutMs, late, this.#stop.signal, (signal) =>
          libp2p.contentRouting.provide(cidOfKey(key), { signal }),
        );
      } catch (error) {
        if (this.#stop.signal.aborted) return false;
        isDone = false;
        logger.debug({ key, error: messageOf(error) }, "key not provided on the DHT");
      }
    }
    return isDone;
  }
}
