import assert from "node:assert/strict";
import fc from "fast-check";
import type { Contents } from "../../../../src/records/sync/contents.ts";
import { compareInSet, type Range } from "../../../../src/records/sync/range.ts";
import {
  type Ask,
  asks,
  decodeCopyRequest,
  decodeDigests,
  decodeDigestsRequest,
  decodeFetchRequest,
  decodeOpened,
  decodeOpenRequest,
  decodePushed,
  decodeRecordsPage,
  encodeAsk,
  encodeCopyRequest,
  encodeDigests,
  encodeDigestsRequest,
  encodeFetchRequest,
  encodeOpened,
  encodeOpenRequest,
  encodePushed,
  encodeRecordsPage,
  MalformedMessage,
  readAsk,
} from "../../../../src/records/sync/sync-messages.ts";
import { countersign } from "../../../../src/wire/index.ts";

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const version = fc.integer({ min: 0, max: 2 ** 45 });
const bound = fc.record({ version, digest: fc.uint8Array({ maxLength: 32 }) });
const id = fc.record({ version, digest: bytes(16) });
const set = fc.record({ kind: fc.string({ maxLength: 32 }), deleted: fc.boolean() });
const inOrder = <T extends { version: number; digest: Uint8Array }>(items: T[]) =>
  items.toSorted(compareInSet);
const ids = fc.array(id, { maxLength: 20 }).map(inOrder);
/** Ranges in order, as an asker has them; the last may be open. */
const ranges = fc
  .tuple(
    fc.uniqueArray(bound, { minLength: 2, maxLength: 20, comparator: (a, b) => compareInSet(a, b) === 0 }),
    fc.boolean(),
  )
  .map(([bounds, isOpen]): Range[] => {
    const sorted = inOrder(bounds);
    const pairs = Array.from({ length: sorted.length >> 1 }, (_, at) => ({
      start: sorted[2 * at],
      end: sorted[2 * at + 1],
    }));
    return pairs.map(({ start, end }, at) => ({
      start: start as Range["start"],
      end: isOpen && at === pairs.length - 1 ? undefined : end,
    }));
  });

/** Bytes of any class as lists, without what is undefined. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return [...value];
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(entries.map(([name, one]) => [name, plain(one)]));
}

const same = (actual: unknown, expected: unknown) => assert.deepEqual(plain(actual), plain(expected));

describe("the messages of the sync protocol", () => {
  it("come out as they went in", () => {
    fc.assert(
      fc.property(
        set,
        version,
        ranges,
        ids,
        fc.array(fc.uint8Array()),
        bound,
        (name, asOfMs, asked, some, records, next) => {
          same(decodeDigestsRequest(encodeDigestsRequest(asOfMs)), asOfMs);
          const open = { ...name, asOfMs, ranges: asked };
          same(decodeOpenRequest(encodeOpenRequest(open), 64), open);
          const [range] = asked as [Range];
          same(decodeCopyRequest(encodeCopyRequest({ ...name, asOfMs, range })), { ...name, asOfMs, range });
          if (some.length > 0)
            same(decodeFetchRequest(encodeFetchRequest({ ...name, ids: some }), 64), { ...name, ids: some });
          same(decodeRecordsPage(encodeRecordsPage({ records, handled: 3, next })), {
            records,
            handled: 3,
            next,
          });
          same(decodeRecordsPage(encodeRecordsPage({ records, handled: 3, next: undefined })), {
            records,
            handled: 3,
          });
          same(decodePushed(encodePushed({ applied: 4, rejected: 5 })), { applied: 4, rejected: 5 });
        },
      ),
    );
  });

  it("carry the contents of ranges, parts and ids", () => {
    const part = fc.record({ end: bound, count: fc.nat(), fingerprint: bytes(16) });
    const some: fc.Arbitrary<Contents[]> = fc
      .array(
        fc.oneof(fc.record({ ids }), fc.record({ parts: fc.array(part, { minLength: 1, maxLength: 5 }) })),
      )
      .map((all) => {
        // Ends grow through the whole message.
        const ends = inOrder(all.flatMap((one) => ("parts" in one ? one.parts.map(({ end }) => end) : [])));
        return all.map((one) => {
          if ("ids" in one) return one;
          return {
            parts: one.parts.map((each, at) => ({
              ...each,
              end: at === one.parts.length - 1 ? undefined : ends.shift(),
            })),
          };
        });
      });
    fc.assert(fc.property(some, (contents) => same(decodeOpened(encodeOpened(contents)), contents)));
    const digest = fc.record({
      kind: fc.string(),
      deleted: fc.boolean(),
      count: fc.nat(),
      fingerprint: bytes(16),
    });
    fc.assert(
      fc.property(fc.array(digest), (digests) => same(decodeDigests(encodeDigests(digests)), digests)),
    );
  });

  it("are what the protocol's own messages are", () => {
    for (const ask of Object.keys(asks) as Ask[]) {
      const request = countersign.v1.SyncRequest.decode(encodeAsk(ask, new Uint8Array(0)));
      assert.ok(request[ask] != null, ask);
    }
    const frame = countersign.v1.SyncRequest.encode({ digests: { as_of_ms: 7 } }).finish();
    const { ask, body } = readAsk(frame);
    assert.deepEqual([ask, decodeDigestsRequest(body)], ["digests", 7]);
  });

  it("are refused when they are malformed, whatever the garbage", () => {
    const decoders: ((garbage: Uint8Array) => unknown)[] = [
      readAsk,
      decodeDigestsRequest,
      (body) => decodeOpenRequest(body, 64),
      (body) => decodeFetchRequest(body, 64),
      decodeCopyRequest,
      decodeDigests,
      decodeOpened,
      decodeRecordsPage,
      decodePushed,
    ];
    const good = fc
      .tuple(set, version, ranges)
      .map(([name, asOfMs, asked]) => encodeOpenRequest({ ...name, asOfMs, ranges: asked }));
    const bent = fc.tuple(good, fc.nat(), fc.nat(255)).map(([encoded, at, value]) => {
      const copy = new Uint8Array(encoded);
      copy[at % copy.length] = value;
      return copy;
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), bent), (garbage) => {
        for (const decode of decoders) {
          try {
            decode(garbage);
          } catch (error) {
            assert.ok(error instanceof MalformedMessage, String(error));
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it("are refused past their bounds", () => {
    const range: Range = { start: { version: 1, digest: new Uint8Array(0) }, end: undefined };
    const name = { kind: "note", deleted: false };
    const many = encodeOpenRequest({ ...name, asOfMs: 1, ranges: Array.from({ length: 65 }, () => range) });
    assert.throws(() => decodeOpenRequest(many, 64), /not 1 to 64 ranges/);
    assert.throws(
      () => decodeOpenRequest(encodeOpenRequest({ ...name, asOfMs: 1, ranges: [] }), 64),
      MalformedMessage,
    );
    const backwards = { start: range.start, end: { version: 1, digest: new Uint8Array(0) } };
    assert.throws(
      () => decodeCopyRequest(encodeCopyRequest({ ...name, asOfMs: 1, range: backwards })),
      /ends before it starts/,
    );
    const long = { start: { version: 1, digest: new Uint8Array(33) }, end: undefined };
    assert.throws(
      () => decodeCopyRequest(encodeCopyRequest({ ...name, asOfMs: 1, range: long })),
      /more than a digest/,
    );
    const bare = countersign.v1.SyncFetchRequest.encode({
      ...name,
      ids: { versions: [1, 1], digests: new Uint8Array(16) },
    }).finish();
    assert.throws(() => decodeFetchRequest(bare, 64), /ids without digests/);
    assert.throws(
      () => readAsk(new Uint8Array([...encodeAsk("digests", new Uint8Array(0)), 0])),
      /after the request/,
    );
    assert.throws(() => readAsk(new Uint8Array([0x7a, 0])), /unknown request/);
  });
});
