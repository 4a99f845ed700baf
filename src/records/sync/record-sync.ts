import {
  type Cancel,
  type Clock,
  isCode,
  type Logger,
  messageOf,
  type RandomBytes,
} from "../../base/index.ts";
import type { Mesh } from "../../mesh/mesh.ts";
import type { Versioned } from "../merge-rule.ts";
import type { MergeOutcome } from "../record.ts";
import { maxBundleBytes } from "../record-bundle.ts";
import { PeerLied } from "./peer-lied.ts";
import type { RecordSets } from "./record-sets.ts";
import { SyncCheck, type SyncComparison } from "./sync-check.ts";
import { SyncClient } from "./sync-client.ts";
import {
  continueAfterMs,
  framesPerSecond,
  maxWaitingPeers,
  periodMs,
  recordOverheadBytes,
  secondSideWaitsMs,
  sessionsAtOnce,
  spreadAfterMs,
  spreadTo,
} from "./sync-limits.ts";
import { SyncPeers } from "./sync-peers.ts";
import { SyncServer } from "./sync-server.ts";
import { type BulkLease, type MergeOptions, type SessionReport, SyncSession } from "./sync-session.ts";

export interface RecordSyncOptions {
  readonly sets: RecordSets;
  readonly mesh: Pick<Mesh, "peerId" | "answer" | "request" | "onPeer" | "peers">;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly logger: Logger;
  /** The largest payload of the kinds that are known here. */
  readonly maxPayloadBytes: number;
  /** What is held, or being written, under a key. */
  newest(key: string): Versioned | undefined;
  merge(records: readonly Uint8Array[], options: MergeOptions): Promise<MergeOutcome[]>;
  /** Undefined when there is too much to verify already. */
  mergePushed(records: readonly Uint8Array[]): Promise<MergeOutcome[]> | undefined;
}

/** What reconciliation has done since the start, for metrics. */
export interface SyncCounters {
  readonly sessions: number;
  /** Sessions whose peer did not answer. */
  readonly failed: number;
  /** Sessions that ended because of what the peer answered. */
  readonly lied: number;
  /** Sessions that found the digests equal. */
  readonly equal: number;
  readonly received: number;
  readonly applied: number;
  readonly pushed: number;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly answered: number;
  readonly refused: number;
  readonly malformed: number;
}

/** Keeps this replica equal to its peers': holds sessions with them, answers theirs, and can say how it stands. */
export class RecordSync {
  readonly #options: RecordSyncOptions;
  readonly #server: SyncServer;
  readonly #peers: SyncPeers;
  readonly #check: SyncCheck;
  readonly #stopping = new AbortController();
  readonly #waiting = new Set<string>();
  readonly #running = new Map<string, Promise<void>>();
  /** Peers whose session begins in a while. */
  readonly #timers = new Map<string, Cancel>();
  #bulkPeer: string | undefined;
  /** Peers that had more than this node would copy beside a bulk copy. */
  readonly #afterBulk = new Set<string>();
  #cancels: Cancel[] = [];
  #cancelSpread: Cancel | undefined;
  readonly #counts = {
    sessions: 0,
    failed: 0,
    lied: 0,
    equal: 0,
    received: 0,
    applied: 0,
    pushed: 0,
    receivedBytes: 0,
    sentBytes: 0,
  };

  constructor(options: RecordSyncOptions) {
    this.#options = options;
    this.#server = new SyncServer({
      ...options,
      onPushed: () => this.#spread(),
      onInvited: (peerId) => {
        if (!this.#peers.isRecent(peerId)) this.#want(peerId);
      },
    });
    this.#peers = new SyncPeers(options.clock);
    this.#check = new SyncCheck({
      ...options,
      client: (peerId) => this.#client(peerId),
      signal: this.#stopping.signal,
      onDifference: (peerId) => this.#want(peerId),
    });
  }

  start(): void {
    const { mesh, clock, maxPayloadBytes } = this.#options;
    const maxRequestBytes = maxBundleBytes + maxPayloadBytes + recordOverheadBytes;
    mesh.answer("sync", { maxRequestBytes, framesPerSecond }, (peerId, frame) =>
      this.#server.answer(peerId, frame),
    );
    this.#cancels = [
      mesh.onPeer((peerId) => this.#onPeer(peerId)),
      clock.every(periodMs, () => this.#wantAny()),
    ];
  }

  async stop(): Promise<void> {
    this.#cancelSpread?.();
    for (const cancel of [...this.#cancels, ...this.#timers.values()]) cancel();
    this.#waiting.clear();
    this.#stopping.abort(new Error("the replica was stopped"));
    await Promise.allSettled(this.#running.values());
  }

  /** Compares this replica with so many peers', as of now. */
  compare(peerCount: number, signal: AbortSignal): Promise<SyncComparison> {
    return this.#check.run(peerCount, signal);
  }

  /** The last comparison that was made; undefined before the first. */
  get lastComparison(): SyncComparison | undefined {
    return this.#check.last;
  }

  counters(): SyncCounters {
    const { answered, refused, malformed } = this.#server;
    return { ...this.#counts, answered, refused, malformed };
  }

  #onPeer(peerId: string): void {
    if (this.#peers.isRecent(peerId)) return;
    if (this.#options.mesh.peerId < peerId) this.#want(peerId);
    else this.#wantSecond(peerId);
  }

  /** The other side begins, and one session makes both equal; when it is over this one only finds that out. */
  #wantSecond(peerId: string): void {
    this.#later(peerId, secondSideWaitsMs, () => {
      if (this.#server.isAskedBy(peerId, secondSideWaitsMs)) this.#wantSecond(peerId);
      else this.#want(peerId);
    });
  }

  #wantAny(): void {
    const ids = this.#options.mesh.peers().map(({ peerId }) => peerId);
    const choice = ids.filter(
      (peerId) => !this.#peers.isPaused(peerId) && !this.#running.has(peerId) && !this.#waiting.has(peerId),
    );
    const random = Buffer.from(this.#options.random(4)).readUInt32BE();
    const peerId = choice[random % choice.length];
    if (peerId !== undefined) this.#want(peerId);
  }

  #later(peerId: string, delayMs: number, then: () => void): void {
    if (this.#timers.size >= maxWaitingPeers || this.#stopping.signal.aborted) return;
    this.#timers.get(peerId)?.();
    const cancel = this.#options.clock.after(delayMs, () => {
      this.#timers.delete(peerId);
      then();
    });
    this.#timers.set(peerId, cancel);
  }

  #want(peerId: string): void {
    if (this.#peers.isPaused(peerId) || this.#running.has(peerId)) return;
    if (this.#waiting.size >= maxWaitingPeers) return;
    this.#waiting.add(peerId);
    this.#next();
  }

  #next(): void {
    while (this.#running.size < sessionsAtOnce && !this.#stopping.signal.aborted) {
      const peerId = this.#waiting.values().next().value;
      if (peerId === undefined) return;
      this.#waiting.delete(peerId);
      const session = this.#hold(peerId).finally(() => {
        this.#running.delete(peerId);
        this.#next();
      });
      this.#running.set(peerId, session);
    }
  }

  async #hold(peerId: string): Promise<void> {
    const { logger } = this.#options;
    const client = this.#client(peerId);
    this.#peers.started(peerId);
    this.#counts.sessions++;
    const session = new SyncSession({ ...this.#options, client, bulk: this.#bulkLease(peerId) });
    try {
      await session.run();
      this.#onEnd(peerId, session.report());
    } catch (error) {
      if (!this.#stopping.signal.aborted) this.#onFailure(peerId, error);
    }
    const report = session.report();
    this.#counts.received += report.received;
    this.#counts.applied += report.applied;
    this.#counts.pushed += report.pushed;
    this.#counts.receivedBytes += client.receivedBytes;
    this.#counts.sentBytes += client.sentBytes;
    if (report.applied > 0) this.#spread();
    if (report.differing.length > 0) logger.debug({ peerId, ...report }, "reconciled with a peer");
  }

  #onEnd(peerId: string, { differing, applied, pushedApplied, end }: SessionReport): void {
    if (differing.length === 0) this.#counts.equal++;
    const isFruitless =
      differing.length > 0 && applied + pushedApplied === 0 && (end === "done" || end === "limit");
    this.#peers.ended(peerId, isFruitless);
    // What a limit did not allow comes next, after the others that wait.
    if (end === "limit" && applied > 0) this.#later(peerId, continueAfterMs, () => this.#want(peerId));
    if (end === "later" && this.#afterBulk.size < maxWaitingPeers) this.#afterBulk.add(peerId);
  }

  /**
   * News that came by a session, not by gossip, may be news to others too: those on this side of a healed partition, say. Each
   * that learns something tells two more.
   */
  #spread(): void {
    if (this.#cancelSpread !== undefined || this.#stopping.signal.aborted) return;
    this.#cancelSpread = this.#options.clock.after(spreadAfterMs, () => {
      this.#cancelSpread = undefined;
      for (let count = 0; count < spreadTo; count++) this.#wantAny();
    });
  }

  #onFailure(peerId: string, error: unknown): void {
    const { logger } = this.#options;
    if (error instanceof PeerLied) {
      this.#counts.lied++;
      this.#peers.lied(peerId);
      logger.warn(
        { peerId, why: error.message },
        "a peer's records cannot be reconciled; it is left alone for a while",
      );
      return;
    }
    this.#counts.failed++;
    const delayMs = isCode(error, "RATE_LIMITED") ? undefined : this.#peers.failed(peerId);
    logger.debug({ peerId, delayMs, error: messageOf(error) }, "records could not be reconciled");
    if (delayMs !== undefined) this.#later(peerId, delayMs, () => this.#want(peerId));
  }

  #bulkLease(peerId: string): BulkLease {
    return {
      take: () => {
        this.#bulkPeer ??= peerId;
        return this.#bulkPeer === peerId;
      },
      release: () => {
        this.#bulkPeer = undefined;
        for (const waiting of this.#afterBulk) this.#want(waiting);
        this.#afterBulk.clear();
      },
    };
  }

  #client(peerId: string): SyncClient {
    const { mesh, clock, maxPayloadBytes } = this.#options;
    return new SyncClient({ peerId, mesh, clock, maxPayloadBytes, signal: this.#stopping.signal });
  }
}
