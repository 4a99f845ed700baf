import { type Clock, isCode } from "../../base/index.ts";
import type { HeldRecord } from "../held-records.ts";
import type { MergeOutcome } from "../record.ts";
import { bundlesOf, decodeBundle, encodeBundle } from "../record-bundle.ts";
import { nextTurn } from "../turn-taker.ts";
import { differingSets } from "./differing-sets.ts";
import { PeerLied } from "./peer-lied.ts";
import { compareInSet, type Range, type RecordId } from "./range.ts";
import { type Differences, RangeWalk } from "./range-walk.ts";
import type { RecordSet, RecordSets, SetName } from "./record-sets.ts";
import type { SyncClient } from "./sync-client.ts";
import {
  bulkFrom,
  bytesPerUsefulByte,
  freeBytes,
  maxIdsAsked,
  maxPushedRecords,
  maxRangesAsked,
  maxRejected,
  maxSessionMs,
  pagesInHand,
  rangesPerTurn,
} from "./sync-limits.ts";
import type { RecordsPage } from "./sync-messages.ts";

export interface MergeOptions {
  /** What has ended by then is not taken. */
  readonly asOfMs: number;
  /** Many records follow: worth checking in other threads. */
  readonly isBulk: boolean;
}

/** Bulk copies take turns: two at once would only bring everything twice. */
export interface BulkLease {
  /** Whether this session has it now. */
  take(): boolean;
  release(): void;
}

export interface SyncSessionOptions {
  readonly client: SyncClient;
  readonly sets: RecordSets;
  readonly clock: Clock;
  readonly bulk: BulkLease;
  merge(records: readonly Uint8Array[], options: MergeOptions): Promise<MergeOutcome[]>;
}

export interface SessionReport {
  /** Sets whose digests differed when the session began; none when both sides are equal. */
  readonly differing: readonly SetName[];
  readonly received: number;
  /** Of those received: news. */
  readonly applied: number;
  /** Of those received: what this side may not accept. */
  readonly rejected: number;
  readonly pushed: number;
  /** Of those pushed: news to the peer. */
  readonly pushedApplied: number;
  /** `later`: another session copies in bulk. `limit`: time or bytes were used up. `invited`: the peer is to copy by itself. */
  readonly end: "done" | "later" | "limit" | "invited";
}

/** One session with one peer: finds what differs, takes what is missing here, gives what is missing there. */
export class SyncSession {
  readonly #options: SyncSessionOptions;
  readonly #asOfMs: number;
  #differing: readonly RecordSet[] = [];
  readonly #extra: HeldRecord[] = [];
  /** Pages that are being verified and written. */
  readonly #inHand: Promise<void>[] = [];
  #extraCount = 0;
  #found = 0;
  #isBulk = false;
  #end: SessionReport["end"] = "done";
  #received = 0;
  #applied = 0;
  #rejected = 0;
  #pushed = 0;
  #pushedApplied = 0;
  #usefulBytes = 0;

  constructor(options: SyncSessionOptions) {
    this.#options = options;
    this.#asOfMs = options.clock.nowMs();
  }

  /**
   * @throws PeerLied when the peer answers what no honest peer would; whatever the mesh throws when it does not answer.
   * What was received until then stays.
   */
  async run(): Promise<void> {
    const { client, sets, bulk } = this.#options;
    this.#differing = differingSets(sets, this.#asOfMs, await client.digests(this.#asOfMs));
    try {
      for (const set of this.#differing) {
        if (this.#isOver()) break;
        await this.#untilLimited(() => this.#reconcile(set));
      }
      await this.#settle(0);
      await this.#untilLimited(() => this.#push());
    } finally {
      await Promise.allSettled(this.#inHand);
      if (this.#isBulk) bulk.release();
    }
  }

  /** What has come of it so far, also when it failed. */
  report(): SessionReport {
    return {
      differing: this.#differing.map(({ kind, deleted }) => ({ kind, deleted })),
      received: this.#received,
      applied: this.#applied,
      rejected: this.#rejected,
      pushed: this.#pushed,
      pushedApplied: this.#pushedApplied,
      end: this.#end,
    };
  }

  /** A peer that has answered enough for now has not failed. */
  async #untilLimited(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!isCode(error, "RATE_LIMITED")) throw error;
      this.#end = "limit";
    }
  }

  async #reconcile(set: RecordSet): Promise<void> {
    const missing: RecordId[] = [];
    await this.#untilLimited(() => this.#walk(set, missing));
    if (missing.length > 0) await this.#fetch(set, missing);
  }

  async #walk(set: RecordSet, missing: RecordId[]): Promise<void> {
    const { client } = this.#options;
    const walk = new RangeWalk(set.index, set.window(this.#asOfMs), maxPushedRecords);
    while (!walk.isDone && !this.#isOver()) {
      const asked = walk.next(maxRangesAsked);
      const contents = await client.open(
        set,
        this.#asOfMs,
        asked.map(({ range }) => range),
      );
      const absent: { range: Range; count: number }[] = [];
      for (const [index, one] of contents.entries()) {
        if (index % rangesPerTurn === rangesPerTurn - 1) await nextTurn();
        const open = asked[index];
        if (open === undefined) break;
        const found = walk.take(open, one);
        missing.push(...found.missing);
        this.#noteExtra(found);
        for (const range of found.absent) joinAbsent(absent, range);
      }
      walk.putBack(asked.slice(contents.length));
      for (const { range, count } of absent) await this.#copy(set, range, count);
      while (missing.length >= maxIdsAsked) await this.#fetch(set, missing.splice(0, maxIdsAsked));
    }
  }

  #noteExtra({ extra, extraCount }: Differences<HeldRecord>): void {
    this.#extraCount += extraCount;
    if (this.#extraCount <= maxPushedRecords) this.#extra.push(...extra);
  }

  /** Everything in a range of which nothing is here. */
  async #copy(set: RecordSet, { start, end }: Range, count: number): Promise<void> {
    if (!this.#mayTake(count)) return;
    let from = start;
    while (!this.#isOver()) {
      const page = await this.#options.client.copy(set, this.#asOfMs, { start: from, end });
      await this.#take(page);
      const { next } = page;
      if (next === undefined) return;
      const isInside = compareInSet(from, next) < 0 && (end === undefined || compareInSet(next, end) < 0);
      if (page.records.length === 0 || !isInside) throw new PeerLied("serves pages out of order");
      from = next;
    }
  }

  async #fetch(set: RecordSet, ids: readonly RecordId[]): Promise<void> {
    if (!this.#mayTake(ids.length)) return;
    let left = ids.toSorted(compareInSet);
    while (left.length > 0 && !this.#isOver()) {
      const page = await this.#options.client.fetch(set, left.slice(0, maxIdsAsked));
      await this.#take(page);
      left = left.slice(page.handled);
    }
  }

  /** From `bulkFrom` on only the one session that has the lease goes on. */
  #mayTake(count: number): boolean {
    this.#found += count;
    if (this.#isBulk || this.#found < bulkFrom) return true;
    this.#isBulk = this.#options.bulk.take();
    if (!this.#isBulk) this.#end = "later";
    return this.#isBulk;
  }

  async #take({ records }: RecordsPage): Promise<void> {
    if (records.length === 0) return;
    const work = this.#merge(records);
    // Its failure is told when it is waited for.
    work.catch(() => {});
    this.#inHand.push(work);
    await this.#settle(pagesInHand - 1);
  }

  async #settle(leave: number): Promise<void> {
    while (this.#inHand.length > leave) await this.#inHand.shift();
  }

  async #merge(records: readonly Uint8Array[]): Promise<void> {
    const { merge } = this.#options;
    this.#received += records.length;
    const outcomes = await merge(records, { asOfMs: this.#asOfMs, isBulk: this.#isBulk });
    for (const [index, outcome] of outcomes.entries()) {
      // A peer of another version may hold what this one rejects; the rest is welcome, within reason.
      if (outcome === "rejected" && ++this.#rejected > maxRejected)
        throw new PeerLied("serves records that cannot be accepted");
      if (outcome !== "applied") continue;
      this.#applied++;
      this.#usefulBytes += records[index]?.length ?? 0;
    }
  }

  async #push(): Promise<void> {
    const { client, sets } = this.#options;
    // In bulk the peer copies by itself, as fast as it can check; an empty push asks it to.
    if (this.#extraCount > maxPushedRecords) {
      this.#end = "invited";
      await client.push(encodeBundle([]));
      return;
    }
    // What has been superseded by what the peer sent is no news to it.
    const still = this.#extra.filter((record) => sets.get(record.live)?.index.has(record));
    for (const bundle of bundlesOf(still.map(({ live }) => live.encoded))) {
      if (this.#isLate()) return;
      const { applied } = await client.push(bundle);
      this.#pushed += decodeBundle(bundle).length;
      this.#pushedApplied += applied;
    }
  }

  #isOver(): boolean {
    if (this.#end === "later" || this.#isLate()) return true;
    const isCostly = this.#options.client.receivedBytes > freeBytes + bytesPerUsefulByte * this.#usefulBytes;
    if (isCostly) this.#end = "limit";
    return isCostly;
  }

  #isLate(): boolean {
    const isLate = this.#options.clock.nowMs() - this.#asOfMs >= maxSessionMs;
    if (isLate) this.#end = "limit";
    return isLate;
  }
}

/** Neighbouring ranges become one, which takes fewer pages. */
function joinAbsent(absent: { range: Range; count: number }[], next: { range: Range; count: number }): void {
  const last = absent.at(-1);
  const isNeighbour = last?.range.end !== undefined && compareInSet(last.range.end, next.range.start) === 0;
  if (last === undefined || !isNeighbour) absent.push({ ...next });
  else {
    last.range = { start: last.range.start, end: next.range.end };
    last.count += next.count;
  }
}
