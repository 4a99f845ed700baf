import assert from "node:assert/strict";
import fc from "fast-check";
import { Penalties } from "../../../src/mesh/penalties.ts";

const rules = { halfLifeMs: 1_000, threshold: 100, forgivenAt: 50, maxKeys: 16 };

const offence = fc.record({
  key: fc.constantFrom("a", "b"),
  points: fc.double({ min: 0, max: 200, noNaN: true }),
  pauseMs: fc.integer({ min: 0, max: 5_000 }),
});

describe("penalties", () => {
  it("halve with every half-life", () => {
    const penalties = new Penalties(rules);
    penalties.add("peer", 80, 0);
    assert.equal(penalties.points("peer", 1_000), 40);
    assert.equal(penalties.points("peer", 3_000), 10);
  });

  it("refuse from the threshold on, until they have fallen to what is forgiven", () => {
    const penalties = new Penalties(rules);
    assert.equal(penalties.add("peer", 99, 0), false);
    assert.equal(penalties.add("peer", 1, 0), true);
    assert.equal(penalties.refusedUntilMs("peer"), 1_000);
    assert.equal(penalties.isRefused("peer", 999), true);
    assert.equal(penalties.isRefused("peer", 1_000), false);
    // Forgiven is not forgotten.
    assert.equal(penalties.add("peer", 60, 1_000), true);
  });

  it("whatever happened, pass in a bounded time, and only points near the threshold refuse anybody", () => {
    fc.assert(
      fc.property(fc.array(offence, { maxLength: 50 }), (offences) => {
        const penalties = new Penalties(rules);
        let nowMs = 0;
        let total = 0;
        for (const { key, points, pauseMs } of offences) {
          nowMs += pauseMs;
          const isCutOff = penalties.add(key, points, nowMs);
          if (key === "a") total += points;
          if (isCutOff) assert.ok(penalties.points(key, nowMs) >= rules.threshold);
        }
        if (total < rules.threshold) assert.equal(penalties.refusedUntilMs("a"), 0);
        assert.ok(penalties.points("a", nowMs) <= total + 1e-6);
        const worstMs = rules.halfLifeMs * Math.max(0, Math.log2(Math.max(1, total) / rules.forgivenAt));
        assert.equal(penalties.isRefused("a", nowMs + worstMs + 1), false);
      }),
    );
  });

  it("spread over long times never add up", () => {
    const penalties = new Penalties(rules);
    for (let index = 0; index < 1_000; index++)
      assert.equal(penalties.add("peer", 49, index * rules.halfLifeMs), false);
  });

  it("do not grow when the clock is set back", () => {
    const penalties = new Penalties(rules);
    penalties.add("peer", 10, 5_000);
    assert.equal(penalties.points("peer", 0), 10);
  });

  it("are kept of so many keys and no more", () => {
    const penalties = new Penalties(rules);
    for (let index = 0; index < 100; index++) penalties.add(`peer ${index}`, 100, 0);
    assert.equal(penalties.refused(0).length, rules.maxKeys);
  });
});
