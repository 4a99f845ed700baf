import assert from "node:assert/strict";
import fc from "fast-check";
import { rankValidators, roundIdOf } from "../../../src/cosign/choose-validators.ts";

const address = (index: number): string => `0x${index.toString(16).padStart(40, "0")}`;
const entry = (index: number, stake = 100n) => ({ address: address(index), stakeWei: stake });
const entries = fc.uniqueArray(
  fc.record({
    address: fc.integer({ min: 1, max: 1_000_000 }).map(address),
    stakeWei: fc.bigInt({ min: 0n, max: 10n ** 24n }),
  }),
  { selector: (one) => one.address, maxLength: 30 },
);
const roundIds = fc.string().map((subject) => roundIdOf("net-1", "preprocessing", subject));

describe("choosing validators", () => {
  it("names a round by network, round and subject", () => {
    assert.equal(
      roundIdOf("net-1", "preprocessing", "0xabc/task"),
      "7f8f761afff35b13c1a7aed1ad34baaf8f1973186f763d65c377aa5e3d0f5cec",
    );
    assert.notEqual(roundIdOf("net-1", "preprocessing", "a"), roundIdOf("net-1", "completion", "a"));
    assert.notEqual(roundIdOf("net-1", "preprocessing", "a"), roundIdOf("net-2", "preprocessing", "a"));
  });

  it("does not depend on the order in which the set is listed", () => {
    fc.assert(
      fc.property(roundIds, entries, fc.infiniteStream(fc.nat()), (roundId, set, numbers) => {
        const shuffled = set
          .map((one) => ({ one, at: numbers.next().value as number }))
          .sort((a, b) => a.at - b.at)
          .map(({ one }) => one);
        assert.deepEqual(rankValidators(roundId, shuffled), rankValidators(roundId, set));
        assert.equal(rankValidators(roundId, set).length, set.length);
      }),
    );
  });

  it("replaces a validator by the next in order and moves nobody else", () => {
    fc.assert(
      fc.property(roundIds, entries, fc.nat(), (roundId, set, index) => {
        const ranked = rankValidators(roundId, set);
        const gone = ranked[index % Math.max(1, ranked.length)];
        const left = rankValidators(
          roundId,
          set.filter((one) => one.address !== gone?.address),
        );
        assert.deepEqual(
          left,
          ranked.filter((one) => one !== gone),
        );
      }),
    );
  });

  it("asks first in proportion to stake", () => {
    const set = [entry(1, 10n ** 21n), entry(2, 2n * 10n ** 21n), entry(3, 3n * 10n ** 21n), entry(4, 0n)];
    const first = new Map<string, number>();
    const rounds = 12_000;
    for (let round = 0; round < rounds; round++) {
      const winner = rankValidators(roundIdOf("net-1", "completion", `task ${round}`), set)[0]?.address ?? "";
      first.set(winner, (first.get(winner) ?? 0) + 1);
    }
    // Deterministic input; 3 % is five standard deviations.
    for (const [index, share] of [1 / 6, 2 / 6, 3 / 6].entries()) {
      assert.ok(Math.abs((first.get(address(index + 1)) ?? 0) / rounds - share) < 0.03);
    }
    assert.equal(first.get(address(4)), undefined);
  });
});
