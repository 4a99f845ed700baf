import assert from "node:assert/strict";
import fc from "fast-check";
import type { Versioned } from "../../../../src/records/merge-rule.ts";
import {
  type Contents,
  contentsOf,
  defaultShape,
  type Shape,
} from "../../../../src/records/sync/contents.ts";
import { PeerLied } from "../../../../src/records/sync/peer-lied.ts";
import { boundAtVersion, compareInSet, type Range, wholeSet } from "../../../../src/records/sync/range.ts";
import type { RangeIndex } from "../../../../src/records/sync/range-index.ts";
import { RangeWalk } from "../../../../src/records/sync/range-walk.ts";
import { closeItem, hexOf, indexOf, item } from "./builders.ts";

/** About what a part, an id and a question for a range take as bytes. */
const partBytes = 27;
const idBytesOnWire = 19;
const questionBytes = 14;

interface Outcome {
  readonly missing: Set<string>;
  readonly extra: Set<string>;
  bytes: number;
  rounds: number;
}

const shortHex = ({ version, digest }: Versioned) => hexOf({ version, digest: digest.subarray(0, 16) });

/** Runs the asking side against an answerer until it is done. */
function walked(
  own: RangeIndex,
  answer: (range: Range) => Contents,
  options: { perRequest: number; perAnswer: number; peer?: RangeIndex; maxRounds?: number },
): Outcome {
  const walk = new RangeWalk(own, wholeSet, Number.POSITIVE_INFINITY);
  const outcome: Outcome = { missing: new Set(), extra: new Set(), bytes: 0, rounds: 0 };
  while (!walk.isDone && outcome.rounds < (options.maxRounds ?? Number.POSITIVE_INFINITY)) {
    outcome.rounds++;
    const asked = walk.next(options.perRequest);
    const answered = asked.slice(0, options.perAnswer);
    for (const one of answered) {
      const contents = answer(one.range);
      outcome.bytes += questionBytes;
      outcome.bytes +=
        "ids" in contents ? contents.ids.length * idBytesOnWire : contents.parts.length * partBytes;
      const { missing, extra, extraCount, absent } = walk.take(one, contents);
      assert.equal(extra.length, extraCount);
      for (const id of missing) outcome.missing.add(shortHex(id));
      for (const more of extra) outcome.extra.add(shortHex(more));
      for (const { range, count } of absent) {
        const there = [...(options.peer?.items(range) ?? [])];
        if (options.peer !== undefined) assert.equal(there.length, count);
        for (const id of there) outcome.missing.add(shortHex(id));
      }
    }
    walk.putBack(asked.slice(answered.length));
  }
  return outcome;
}

const shape: fc.Arbitrary<Shape> = fc.record({
  parts: fc.integer({ min: 2, max: 32 }),
  listed: fc.integer({ min: 1, max: 64 }),
});

describe("reconciliation of two sets", () => {
  it("finds exactly what each side lacks, whatever the sets and the bounds on messages", () => {
    const side = fc.uniqueArray(fc.oneof(fc.nat(600).map(item), closeItem), {
      selector: hexOf,
      maxLength: 300,
      size: "max",
    });
    fc.assert(
      fc.property(
        side,
        side,
        side,
        shape,
        fc.integer({ min: 1, max: 70 }),
        fc.integer({ min: 1, max: 70 }),
        (common, onlyOwn, onlyTheirs, answererShape, perRequest, perAnswer) => {
          const own = indexOf([...common, ...onlyOwn]);
          const peer = indexOf([...common, ...onlyTheirs]);
          const outcome = walked(own, (range) => contentsOf(peer, range, answererShape), {
            perRequest,
            perAnswer,
            peer,
          });
          const lacking = (from: RangeIndex, all: RangeIndex) =>
            new Set([...all.items()].filter((one) => !from.has(one)).map(shortHex));
          assert.deepEqual(outcome.missing, lacking(own, peer));
          assert.deepEqual(outcome.extra, lacking(peer, own));
        },
      ),
      { numRuns: 200 },
    );
  });

  it("costs bytes in proportion to the difference, not to the sets", () => {
    const all = Array.from({ length: 50_000 }, (_, n) => item(n));
    const peer = indexOf(all);
    const cost = (missing: number) => {
      // Spread over the whole set, the worst there is.
      const every = Math.floor(all.length / missing);
      const own = indexOf(all.filter((_, n) => n % every !== 5 || n / every >= missing));
      const outcome = walked(own, (range) => contentsOf(peer, range), {
        perRequest: 64,
        perAnswer: 64,
        peer,
      });
      assert.equal(outcome.missing.size, missing);
      return outcome.bytes / missing;
    };
    const [few = 0, many = 0, most = 0] = [20, 500, 5_000].map(cost);
    assert.ok(few < 2_000, `${few} bytes for each of 20`);
    assert.ok(many < 550, `${many} bytes for each of 500`);
    assert.ok(most < 250, `${most} bytes for each of 5,000`);
    const same = walked(peer, (range) => contentsOf(peer, range), { perRequest: 64, perAnswer: 64 });
    assert.ok(same.bytes < 1_000);
  });

  it("takes a stretch that one side lacks as one range", () => {
    const peer = indexOf(Array.from({ length: 10_000 }, (_, n) => item(n)));
    const own = indexOf(Array.from({ length: 4_000 }, (_, n) => item(n)));
    const outcome = walked(own, (range) => contentsOf(peer, range), { perRequest: 64, perAnswer: 64, peer });
    assert.equal(outcome.missing.size, 6_000);
    assert.ok(outcome.bytes < 5_000, `${outcome.bytes} bytes`);
  });

  it("finds no more of its own than it was asked for, and counts the rest", () => {
    const own = indexOf(Array.from({ length: 1_000 }, (_, n) => item(n)));
    const walk = new RangeWalk(own, wholeSet, 100);
    const [asked] = walk.next(1);
    assert.ok(asked);
    const { extra, extraCount } = walk.take(asked, { ids: [] });
    assert.deepEqual([extra.length, extraCount], [100, 1_000]);
  });
});

describe("the asking side, when the peer lies", () => {
  const own = indexOf(Array.from({ length: 200 }, (_, n) => item(n)));
  const answering = (contents: Contents, range: Range = wholeSet) => {
    const walk = new RangeWalk(own, range, 100);
    const [asked] = walk.next(1);
    assert.ok(asked);
    return walk.take(asked, contents);
  };
  const part = (end: Range["end"], count = 1) => ({ end, count, fingerprint: new Uint8Array(16) });
  const range: Range = { start: boundAtVersion(1_010), end: boundAtVersion(1_050) };
  const id = (n: number) => ({ ...item(n), digest: item(n).digest.subarray(0, 16) });

  const lies: readonly [string, Contents, Range?][] = [
    ["splits into nothing", { parts: [] }],
    [
      "splits into too many parts",
      { parts: Array.from({ length: 65 }, (_, n) => part(boundAtVersion(n + 1))) },
    ],
    ["ends a range early", { parts: [part(boundAtVersion(1_020))] }],
    ["ends a range twice", { parts: [part(undefined), part(undefined)] }],
    ["splits out of order", { parts: [part(boundAtVersion(9)), part(boundAtVersion(8)), part(undefined)] }],
    [
      "splits into an empty range",
      { parts: [part(boundAtVersion(9)), part(boundAtVersion(9)), part(undefined)] },
    ],
    ["splits before the range", { parts: [part(boundAtVersion(1_009)), part(undefined)] }, range],
    ["splits after the range", { parts: [part(boundAtVersion(1_050)), part(undefined)] }, range],
    ["lists ids out of order", { ids: [id(9), id(6)] }],
    ["lists an id twice", { ids: [id(9), id(9)] }],
    ["lists what is no id", { ids: [item(3)] }],
    ["lists too many ids", { ids: Array.from({ length: 257 }, (_, n) => id(n * 3)) }],
    ["lists ids before the range", { ids: [id(3)] }, range],
    ["lists ids after the range", { ids: [id(170)] }, range],
  ].map(([what, contents, asked]) => [what, contents, asked] as [string, Contents, Range?]);
  for (const [what, contents, asked] of lies) {
    it(`stops when it ${what}`, () => {
      assert.throws(() => answering(contents, asked), PeerLied);
    });
  }

  it("ends with a peer whose fingerprints never match", () => {
    const lying = (asked: Range): Contents => {
      const contents = contentsOf(own, asked);
      if ("ids" in contents) return contents;
      return { parts: contents.parts.map((one) => ({ ...one, fingerprint: new Uint8Array(16) })) };
    };
    assert.ok(walked(own, lying, { perRequest: 64, perAnswer: 64 }).rounds < 1_000);
  });

  it("ends with a peer that splits one range for ever", () => {
    let turns = 0;
    const endless = ({ start }: Range): Contents => {
      turns++;
      const end = { version: start.version, digest: new Uint8Array([...start.digest, 0]).subarray(-30) };
      const isInside = compareInSet(start, end) < 0;
      return { parts: [...(isInside ? [part(end, 3)] : []), part(undefined, 3)] };
    };
    assert.throws(() => walked(own, endless, { perRequest: 1, perAnswer: 1 }), PeerLied);
    assert.ok(turns < 100);
  });

  it("ends with any answers within rounds that follow from the depth", () => {
    const anyBound = fc.oneof(closeItem, fc.nat(200).map(item));
    const contents: fc.Arbitrary<Contents> = fc.oneof(
      fc.record({ ids: fc.array(anyBound.map((one) => ({ ...one, digest: one.digest.subarray(0, 16) }))) }),
      fc.record({
        parts: fc.array(
          fc.record({
            end: fc.option(anyBound, { nil: undefined }),
            count: fc.nat(5),
            fingerprint: fc.uint8Array({ minLength: 16, maxLength: 16 }),
          }),
        ),
      }),
    );
    fc.assert(
      fc.property(fc.array(contents, { minLength: 1 }), (answers) => {
        let turn = 0;
        try {
          walked(own, () => answers[turn++ % answers.length] as Contents, {
            perRequest: 8,
            perAnswer: 8,
            maxRounds: 100_000,
          });
        } catch (error) {
          if (!(error instanceof PeerLied)) throw error;
        }
        assert.ok(turn < 100_000);
      }),
    );
  });

  it("has a shape whose own answers it takes", () => {
    assert.ok(defaultShape.listed < 256 && defaultShape.parts < 64);
  });
});
