import { supersedes, type Versioned } from "./merge-rule.ts";
import type { LiveRecord, RecordKind } from "./record.ts";
import { wholeSet } from "./sync/range.ts";
import { RecordSets } from "./sync/record-sets.ts";

export interface HeldRecord extends Versioned {
  readonly key: string;
  readonly live: LiveRecord;
}

/** The replica in memory: by kind and by owner and id, in the order of its sets, and what is on its way to storage. */
export class HeldRecords {
  readonly sets: RecordSets;
  readonly #byKind: ReadonlyMap<string, Map<string, HeldRecord>>;
  readonly #claims = new Map<string, Versioned>();

  constructor(kinds: readonly Pick<RecordKind<unknown>, "name" | "lifeMs">[]) {
    this.sets = new RecordSets(kinds);
    this.#byKind = new Map(kinds.map(({ name }) => [name, new Map()]));
  }

  get(kind: string, owner: string, id: string): LiveRecord | undefined {
    return this.#byKind.get(kind)?.get(`${owner}/${id}`)?.live;
  }

  *ofKind(kind: string): IterableIterator<LiveRecord> {
    for (const { live } of this.#byKind.get(kind)?.values() ?? []) yield live;
  }

  /** False when what is held stays. */
  put(record: HeldRecord): boolean {
    const { kind, owner, id } = record.live;
    const records = this.#byKind.get(kind);
    const place = `${owner}/${id}`;
    const before = records?.get(place);
    if (records === undefined || (before !== undefined && !supersedes(record, before))) return false;
    records.set(place, record);
    if (before !== undefined) this.sets.remove(before);
    this.sets.add(record);
    return true;
  }

  /** What a newcomer under the key has to supersede: what is held, or is about to be. */
  newest(key: string): Versioned | undefined {
    const kindEnd = key.indexOf("/");
    const held = this.#byKind.get(key.slice(0, kindEnd))?.get(key.slice(kindEnd + 1));
    const claimed = this.#claims.get(key);
    if (held === undefined || claimed === undefined) return held ?? claimed;
    return supersedes(claimed, held) ? claimed : held;
  }

  /** Counts for `newest` until released, but is not shown yet. */
  claim(key: string, record: Versioned): void {
    this.#claims.set(key, record);
  }

  release(key: string, record: Versioned): void {
    if (this.#claims.get(key) === record) this.#claims.delete(key);
  }

  /** Drops what had ended by then. */
  dropEnded(asOfMs: number): void {
    for (const set of this.sets.all()) {
      const ended = { start: wholeSet.start, end: set.window(asOfMs).start };
      for (const record of [...set.index.items(ended)]) {
        set.index.remove(record);
        this.#byKind.get(set.kind)?.delete(`${record.live.owner}/${record.live.id}`);
      }
    }
  }
}
