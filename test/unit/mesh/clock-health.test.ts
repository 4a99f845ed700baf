import assert from "node:assert/strict";
import fc from "fast-check";
import { clockStateOf, clockTrouble, medianOffsetMs } from "../../../src/mesh/clock-health.ts";

describe("clock health", () => {
  it("warns from 200 ms, tolerates 2 s and refuses beyond 10 s, in both directions", () => {
    const states = [0, 199, 200, -200, 2_000, 2_001, -10_000, 10_001, -10_001].map(clockStateOf);
    assert.deepEqual(states, [
      "good",
      "good",
      "off",
      "off",
      "off",
      "intolerable",
      "intolerable",
      "refused",
      "refused",
    ]);
  });

  it("says in words what is wrong, and nothing while all is well", () => {
    assert.equal(clockTrouble(undefined), undefined);
    assert.equal(clockTrouble(-50), undefined);
    assert.match(clockTrouble(300) ?? "", /300 ms behind its peers/);
    assert.match(clockTrouble(-12_000) ?? "", /12000 ms ahead of its peers'.*signs nothing/);
  });

  it("goes by the middle of what peers say; one liar among two moves nothing", () => {
    assert.equal(medianOffsetMs([]), undefined);
    assert.equal(medianOffsetMs([70]), 70);
    assert.equal(medianOffsetMs([3_600_000, 5]), 5);
    assert.equal(medianOffsetMs([-3_600_000, 5]), 5);
  });

  it("lies within what the honest ones say while they are more than half", () => {
    const honest = fc.array(fc.integer({ min: -100, max: 100 }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(honest, fc.array(fc.integer(), { maxLength: 8 }), (truths, lies) => {
        fc.pre(lies.length < truths.length);
        const median = medianOffsetMs([...truths, ...lies]) ?? Number.NaN;
        assert.ok(median >= Math.min(...truths) && median <= Math.max(...truths));
      }),
    );
  });
});
