import assert from "node:assert/strict";
import fc from "fast-check";
import { ClockOffset, certainOffsetMs, clockSample } from "../../../src/mesh/clock-offset.ts";

describe("clock offset", () => {
  it("is exact on a path that takes as long there as back, and off by half the difference otherwise", () => {
    const ms = fc.integer({ min: 0, max: 10_000 });
    fc.assert(
      fc.property(
        fc.integer({ min: -100_000, max: 100_000 }),
        ms,
        ms,
        ms,
        (offsetMs, thereMs, workMs, backMs) => {
          const receivedMs = 1_000_000 + thereMs + offsetMs;
          const sample = clockSample(
            1_000_000,
            receivedMs,
            receivedMs + workMs,
            1_000_000 + thereMs + workMs + backMs,
          );
          assert.equal(sample.offsetMs, offsetMs + (thereMs - backMs) / 2);
          assert.equal(sample.roundTripMs, thereMs + backMs);
        },
      ),
    );
  });

  it("trusts the shortest round trip among the latest samples", () => {
    const offset = new ClockOffset();
    assert.equal(offset.best(), undefined);
    offset.add({ offsetMs: 50, roundTripMs: 100 });
    offset.add({ offsetMs: 7, roundTripMs: 2 });
    offset.add({ offsetMs: 90, roundTripMs: 200 });
    assert.equal(offset.best()?.offsetMs, 7);
    for (let index = 0; index < 8; index++) offset.add({ offsetMs: 20, roundTripMs: 40 });
    assert.equal(offset.best()?.offsetMs, 20);
  });

  it("is certain of no more than what the round trip leaves", () => {
    assert.equal(certainOffsetMs({ offsetMs: 500, roundTripMs: 900 }), 50);
    assert.equal(certainOffsetMs({ offsetMs: -500, roundTripMs: 900 }), -50);
    assert.equal(Math.abs(certainOffsetMs({ offsetMs: -500, roundTripMs: 2_000 })), 0);
  });

  it("forgets what was true before a clock was set", () => {
    const offset = new ClockOffset();
    offset.add({ offsetMs: 5, roundTripMs: 2 });
    offset.add({ offsetMs: 9_000, roundTripMs: 50 });
    assert.equal(offset.best()?.offsetMs, 9_000);
  });
});
