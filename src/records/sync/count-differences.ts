import type { Versioned } from "../merge-rule.ts";
import { decodeRecord, recordKey } from "../record-codec.ts";
import { nextTurn } from "../turn-taker.ts";
import type { RecordId } from "./range.ts";
import { RangeWalk } from "./range-walk.ts";
import type { RecordSet } from "./record-sets.ts";
import type { SyncClient } from "./sync-client.ts";
import { freeBytes, maxIdsAsked, maxRangesAsked } from "./sync-limits.ts";

export interface CountedDifferences {
  readonly missing: number;
  readonly extra: number;
  /** Age of the oldest missing record. */
  readonly behindMs: number;
}

/**
 * Walks over a set that differs and counts what each side lacks; at least so many, when the walk costs more than its bound.
 * An outdated record that the peer still has is not missing here: the first 256 candidates are looked at for that.
 */
export async function countDifferences(options: {
  readonly set: RecordSet;
  readonly client: SyncClient;
  readonly asOfMs: number;
  newest(key: string): Versioned | undefined;
}): Promise<CountedDifferences> {
  const { set, client, asOfMs, newest } = options;
  const walk = new RangeWalk(set.index, set.window(asOfMs), 0);
  const missing: RecordId[] = [];
  let absent = 0;
  let extra = 0;
  let oldestMs = Number.POSITIVE_INFINITY;
  while (!walk.isDone && client.receivedBytes < freeBytes) {
    const asked = walk.next(maxRangesAsked);
    const contents = await client.open(
      set,
      asOfMs,
      asked.map(({ range }) => range),
    );
    for (const [index, open] of asked.slice(0, contents.length).entries()) {
      const found = walk.take(open, contents[index] ?? { ids: [] });
      missing.push(...found.missing);
      extra += found.extraCount;
      for (const { range, count } of found.absent) {
        absent += count;
        oldestMs = Math.min(oldestMs, range.start.version);
      }
    }
    walk.putBack(asked.slice(contents.length));
    await nextTurn();
  }
  const [looked, rest] = [missing.slice(0, maxIdsAsked), missing.slice(maxIdsAsked)];
  const news: RecordId[] = [];
  if (looked.length > 0) {
    const { records, handled } = await client.fetch(set, looked);
    for (const encoded of records) {
      const record = decodeRecord(encoded);
      const held = record && newest(recordKey(record));
      if (record === undefined || (held !== undefined && held.version > record.version)) continue;
      news.push({ version: record.version, digest: new Uint8Array(0) });
      // What is held under the same key is on its way out.
      if (held !== undefined) extra--;
    }
    news.push(...looked.slice(handled));
  }
  const all = [...news, ...rest];
  for (const { version } of all) oldestMs = Math.min(oldestMs, version);
  const isBehind = Number.isFinite(oldestMs);
  return {
    missing: absent + all.length,
    extra: Math.max(0, extra),
    behindMs: isBehind ? Math.max(0, asOfMs - oldestMs) : 0,
  };
}
