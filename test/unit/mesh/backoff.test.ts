import assert from "node:assert/strict";
import fc from "fast-check";
import { backoffMs } from "../../../src/mesh/backoff.ts";

describe("backoff", () => {
  it("doubles from the first wait to the longest", () => {
    const bounds = { firstMs: 100, longestMs: 1_000 };
    assert.deepEqual(
      [1, 2, 3, 4, 5, 60].map((attempt) => backoffMs(attempt, bounds, 0)),
      [100, 200, 400, 800, 1_000, 1_000],
    );
  });

  it("stays between half the full wait and the whole of it", () => {
    fc.assert(
      fc.property(
        fc.nat(10_000),
        fc.integer({ min: 1, max: 10_000 }),
        fc.integer({ min: 10_000, max: 1_000_000 }),
        fc.double({ min: 0, max: 0.999_999, noNaN: true }),
        (attempt, firstMs, longestMs, random) => {
          const full = backoffMs(attempt, { firstMs, longestMs }, 0);
          const waitMs = backoffMs(attempt, { firstMs, longestMs }, random);
          assert.ok(full >= firstMs && full <= longestMs);
          assert.ok(waitMs >= Math.floor(full / 2) && waitMs <= full);
        },
      ),
    );
  });
});
