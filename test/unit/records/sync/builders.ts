import fc from "fast-check";
import { sha256 } from "../../../../src/base/index.ts";
import type { Versioned } from "../../../../src/records/merge-rule.ts";
import { RangeIndex } from "../../../../src/records/sync/range-index.ts";

/** An item that is the same for the same number. Several share a version, as records published in one millisecond do. */
export function item(n: number): Versioned {
  return { version: 1_000 + Math.floor(n / 3), digest: sha256(`item ${n}`) };
}

export function indexOf<T extends Versioned>(items: Iterable<T>): RangeIndex<T> {
  const index = new RangeIndex<T>();
  for (const one of items) index.insert(one);
  return index;
}

/** Items whose digests share long beginnings, so that bounds need many bytes; ids still tell them apart. */
export const closeItem = fc
  .record({ version: fc.integer({ min: 1, max: 3 }), tail: fc.uint8Array({ minLength: 2, maxLength: 2 }) })
  .map(({ version, tail }): Versioned => {
    const digest = Buffer.alloc(32, 7);
    digest.set(tail, 14);
    return { version, digest };
  });

export const hexOf = ({ version, digest }: Versioned) => `${version} ${Buffer.from(digest).toString("hex")}`;
