import type { Libp2p } from "@libp2p/interface";
import {
  type Cancel,
  type Clock,
  type Logger,
  messageOf,
  sha256,
  utf8,
  withTimeLimit,
} from "../base/index.ts";

const walkEveryMs = 20_000;
const walkTimeoutMs = 10_000;
/** The DHT pings a peer that has come before it puts it into its table. */
const settlingMs = 1_000;
/** After an outage also so many places far from this node's own id: the table must know the way to all of the network. */
const farTargets = 3;

export interface TableWalkOptions {
  readonly libp2p: Libp2p;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  /** A walk has ended; peers that it met have come as discoveries. */
  readonly onDone: () => void;
}

/**
 * Walks the DHT for peers, which fills its routing table on the way. The library's own refresh comes every five minutes, and
 * asking it for another leaves one more timer running each time; after an outage the table is filled by this.
 */
export class TableWalk {
  readonly #options: TableWalkOptions;
  #walkedAtMs = 0;
  #isAfterOutage = false;
  #walks = 0;
  #cancelSoon: Cancel | undefined;
  readonly #stop = new AbortController();

  constructor(options: TableWalkOptions) {
    this.#options = options;
  }

  /** Walks begun, since the start. */
  get walks(): number {
    return this.#walks;
  }

  /** All peers are lost: the next walk is due at once, and goes far. */
  outage(): void {
    this.#walkedAtMs = 0;
    this.#isAfterOutage = true;
  }

  /** A peer has come: after an outage the table wants filling, however many peers come back by themselves. */
  recovered(): void {
    if (!this.#isAfterOutage || this.#stop.signal.aborted) return;
    this.#cancelSoon ??= this.#options.clock.after(settlingMs, () => {
      this.#cancelSoon = undefined;
      this.walk();
    });
  }

  stop(): void {
    this.#stop.abort(new Error("the mesh was stopped"));
    this.#cancelSoon?.();
  }

  /** Walks when the last time is long enough ago. Somebody must be connected. */
  walk(): void {
    const { libp2p, clock, random } = this.#options;
    const nowMs = clock.nowMs();
    if (nowMs - this.#walkedAtMs < walkEveryMs) return;
    this.#walkedAtMs = nowMs;
    const targets: Uint8Array[] = [libp2p.peerId.toMultihash().bytes];
    if (this.#isAfterOutage)
      for (let index = 0; index < farTargets; index++) targets.push(sha256(utf8(`walk ${random()}`)));
    this.#isAfterOutage = false;
    for (const target of targets) this.#start(target);
  }

  #start(target: Uint8Array): void {
    const { libp2p, clock, logger, onDone } = this.#options;
    this.#walks++;
    const late = () => new Error("the walk took too long");
    withTimeLimit(clock, walkTimeoutMs, late, this.#stop.signal, async (signal) => {
      for await (const _ of libp2p.peerRouting.getClosestPeers(Uint8Array.from(target), { signal })) {
        // The DHT stores the addresses as it goes.
      }
      onDone();
    }).catch((error: unknown) =>
      logger.debug({ error: messageOf(error) }, "walk through the DHT ended early"),
    );
  }
}
