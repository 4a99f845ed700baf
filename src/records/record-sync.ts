import { BoundedMap, type Cancel, type Clock, type Logger, messageOf } from "../base/index.ts";
import type { Mesh } from "../mesh/mesh.ts";
import type { Store } from "../storage/store.ts";
import { countersign } from "../wire/index.ts";
import type { MergeOutcome } from "./record.ts";
import { decodePage, encodePage, maxBundleBytes, maxBundleRecords } from "./record-bundle.ts";
import { maxIdBytes } from "./record-codec.ts";
import { readRecords } from "./record-table.ts";

/** Peers pulled from at once: more only repeat each other's records. */
const pullsAtOnce = 2;
/** Peers that wait to be pulled from; the periodic pull reaches who is left out. */
const maxWaitingPeers = 64;
/** A full pull from the same peer again is no use sooner; gossip brings what is new. */
const pullAgainAfterMs = 3 * 60_000;
/** One connected peer after the other, so that what gossip lost does not stay lost. */
const pullPeriodMs = 60_000;
const pageTimeoutMs = 15_000;
/** A new connection may break before the first page; the periodic pull is too late for a node that just joined. */
const retryDelayMs = 2_000;
const retries = 3;
/** A peer that never ends: four million records. */
const maxPages = 16_384;
/** Two pages at most, in case a single record is larger than expected, and framing. */
const maxPageBytes = 2 * maxBundleBytes;
/** A key and a number. */
const maxRequestBytes = maxIdBytes + 256;
const pagesPerSecond = 50;
const peersRemembered = 4096;
/** Rows read at once while a page fills up, so that a page of large records does not read them all. */
const rowsAtOnce = 32;

export interface RecordSyncOptions {
  readonly store: Store;
  readonly mesh: Pick<Mesh, "answer" | "request" | "onPeer" | "peers">;
  readonly clock: Clock;
  readonly logger: Logger;
  merge(records: readonly Uint8Array[]): Promise<MergeOutcome[]>;
}

/** Copies other replicas page by page, and serves this one's pages. */
export class RecordSync {
  readonly #options: RecordSyncOptions;
  readonly #stopping = new AbortController();
  readonly #pulledAtMs = new BoundedMap<string, number>(peersRemembered);
  readonly #failures = new BoundedMap<string, number>(peersRemembered);
  readonly #retrying = new Map<string, Cancel>();
  readonly #waiting = new Set<string>();
  readonly #pulling = new Map<string, Promise<void>>();
  #cancels: Cancel[] = [];

  constructor(options: RecordSyncOptions) {
    this.#options = options;
  }

  start(): void {
    const { mesh, clock } = this.#options;
    mesh.answer("sync", { maxRequestBytes, framesPerSecond: pagesPerSecond }, (_peerId, data) =>
      this.#serve(data),
    );
    this.#cancels = [
      mesh.onPeer((peerId) => this.#want(peerId)),
      clock.every(pullPeriodMs, () => this.#wantStalest()),
    ];
  }

  async stop(): Promise<void> {
    for (const cancel of [...this.#cancels, ...this.#retrying.values()]) cancel();
    this.#waiting.clear();
    this.#stopping.abort();
    await Promise.allSettled(this.#pulling.values());
  }

  #want(peerId: string): void {
    const pulledAtMs = this.#pulledAtMs.get(peerId);
    if (pulledAtMs !== undefined && this.#options.clock.nowMs() - pulledAtMs < pullAgainAfterMs) return;
    if (this.#pulling.has(peerId) || this.#waiting.size >= maxWaitingPeers) return;
    this.#waiting.add(peerId);
    this.#next();
  }

  #wantStalest(): void {
    let stalest: string | undefined;
    let stalestMs = Number.POSITIVE_INFINITY;
    for (const { peerId } of this.#options.mesh.peers()) {
      const pulledAtMs = this.#pulledAtMs.get(peerId) ?? 0;
      if (pulledAtMs < stalestMs) {
        stalest = peerId;
        stalestMs = pulledAtMs;
      }
    }
    if (stalest !== undefined) this.#want(stalest);
  }

  #next(): void {
    while (this.#pulling.size < pullsAtOnce && !this.#stopping.signal.aborted) {
      const peerId = this.#waiting.values().next().value;
      if (peerId === undefined) return;
      this.#waiting.delete(peerId);
      const pull = this.#pull(peerId).finally(() => {
        this.#pulling.delete(peerId);
        this.#next();
      });
      this.#pulling.set(peerId, pull);
    }
  }

  async #pull(peerId: string): Promise<void> {
    const { clock, logger } = this.#options;
    this.#pulledAtMs.set(peerId, clock.nowMs());
    let applied = 0;
    try {
      let afterKey = "";
      for (let pages = 0; pages < maxPages && !this.#stopping.signal.aborted; pages++) {
        const { records, nextKey } = await this.#page(peerId, afterKey);
        const outcomes = await this.#options.merge(records);
        applied += outcomes.filter((outcome) => outcome === "applied").length;
        if (outcomes.includes("rejected")) {
          logger.warn({ peerId }, "peer served records that cannot be accepted");
          return;
        }
        if (nextKey === "") break;
        if (nextKey <= afterKey) {
          logger.warn({ peerId }, "peer served pages out of order");
          return;
        }
        afterKey = nextKey;
      }
      this.#failures.delete(peerId);
      logger.debug({ peerId, applied }, "records pulled");
    } catch (error) {
      this.#pulledAtMs.delete(peerId);
      if (this.#stopping.signal.aborted) return;
      logger.debug({ peerId, applied, error: messageOf(error) }, "records could not be pulled");
      this.#retryLater(peerId);
    }
  }

  /** A few times; after that the periodic pull and the next connection try again. */
  #retryLater(peerId: string): void {
    const failures = (this.#failures.get(peerId) ?? 0) + 1;
    if (failures > retries) {
      this.#failures.delete(peerId);
      return;
    }
    this.#failures.set(peerId, failures);
    this.#retrying.get(peerId)?.();
    const retry = () => {
      this.#retrying.delete(peerId);
      this.#want(peerId);
    };
    this.#retrying.set(peerId, this.#options.clock.after(retryDelayMs * 2 ** (failures - 1), retry));
  }

  async #page(peerId: string, afterKey: string) {
    const { mesh, clock } = this.#options;
    const late = new AbortController();
    const cancel = clock.after(pageTimeoutMs, () => late.abort(new Error("the peer did not answer in time")));
    try {
      const request = countersign.v1.SyncPageRequest.encode({
        after_key: afterKey,
        limit: maxBundleRecords,
      }).finish();
      const signal = AbortSignal.any([this.#stopping.signal, late.signal]);
      return decodePage(
        await mesh.request(peerId, "sync", request, { signal, maxResponseBytes: maxPageBytes }),
      );
    } finally {
      cancel();
    }
  }

  async #serve(data: Uint8Array): Promise<Uint8Array> {
    const request = countersign.v1.SyncPageRequest.decode(data);
    const limit = Math.min(request.limit === 0 ? maxBundleRecords : request.limit, maxBundleRecords);
    const nowMs = this.#options.clock.nowMs();
    const records: Uint8Array[] = [];
    let pageBytes = 0;
    let afterKey = request.after_key;
    for (;;) {
      const wanted = Math.min(rowsAtOnce, limit - records.length);
      const rows = await readRecords(this.#options.store, afterKey, nowMs, wanted);
      for (const { key, encoded } of rows) {
        if (records.length > 0 && pageBytes + encoded.length > maxBundleBytes) {
          return encodePage({ records, nextKey: afterKey });
        }
        records.push(encoded);
        pageBytes += encoded.length;
        afterKey = key;
      }
      if (rows.length < wanted) return encodePage({ records, nextKey: "" });
      if (records.length >= limit) return encodePage({ records, nextKey: afterKey });
    }
  }
}
