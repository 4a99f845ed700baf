import assert from "node:assert/strict";
import fc from "fast-check";
import { TokenBucket } from "../../../src/mesh/token-bucket.ts";

describe("token bucket", () => {
  it("gives its burst at once and then as many as time allows", () => {
    const bucket = new TokenBucket(10, 3, 0);
    assert.deepEqual(
      [bucket.take(0), bucket.take(0), bucket.take(0), bucket.take(0)],
      [true, true, true, false],
    );
    assert.equal(bucket.waitMs(0), 100);
    assert.equal(bucket.take(99), false);
    assert.equal(bucket.take(100), true);
  });

  it("never has a wait for what it would refuse for ever", () => {
    assert.equal(new TokenBucket(10, 3, 0).waitMs(0, 4), Number.POSITIVE_INFINITY);
  });

  it("gives nothing for a clock that runs backwards", () => {
    const bucket = new TokenBucket(10, 1, 1_000);
    assert.equal(bucket.take(1_000), true);
    assert.equal(bucket.take(0), false);
    assert.equal(bucket.take(50), false);
  });

  it("lets no more through than burst plus rate times time, and a wait it names suffices", () => {
    const steps = fc.array(fc.record({ passMs: fc.nat(500), count: fc.integer({ min: 1, max: 5 }) }), {
      maxLength: 100,
    });
    fc.assert(
      fc.property(
        steps,
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 5, max: 50 }),
        (list, perSecond, burst) => {
          const bucket = new TokenBucket(perSecond, burst, 0);
          let nowMs = 0;
          let taken = 0;
          for (const { passMs, count } of list) {
            nowMs += passMs;
            if (bucket.take(nowMs, count)) taken += count;
            else {
              const waitMs = bucket.waitMs(nowMs, count);
              assert.ok(waitMs > 0);
              nowMs += waitMs;
              assert.ok(bucket.take(nowMs, count), "the wait was too short");
              taken += count;
            }
            assert.ok(taken <= burst + (perSecond * nowMs) / 1000 + 1e-6);
          }
        },
      ),
    );
  });
});
