import assert from "node:assert/strict";
import fc from "fast-check";
import { sha256 } from "../../../../src/base/index.ts";
import type { Versioned } from "../../../../src/records/merge-rule.ts";
import { DigestSum } from "../../../../src/records/sync/fingerprint.ts";
import {
  type Bound,
  boundBetween,
  compareInSet,
  intersection,
  isEmptyRange,
  type Range,
  wholeSet,
} from "../../../../src/records/sync/range.ts";
import { RangeIndex } from "../../../../src/records/sync/range-index.ts";
import { closeItem, hexOf, indexOf, item } from "./builders.ts";

const modulus = 2n ** 256n;

/** As the protocol's text says it, with big integers. */
function fingerprintOf(items: readonly Versioned[]): Uint8Array {
  const sum = items.reduce(
    (total, { digest }) => (total + BigInt(`0x${Buffer.from(digest).toString("hex")}`)) % modulus,
    0n,
  );
  const hex = sum.toString(16).padStart(64, "0") + items.length.toString(16).padStart(16, "0");
  return sha256(Buffer.from(hex, "hex")).subarray(0, 16);
}

const anyItem = fc.oneof(fc.nat(400).map(item), closeItem);
const bound: fc.Arbitrary<Bound> = fc
  .record({ of: anyItem, length: fc.integer({ min: 0, max: 32 }) })
  .map(({ of, length }) => ({ version: of.version, digest: of.digest.subarray(0, length) }));
const range: fc.Arbitrary<Range> = fc.record({ start: bound, end: fc.option(bound, { nil: undefined }) });

const within = (items: readonly Versioned[], { start, end }: Range) =>
  items.filter((one) => compareInSet(one, start) >= 0 && (end === undefined || compareInSet(one, end) < 0));

describe("a range index", () => {
  it("holds what a sorted list would, whatever is put in and taken out", () => {
    const step = fc.record({ isInsert: fc.boolean(), one: anyItem });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 600, size: "max" }), range, (steps, asked) => {
        const index = new RangeIndex();
        const plain = new Map<string, Versioned>();
        for (const { isInsert, one } of steps) {
          const wasThere = plain.has(hexOf(one));
          if (isInsert) plain.set(hexOf(one), one);
          else plain.delete(hexOf(one));
          assert.equal(isInsert ? index.insert(one) : index.remove(one), isInsert !== wasThere);
          // Sums that exist are kept up to date.
          if (plain.size % 7 === 0) index.sum(wholeSet);
        }
        const sorted = [...plain.values()].sort(compareInSet);
        assert.equal(index.size, sorted.length);
        assert.deepEqual([...index.items()].map(hexOf), sorted.map(hexOf));
        assert.deepEqual(Buffer.from(index.sum(wholeSet).fingerprint()), fingerprintOf(sorted));
        const inside = within(sorted, asked);
        assert.deepEqual([...index.items(asked)].map(hexOf), inside.map(hexOf));
        assert.equal(index.count(asked), inside.length);
        assert.deepEqual(Buffer.from(index.sum(asked).fingerprint()), fingerprintOf(inside));
      }),
      { numRuns: 150 },
    );
  });

  it("splits a range into parts that cover it, about equal, each from its first item", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(2_000), { maxLength: 500, size: "max" }),
        fc.integer({ min: 1, max: 20 }),
        range,
        (numbers, parts, asked) => {
          const index = indexOf(numbers.map(item));
          const inside = [...index.items(asked)];
          const split = index.split(asked, parts);
          assert.equal(split.length, Math.min(parts, inside.length));
          assert.deepEqual(
            split.flatMap(({ start }, place) => [
              ...index.items({ start, end: split[place + 1]?.start ?? asked.end }),
            ]),
            inside,
          );
          const counts = split.map(({ sum }) => sum.count);
          assert.ok(counts.length === 0 || Math.max(...counts) - Math.min(...counts) <= 1);
        },
      ),
    );
  });

  it("holds 100,000 items without walking over them for each change", () => {
    const items = Array.from({ length: 100_000 }, (_, n) => item((n * 7_919) % 100_000));
    const index = indexOf(items);
    assert.equal(index.size, 100_000);
    const before = index.sum(wholeSet).fingerprint();
    const last = item(50_000);
    for (let round = 0; round < 1_000; round++) {
      assert.ok(index.remove(last));
      assert.ok(index.insert(last));
      index.sum(wholeSet);
    }
    assert.deepEqual(index.sum(wholeSet).fingerprint(), before);
    for (const one of items) assert.ok(index.remove(one));
    assert.equal(index.size, 0);
    assert.deepEqual(index.sum(wholeSet).fingerprint(), new DigestSum().fingerprint());
  });
});

describe("a bound", () => {
  it("lies between the neighbours that it was made of", () => {
    fc.assert(
      fc.property(anyItem, anyItem, (a, b) => {
        const order = compareInSet(a, b);
        fc.pre(order !== 0);
        const [first, second] = order < 0 ? [a, b] : [b, a];
        const between = boundBetween(first, second);
        assert.ok(compareInSet(first, between) < 0);
        assert.ok(compareInSet(second, between) >= 0);
      }),
    );
  });

  it("cuts ranges as sets are cut", () => {
    fc.assert(
      fc.property(fc.array(anyItem), range, range, (items, a, b) => {
        const both = intersection(a, b);
        assert.deepEqual(within(items, both).map(hexOf), within(within(items, a), b).map(hexOf));
        if (isEmptyRange(both)) assert.deepEqual(within(items, both), []);
      }),
    );
  });
});

describe("a sum of digests", () => {
  it("stays exact over millions of additions and subtractions", () => {
    const sum = new DigestSum();
    const highest = Buffer.alloc(32, 0xff);
    for (let n = 0; n < 2_200_000; n++) sum.add(highest);
    const doubled = new DigestSum();
    for (let n = 0; n < 3; n++) doubled.addSum(sum);
    assert.equal(doubled.count, 6_600_000);
    const expected = ((modulus - 1n) * 6_600_000n) % modulus;
    const hex = expected.toString(16).padStart(64, "0") + (6_600_000).toString(16).padStart(16, "0");
    assert.deepEqual(Buffer.from(doubled.fingerprint()), sha256(Buffer.from(hex, "hex")).subarray(0, 16));
    for (let n = 0; n < 2_200_000; n++) sum.subtract(highest);
    assert.deepEqual(sum.fingerprint(), new DigestSum().fingerprint());
  });
});
