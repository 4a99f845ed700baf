import {
  type Cancel,
  type Clock,
  CountersignError,
  invalidField,
  type Logger,
  messageOf,
  type RandomBytes,
  sha256,
  systemRandom,
} from "../base/index.ts";
import type { Mesh } from "../mesh/mesh.ts";
import type { Signer } from "../proof/signer.ts";
import type { Store } from "../storage/store.ts";
import { HeldRecords } from "./held-records.ts";
import { expiryOf, heldPastEndMs } from "./lifetimes.ts";
import { loadRecords } from "./load-records.ts";
import type { LiveRecord, MergeOutcome, RecordKind, Replica } from "./record.ts";
import { encodeRecord, isRecordId, maxIdBytes, recordKey, signedHash } from "./record-codec.ts";
import { RecordGossip } from "./record-gossip.ts";
import { RecordIntake } from "./record-intake.ts";
import { dropEnded } from "./record-table.ts";
import { RecordSync, type SyncCounters } from "./sync/record-sync.ts";
import type { SyncComparison } from "./sync/sync-check.ts";
import type { BulkVerifier } from "./verify-pool.ts";

// biome-ignore lint/suspicious/noExplicitAny: kinds of different payloads live in one table; each is used with its own.
export type AnyRecordKind = RecordKind<any>;

export interface ReplicaOptions {
  readonly network: string;
  /** A store with `recordMigrations`. */
  readonly store: Store;
  readonly signer: Signer;
  readonly mesh: Pick<Mesh, "peerId" | "publish" | "subscribe" | "answer" | "request" | "onPeer" | "peers">;
  readonly clock: Clock;
  readonly random?: RandomBytes;
  readonly logger: Logger;
  readonly kinds: readonly AnyRecordKind[];
  /** Checks what comes in bulk in other threads; stopped with the replica. Without it everything is checked in this one. */
  readonly verifier?: BulkVerifier;
}

export interface OpenReplica extends Replica {
  /**
   * Compares this replica with so many peers', as of now.
   * @throws the signal's reason when aborted
   */
  compare(peerCount: number, signal: AbortSignal): Promise<SyncComparison>;
  /** The last comparison that was made; undefined before the first. */
  readonly lastComparison: SyncComparison | undefined;
  syncCounters(): SyncCounters;
  /** Sends what waits for gossip, ends synchronization and waits for writes under way. */
  stop(): Promise<void>;
}

/** Bundles that peers push may wait beside the gossiped ones, which are this side's own choice to hear. */
const maxWaitingPushes = 16;
/** Gossiped bundles that may wait to be verified: some seconds of work. More are ignored; synchronization brings them. */
const maxWaitingBundles = 128;
const expiryPeriodMs = 60_000;

/** Loads what is stored, then takes part in gossip and synchronization. */
export async function openReplica(options: ReplicaOptions): Promise<OpenReplica> {
  const replica = new StoredReplica(options);
  await replica.load();
  replica.start();
  return replica;
}

class StoredReplica implements OpenReplica {
  readonly #options: ReplicaOptions;
  readonly #kinds: ReadonlyMap<string, AnyRecordKind>;
  readonly #held: HeldRecords;
  readonly #listeners = new Map<string, Set<(record: LiveRecord) => void>>();
  readonly #intake: RecordIntake;
  readonly #gossip: RecordGossip;
  readonly #sync: RecordSync;
  readonly #work = new Set<Promise<unknown>>();
  #stopExpiry: Cancel = () => {};
  #isStopped = false;

  constructor(options: ReplicaOptions) {
    this.#options = options;
    const { kinds } = options;
    this.#kinds = new Map(kinds.map((kind) => [kind.name, kind]));
    this.#held = new HeldRecords(kinds);
    this.#intake = new RecordIntake({
      ...options,
      kinds: this.#kinds,
      held: this.#held,
      verifier: options.verifier,
      onApplied: (live) => this.#tell(live),
    });
    this.#gossip = new RecordGossip({
      ...options,
      isBusy: () => this.#intake.length >= maxWaitingBundles,
      merge: (records) => this.merge(records),
    });
    this.#sync = new RecordSync({
      ...options,
      random: options.random ?? systemRandom,
      sets: this.#held.sets,
      maxPayloadBytes: Math.max(0, ...kinds.map(({ maxPayloadBytes }) => maxPayloadBytes)),
      newest: (key) => this.#held.newest(key),
      merge: (records, how) => this.#track(this.#intake.merge(records, how)),
      mergePushed: (records) => this.#mergePushed(records),
    });
  }

  async load(): Promise<void> {
    const { store, clock, network, logger } = this.#options;
    let unreadable = 0;
    for await (const record of loadRecords(store, network, this.#kinds, clock.nowMs() - heldPastEndMs)) {
      if (record === undefined) unreadable++;
      else this.#held.put(record);
    }
    if (unreadable > 0)
      logger.warn({ unreadable }, "stored records that this version cannot read are left aside");
    logger.info({ records: this.counts() }, "replica loaded");
  }

  start(): void {
    this.#gossip.start();
    this.#sync.start();
    this.#stopExpiry = this.#options.clock.every(expiryPeriodMs, () => this.#track(this.#expire()));
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#stopExpiry();
    this.#gossip.stop();
    await this.#sync.stop();
    await this.#options.verifier?.stop();
    await Promise.allSettled(this.#work);
  }

  compare(peerCount: number, signal: AbortSignal): Promise<SyncComparison> {
    return this.#sync.compare(peerCount, signal);
  }

  get lastComparison(): SyncComparison | undefined {
    return this.#sync.lastComparison;
  }

  syncCounters(): SyncCounters {
    return this.#sync.counters();
  }

  async publish<T>(kind: RecordKind<T>, id: string, payload: T): Promise<LiveRecord<T>> {
    if (!isRecordId(id)) throw invalidField("id", id, `1 to ${maxIdBytes} printable ASCII characters`);
    return (await this.#publish(kind, id, payload, kind.encode(payload), false)) as LiveRecord<T>;
  }

  async remove(kind: RecordKind<unknown>, id: string): Promise<boolean> {
    const live = this.get(kind, this.#options.signer.address, id);
    if (live === undefined) return false;
    await this.#publish(kind, id, undefined, new Uint8Array(0), true);
    return true;
  }

  get<T>(kind: RecordKind<T>, owner: string, id: string): LiveRecord<T> | undefined {
    const live = this.#held.get(kind.name, owner, id);
    return live !== undefined && this.#isLive(live) ? (live as LiveRecord<T>) : undefined;
  }

  list<T>(kind: RecordKind<T>): LiveRecord<T>[] {
    const lives: LiveRecord<T>[] = [];
    for (const live of this.#held.ofKind(kind.name)) {
      if (this.#isLive(live)) lives.push(live as LiveRecord<T>);
    }
    return lives;
  }

  onChange<T>(kind: RecordKind<T>, listener: (record: LiveRecord<T>) => void): () => void {
    const listeners = this.#listeners.get(kind.name) ?? new Set();
    this.#listeners.set(kind.name, listeners);
    listeners.add(listener as (record: LiveRecord) => void);
    return () => listeners.delete(listener as (record: LiveRecord) => void);
  }

  counts(): Record<string, number> {
    const nowMs = this.#options.clock.nowMs();
    const live = [...this.#held.sets.all()].filter(({ deleted }) => !deleted);
    return Object.fromEntries(
      live.map((set) => [set.kind, set.index.count({ start: set.window(nowMs).start, end: undefined })]),
    );
  }

  merge(encoded: readonly Uint8Array[]): Promise<MergeOutcome[]> {
    return this.#track(this.#intake.merge(encoded, { asOfMs: this.#options.clock.nowMs(), isBulk: false }));
  }

  #mergePushed(encoded: readonly Uint8Array[]): Promise<MergeOutcome[]> | undefined {
    if (this.#isStopped || this.#intake.length >= maxWaitingPushes) return undefined;
    // The pusher's clock may be behind: what ended a moment ago is taken, so that both end up with the same.
    const asOfMs = this.#options.clock.nowMs() - heldPastEndMs;
    return this.#track(this.#intake.merge(encoded, { asOfMs, isBulk: false }));
  }

  async #publish(
    kind: AnyRecordKind,
    id: string,
    payload: unknown,
    bytes: Uint8Array,
    deleted: boolean,
  ): Promise<LiveRecord> {
    const { network, signer, clock } = this.#options;
    const owner = signer.address;
    if (!this.#kinds.has(kind.name)) throw new TypeError(`kind ${kind.name} is not of this replica`);
    if (bytes.length > kind.maxPayloadBytes) {
      throw new CountersignError(
        "TOO_LARGE",
        `a ${kind.name} record may have ${kind.maxPayloadBytes} bytes, not ${bytes.length}`,
        { allowed: kind.maxPayloadBytes },
      );
    }
    const key = recordKey({ kind: kind.name, owner, id });
    const version = Math.max(clock.nowMs(), (this.#held.newest(key)?.version ?? 0) + 1);
    const problem = deleted ? undefined : kind.check({ owner, id, version }, payload, network);
    if (problem !== undefined)
      throw new CountersignError("INVALID_ARGUMENT", `${kind.name} record: ${problem}`);
    // The version is taken before the signer is asked, so that two calls in a row get two versions.
    const claim = { version, digest: new Uint8Array(0) };
    this.#held.claim(key, claim);
    try {
      const expiresAtMs = expiryOf(kind, version, deleted);
      const fields = { network, kind: kind.name, owner, id, version, expiresAtMs, deleted, payload: bytes };
      const encoded = encodeRecord(fields, await signer.signHash(signedHash(fields)));
      const live = {
        kind: kind.name,
        owner,
        id,
        version,
        expiresAtMs,
        deleted,
        payload: kind.decode(bytes),
        encoded,
      };
      await this.#track(this.#intake.apply([{ key, version, digest: sha256(encoded), live }]));
      this.#gossip.announce(encoded);
      return live;
    } finally {
      this.#held.release(key, claim);
    }
  }

  /** What has ended vanishes from reads at once, and from memory and disk once no peer's clock can miss it. */
  async #expire(): Promise<void> {
    const { clock, store, logger } = this.#options;
    const endedByMs = clock.nowMs() - heldPastEndMs;
    this.#held.dropEnded(endedByMs);
    try {
      await store.transact([dropEnded(endedByMs)]);
    } catch (error) {
      logger.warn({ error: messageOf(error) }, "expired records could not be removed");
    }
  }

  #isLive(live: LiveRecord): boolean {
    return !live.deleted && live.expiresAtMs > this.#options.clock.nowMs();
  }

  #tell(live: LiveRecord): void {
    for (const listener of this.#listeners.get(live.kind) ?? []) {
      try {
        listener(live);
      } catch (error) {
        this.#options.logger.error({ kind: live.kind, error: messageOf(error) }, "record listener failed");
      }
    }
  }

  #track<T>(work: Promise<T>): Promise<T> {
    this.#work.add(work);
    const forget = () => this.#work.delete(work);
    work.then(forget, forget);
    return work;
  }
}
