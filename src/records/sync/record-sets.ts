import type { HeldRecord } from "../held-records.ts";
import { expiryOf, maxComparedAheadMs } from "../lifetimes.ts";
import type { RecordKind } from "../record.ts";
import { boundAtVersion, type Range } from "./range.ts";
import { RangeIndex } from "./range-index.ts";

/** The records of one kind, or its deletions. */
export interface SetName {
  readonly kind: string;
  readonly deleted: boolean;
}

export interface RecordSet extends SetName {
  readonly index: RangeIndex<HeldRecord>;
  /** What counts at a time, on every replica whatever its clock and whenever it last swept. */
  window(asOfMs: number): Range;
}

type KindLife = Pick<RecordKind<unknown>, "name" | "lifeMs">;

/** What a replica holds, in the sets that are reconciled. Within one all lives are of one length, so that expiry follows the order. */
export class RecordSets {
  readonly #sets: ReadonlyMap<string, RecordSet>;

  constructor(kinds: Iterable<KindLife>) {
    const sets = [...kinds].flatMap((kind) => [false, true].map((deleted) => createSet(kind, deleted)));
    this.#sets = new Map(sets.map((set) => [keyOf(set), set]));
  }

  get(name: SetName): RecordSet | undefined {
    return this.#sets.get(keyOf(name));
  }

  all(): IterableIterator<RecordSet> {
    return this.#sets.values();
  }

  add(record: HeldRecord): void {
    this.get(record.live)?.index.insert(record);
  }

  remove(record: HeldRecord): void {
    this.get(record.live)?.index.remove(record);
  }
}

function keyOf({ kind, deleted }: SetName): string {
  return deleted ? `${kind} deleted` : kind;
}

function createSet(kind: KindLife, deleted: boolean): RecordSet {
  const lifeMs = expiryOf(kind, 0, deleted);
  return {
    kind: kind.name,
    deleted,
    index: new RangeIndex(),
    window: (asOfMs) => ({
      start: boundAtVersion(Math.max(0, asOfMs - lifeMs + 1)),
      end: boundAtVersion(asOfMs + maxComparedAheadMs + 1),
    }),
  };
}
