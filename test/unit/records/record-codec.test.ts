import assert from "node:assert/strict";
import fc from "fast-check";
import { recoverHashSigner } from "../../../src/chain/index.ts";
import { bundlesOf, decodeBundle, encodeBundle } from "../../../src/records/index.ts";
import {
  decodedSignedHash,
  decodeRecord,
  encodeRecord,
  isRecordId,
  signedHash,
} from "../../../src/records/record-codec.ts";
import { countersign } from "../../../src/wire/index.ts";
import { signedNote, wallet } from "./network.ts";

const time = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const fields = fc.record({
  network: fc.string(),
  kind: fc.stringMatching(/^[a-z][a-z0-9_-]{0,31}$/),
  owner: fc.stringMatching(/^0x[0-9a-f]{40}$/),
  id: fc.string({ minLength: 1 }).filter(isRecordId),
  version: time,
  expiresAtMs: time,
  deleted: fc.boolean(),
  payload: fc.uint8Array(),
});

describe("a record in bytes", () => {
  it("decodes to what was encoded", () => {
    fc.assert(
      fc.property(fields, bytes(65), (record, signature) => {
        const encoded = encodeRecord(record, signature);
        assert.deepEqual(decodeRecord(encoded), { ...record, signature, encoded });
      }),
    );
  });

  it("is refused in any other form than the one that encoding gives", () => {
    const unknownField = [0x78, 1];
    fc.assert(
      fc.property(fields, bytes(65), fc.integer({ min: 0, max: 5 }), (record, signature, way) => {
        const encoded = encodeRecord(record, signature);
        const others = [
          // A field that this version does not know, at the end and at the start.
          [...encoded, ...unknownField],
          [...unknownField, ...encoded],
          // A field said twice, a default spelled out, a varint longer than it needs to be, a field in another place.
          [...encoded, ...encoded],
          [...encoded, 0x38, record.deleted ? 1 : 0],
          [0x28, 0x80, 0x00, ...encoded],
          [
            ...encodeRecord({ ...record, kind: "x" }, signature),
            0x12,
            record.kind.length,
            ...Buffer.from(record.kind),
          ],
        ];
        assert.equal(decodeRecord(new Uint8Array(others[way] ?? [])), undefined);
      }),
    );
  });

  it("is refused when it is garbage, whatever the garbage", () => {
    fc.assert(fc.property(fc.uint8Array(), (garbage) => assert.equal(decodeRecord(garbage), undefined)));
  });

  it("is refused with an owner in upper case, an id that cannot be a key, or no signature", async () => {
    const good = decodeRecord(await signedNote(wallet("a")));
    assert.ok(good);
    const signature = good.signature;
    const owner = `0x${good.owner.slice(2).toUpperCase()}`;
    assert.equal(decodeRecord(encodeRecord({ ...good, owner }, signature)), undefined);
    for (const id of ["", "two words", "line\nbreak", "ü", "x".repeat(257)]) {
      assert.equal(decodeRecord(encodeRecord({ ...good, id }, signature)), undefined);
    }
    assert.equal(decodeRecord(encodeRecord(good, signature.subarray(1))), undefined);
    assert.equal(decodeRecord(encodeRecord(good, new Uint8Array(0))), undefined);
  });

  it("is signed over everything but the signature", async () => {
    const record = decodeRecord(await signedNote(wallet("a")));
    assert.ok(record);
    assert.equal(recoverHashSigner(signedHash(record), record.signature), wallet("a").address);
    assert.deepEqual(decodedSignedHash(record), signedHash(record));
    assert.notEqual(
      recoverHashSigner(signedHash({ ...record, version: record.version + 1 }), record.signature),
      wallet("a").address,
    );
  });
});

describe("a bundle of records", () => {
  it("is what the protocol's own message is", async () => {
    const records = await Promise.all(["x", "y"].map((id) => signedNote(wallet("a"), { id })));
    const message = { records: records.map((record) => countersign.v1.Record.decode(record)) };
    const bundle = countersign.v1.RecordBundle.encode(message).finish();
    assert.deepEqual(Buffer.from(encodeBundle(records)), Buffer.from(bundle));
    assert.deepEqual(decodeBundle(bundle).map(Buffer.from), records.map(Buffer.from));
  });

  it("is cut by count and by size, in order", () => {
    const small = Array.from({ length: 600 }, (_, index) => new Uint8Array([index % 256, index >> 8]));
    assert.deepEqual(
      bundlesOf(small).map((bundle) => decodeBundle(bundle).length),
      [256, 256, 88],
    );
    const large = Array.from({ length: 5 }, () => new Uint8Array(100_000));
    assert.deepEqual(
      bundlesOf(large).map((bundle) => decodeBundle(bundle).length),
      [2, 2, 1],
    );
  });

  it("is refused with too many records or other fields", () => {
    const many = Array.from({ length: 257 }, () => new Uint8Array([1]));
    assert.throws(() => decodeBundle(encodeBundle(many)), /more than 256/);
    assert.throws(() => decodeBundle(new Uint8Array([0x18, 1])), /unexpected tag/);
    assert.throws(() => decodeBundle(new Uint8Array([0x0a, 200, 1])));
  });
});
