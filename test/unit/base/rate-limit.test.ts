import assert from "node:assert/strict";
import fc from "fast-check";
import { RateLimiter } from "../../../src/base/index.ts";

describe("rate limit", () => {
  const perMinute = (calls: number) => new RateLimiter({ calls, windowMs: 60_000 });

  it("lets as many calls through at once as it says, and tells what is left", () => {
    const limiter = perMinute(3);
    const states = [1, 2, 3, 4].map(() => limiter.take("a", 1_000));
    assert.deepEqual(
      states.map(({ remaining, retryMs }) => [remaining, retryMs]),
      [
        [2, 0],
        [1, 0],
        [0, 0],
        [0, 20_000],
      ],
    );
    assert.equal(states[3]?.resetMs, 60_000);
    assert.equal(limiter.take("b", 1_000).retryMs, 0);
  });

  it("lets the next call through when it said so, and not a millisecond before", () => {
    const limiter = perMinute(3);
    for (let i = 0; i < 3; i++) limiter.take("a", 0);
    assert.equal(limiter.take("a", 19_999).retryMs, 1);
    assert.equal(limiter.take("a", 20_000).retryMs, 0);
  });

  it("never lets more through in any window than the limit and what came back meanwhile", () => {
    const steps = fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), steps, (calls, gapsMs) => {
        const limiter = new RateLimiter({ calls, windowMs: 10_000 });
        let nowMs = 0;
        const passed: number[] = [];
        for (const gapMs of gapsMs) {
          nowMs += gapMs;
          if (limiter.take("a", nowMs).retryMs === 0) passed.push(nowMs);
        }
        for (const [index, fromMs] of passed.entries()) {
          for (const [more, untilMs] of passed.slice(index).entries())
            assert.ok(more + 1 <= calls + ((untilMs - fromMs) / 10_000) * calls + 1e-3);
        }
      }),
    );
  });

  it("locks nobody out when the clock is set back", () => {
    const limiter = perMinute(2);
    limiter.take("a", 10_000_000);
    assert.ok(limiter.take("a", 0).resetMs <= 60_000);
    assert.equal(limiter.take("a", 60_000).retryMs, 0);
  });
});
