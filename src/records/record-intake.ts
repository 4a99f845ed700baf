import { type Clock, type Logger, messageOf } from "../base/index.ts";
import type { Store } from "../storage/store.ts";
import type { HeldRecord, HeldRecords } from "./held-records.ts";
import type { LiveRecord, MergeOutcome, RecordKind } from "./record.ts";
import { storeRecord } from "./record-table.ts";
import type { MergeOptions } from "./sync/sync-session.ts";
import { TurnTaker } from "./turn-taker.ts";
import { admitChecked, type CheckedStatement, type Verification, verifyRecord } from "./verify.ts";
import type { BulkVerifier } from "./verify-pool.ts";

export interface RecordIntakeOptions {
  readonly network: string;
  readonly kinds: ReadonlyMap<string, RecordKind<unknown>>;
  readonly held: HeldRecords;
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly verifier: BulkVerifier | undefined;
  /** A record has become visible. */
  readonly onApplied: (live: LiveRecord) => void;
}

/** Records checked in one turn of the event loop: two signatures each at most, about 4 ms. */
const verifiedPerTurn = 16;
/** The same for records whose signatures other threads have checked. */
const admittedPerTurn = 64;

/** The one way into the replica: records are verified, made durable, and only then visible. */
export class RecordIntake {
  readonly #options: RecordIntakeOptions;
  readonly #verifying = new TurnTaker();

  constructor(options: RecordIntakeOptions) {
    this.#options = options;
  }

  /** Batches that are being verified or wait for it. */
  get length(): number {
    return this.#verifying.length;
  }

  /** @throws CountersignError STORAGE_FAILED; then nothing of it is visible */
  async merge(encoded: readonly Uint8Array[], { asOfMs, isBulk }: MergeOptions): Promise<MergeOutcome[]> {
    const { network, kinds, held, clock, logger } = this.#options;
    const context = {
      network,
      nowMs: clock.nowMs(),
      asOfMs,
      kind: (name: string) => kinds.get(name),
      held: (key: string) => held.newest(key),
    };
    const checked = isBulk ? await this.#checkInBulk(encoded) : [];
    const verify = (bytes: Uint8Array, check: CheckedStatement | undefined): Verification => {
      if (check === undefined) return verifyRecord(bytes, context);
      return "outcome" in check ? check : admitChecked(bytes, check.digest, context);
    };
    const winners: HeldRecord[] = [];
    try {
      const perTurn = checked.length > 0 ? admittedPerTurn : verifiedPerTurn;
      const outcomes = await this.#verifying.mapSliced(encoded, perTurn, (bytes, index): MergeOutcome => {
        const verified = verify(bytes, checked[index]);
        if ("outcome" in verified) {
          if (verified.outcome === "rejected") logger.debug({ reason: verified.reason }, "record rejected");
          return verified.outcome;
        }
        held.claim(verified.record.key, verified.record);
        winners.push(verified.record);
        return "applied";
      });
      await this.apply(winners);
      return outcomes;
    } finally {
      for (const record of winners) held.release(record.key, record);
    }
  }

  /** Makes verified records durable, then visible. */
  async apply(records: readonly HeldRecord[]): Promise<void> {
    if (records.length === 0) return;
    const { store, held, clock, onApplied } = this.#options;
    await store.transact(records.map(storeRecord));
    const nowMs = clock.nowMs();
    for (const record of records) {
      // What has ended is held for peers whose clocks are behind, and is no news.
      if (held.put(record) && record.live.expiresAtMs > nowMs) onApplied(record.live);
    }
  }

  /** What other threads say of the records; nothing when they cannot, and then this one does the work. */
  async #checkInBulk(encoded: readonly Uint8Array[]): Promise<readonly (CheckedStatement | undefined)[]> {
    const { verifier, logger } = this.#options;
    try {
      return (await verifier?.check(encoded)) ?? [];
    } catch (error) {
      logger.debug({ error: messageOf(error) }, "records are checked in the main thread");
      return [];
    }
  }
}
