import assert from "node:assert/strict";
import fc from "fast-check";
import { type Candidate, type ChoiceRules, chooseNode } from "../../../src/roles/gateway/choose-node.ts";

const rules: ChoiceRules = { weights: { price: 1, latency: 1, success: 2, load: 1 }, minReputation: -50 };

const anyCandidate: fc.Arbitrary<Candidate> = fc.record({
  nodeKey: fc.uuid(),
  priceWei: fc.bigInt({ min: 0n, max: 10n ** 20n }),
  latencyMs: fc.option(fc.double({ min: 0, max: 1e5, noNaN: true }), { nil: undefined }),
  successRate: fc.double({ min: 0, max: 1, noNaN: true }),
  load: fc.double({ min: 0, max: 1, noNaN: true }),
  freeSlots: fc.nat(4),
  reputation: fc.integer({ min: -100, max: 100 }),
});
const dice = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });

const like = (candidate: Partial<Candidate>): Candidate => ({
  nodeKey: "a",
  priceWei: 10n,
  latencyMs: 100,
  successRate: 1,
  load: 0,
  freeSlots: 1,
  reputation: 0,
  ...candidate,
});

describe("choosing a compute node", () => {
  it("finds one exactly when a candidate has a free slot and the reputation", () => {
    fc.assert(
      fc.property(fc.array(anyCandidate, { maxLength: 12 }), dice, (candidates, roll) => {
        const chosen = chooseNode(candidates, rules, roll);
        const isPossible = candidates.some(
          (node) => node.freeSlots > 0 && node.reputation >= rules.minReputation,
        );
        assert.equal(chosen !== undefined, isPossible);
        if (chosen !== undefined) assert.ok(chosen.freeSlots > 0 && chosen.reputation >= rules.minReputation);
      }),
    );
  });

  it("does not depend on the candidates' order", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(anyCandidate, { maxLength: 8, selector: (node) => node.priceWei }),
        (candidates) => {
          const forward = chooseNode(candidates, rules, 0);
          const others = candidates.filter((node) => node !== forward);
          // Where two tie the order decides; a strict winner wins from any place.
          const isStrict =
            forward !== undefined && chooseNode([forward, ...others], rules, 0.999_999) === forward;
          if (isStrict) assert.equal(chooseNode([...others, forward], rules, 0), forward);
        },
      ),
    );
  });

  it("prefers the cheaper, the faster, the more reliable and the less loaded, other things equal", () => {
    const better: Partial<Candidate>[] = [
      { priceWei: 5n },
      { latencyMs: 20 },
      { successRate: 1 },
      { load: 0 },
    ];
    const worse: Partial<Candidate>[] = [
      { priceWei: 9n },
      { latencyMs: 90 },
      { successRate: 0.4 },
      { load: 0.9 },
    ];
    for (const [index, quality] of better.entries()) {
      const good = like({ nodeKey: "good", ...quality });
      const bad = like({ nodeKey: "bad", ...worse[index] });
      for (const roll of [0, 0.5, 0.99]) assert.equal(chooseNode([bad, good], rules, roll)?.nodeKey, "good");
    }
  });

  it("lets the dice choose among equals, each of them some time", () => {
    const equals = ["a", "b", "c"].map((nodeKey) => like({ nodeKey }));
    const chosen = [0, 0.34, 0.67].map((roll) => chooseNode(equals, rules, roll)?.nodeKey);
    assert.deepEqual(chosen, ["a", "b", "c"]);
  });
});
