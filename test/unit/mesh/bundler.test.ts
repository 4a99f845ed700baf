import assert from "node:assert/strict";
import fc from "fast-check";
import { createBundler } from "../../../src/mesh/bundler.ts";
import { ManualClock } from "./manual-clock.ts";

function recordingBundler(maxItems: number, maxDelayMs: number) {
  const clock = new ManualClock();
  const bundles: number[][] = [];
  const bundler = createBundler<number>({
    maxItems,
    maxDelayMs,
    clock,
    flush: (items) => bundles.push(items),
  });
  return { clock, bundles, bundler };
}

describe("bundler", () => {
  it("sends a full bundle at once", () => {
    const { clock, bundles, bundler } = recordingBundler(2, 100);
    bundler.add(1);
    assert.deepEqual(bundles, []);
    bundler.add(2);
    assert.deepEqual(bundles, [[1, 2]]);
    assert.equal(clock.pending, 0);
  });

  it("sends what it holds when the first item has waited long enough", () => {
    const { clock, bundles, bundler } = recordingBundler(10, 100);
    bundler.add(1);
    clock.advance(60);
    bundler.add(2);
    clock.advance(39);
    assert.deepEqual(bundles, []);
    clock.advance(1);
    assert.deepEqual(bundles, [[1, 2]]);
  });

  it("sends what it holds on stop, and nothing after", () => {
    const { clock, bundles, bundler } = recordingBundler(10, 100);
    bundler.add(1);
    bundler.stop();
    bundler.add(2);
    clock.advance(1_000);
    assert.deepEqual(bundles, [[1]]);
    assert.equal(clock.pending, 0);
  });

  it("keeps what is added while a bundle goes out for the next one", () => {
    const clock = new ManualClock();
    const bundles: number[][] = [];
    const bundler = createBundler<number>({
      maxItems: 1,
      maxDelayMs: 10,
      clock,
      flush(items) {
        bundles.push(items);
        if (items[0] === 1) bundler.add(2);
      },
    });
    bundler.add(1);
    assert.deepEqual(bundles, [[1], [2]]);
  });

  it("passes every item on once, in order, in bundles no larger than allowed", () => {
    const step = fc.oneof(
      fc.constant("add" as const),
      fc.integer({ min: 0, max: 30 }),
      fc.constant("flush" as const),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 1, max: 7 }), (steps, maxItems) => {
        const { clock, bundles, bundler } = recordingBundler(maxItems, 20);
        let added = 0;
        for (const one of steps) {
          if (one === "add") bundler.add(added++);
          else if (one === "flush") bundler.flush();
          else clock.advance(one);
        }
        bundler.stop();
        assert.deepEqual(bundles.flat(), [...Array(added).keys()]);
        assert.ok(bundles.every((bundle) => bundle.length >= 1 && bundle.length <= maxItems));
      }),
    );
  });
});
