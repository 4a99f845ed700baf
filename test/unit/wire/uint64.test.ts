import assert from "node:assert/strict";
import fc from "fast-check";
import { countersign, ModelInfo, NodeInfo, SubnetMetadata } from "../../../src/wire/index.ts";

const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

describe("64-bit integers on the wire", () => {
  it("keep every bit of a subnet id, single, optional and repeated", () => {
    fc.assert(
      fc.property(uint64, fc.array(uint64), (id, ids) => {
        assert.equal(SubnetMetadata.decode(SubnetMetadata.encode({ subnet_id: id }).finish()).subnet_id, id);
        assert.equal(NodeInfo.decode(NodeInfo.encode({ subnet_id: id }).finish()).subnet_id, id);
        assert.deepEqual(ModelInfo.decode(ModelInfo.encode({ subnet_ids: ids }).finish()).subnet_ids, ids);
      }),
    );
  });

  it("are plain numbers where they are times and counts", () => {
    const record = { version: 1_800_000_000_123, expires_at: Number.MAX_SAFE_INTEGER };
    const back = countersign.v1.Record.decode(countersign.v1.Record.encode(record).finish());
    assert.equal(back.version, record.version);
    assert.equal(back.expires_at, record.expires_at);
  });

  it("tell an absent subnet id from subnet 0", () => {
    assert.equal(NodeInfo.decode(new Uint8Array()).subnet_id, null);
    assert.equal(NodeInfo.decode(NodeInfo.encode({ subnet_id: 0n }).finish()).subnet_id, 0n);
  });

  it("cut off or endless are refused, not guessed", () => {
    const whole = SubnetMetadata.encode({ subnet_id: 2n ** 63n }).finish();
    for (let length = 1; length < whole.length; length++) {
      assert.throws(() => SubnetMetadata.decode(whole.subarray(0, length)), RangeError);
    }
    assert.throws(() => SubnetMetadata.decode(Uint8Array.from([8, ...Array(11).fill(0xff), 1])), RangeError);
    assert.throws(() => ModelInfo.decode(Uint8Array.from([90, 3, 0xff, 0xff])), RangeError);
  });

  it("never make a decoder hang or throw anything but an error on garbage", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        for (const type of [
          SubnetMetadata,
          ModelInfo,
          NodeInfo,
          countersign.v1.Record,
          countersign.v1.CosignRequest,
        ]) {
          try {
            type.decode(bytes);
          } catch (error) {
            assert.ok(error instanceof Error);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
