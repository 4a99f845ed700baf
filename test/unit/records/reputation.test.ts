import assert from "node:assert/strict";
import fc from "fast-check";
import { silentLogger } from "../../../src/base/index.ts";
import {
  type OpenReplica,
  observerWeight,
  Reputation,
  reputationPeriodMs,
  reputationScore,
  weightedScore,
} from "../../../src/records/index.ts";
import { kinds, TestNetwork, wallet } from "./network.ts";

const token = 10n ** 18n;
const subject = wallet("subject").address;

describe("reputation scores", () => {
  it("are +1 for success, -2 for failure, -5 for no answer and -20 for a slashing", () => {
    assert.equal(reputationScore({ successes: 1 }), 1);
    assert.equal(reputationScore({ failures: 1 }), -2);
    assert.equal(reputationScore({ no_answers: 1 }), -5);
    assert.equal(reputationScore({ slashings: 1 }), -20);
    assert.equal(reputationScore({ successes: 10, failures: 2, no_answers: 1, slashings: 1 }), -19);
  });

  it("weigh an observer by its whole tokens and one", () => {
    assert.equal(observerWeight(0n), 1);
    assert.equal(observerWeight(3n * token - 1n), 3);
    assert.equal(observerWeight(1_000n * token), 1_001);
  });

  it("average to something between the observers' scores, and to 0 without observers", () => {
    assert.equal(weightedScore([]), 0);
    assert.equal(
      weightedScore([
        { score: 10, weight: 3 },
        { score: -10, weight: 1 },
      ]),
      5,
    );
    assert.equal(weightedScore([{ score: 1e15, weight: 1 }]), 1_000);
    const observation = fc.record({
      score: fc.integer({ min: -1000, max: 1000 }),
      weight: fc.integer({ min: 1, max: 1e6 }),
    });
    fc.assert(
      fc.property(fc.array(observation, { minLength: 1 }), (observations) => {
        const mean = weightedScore(observations);
        const scores = observations.map(({ score }) => score);
        assert.ok(mean >= Math.min(...scores) - 1e-6 && mean <= Math.max(...scores) + 1e-6);
      }),
    );
  });
});

describe("reputation", () => {
  let network: TestNetwork;
  const opened: Reputation[] = [];
  beforeEach(() => {
    network = new TestNetwork();
  });
  afterEach(async () => {
    for (const reputation of opened.splice(0)) await reputation.stop();
    await network.close();
  });
  const observer = async (name: string, stakes: Record<string, bigint> = {}) => {
    const replica = await network.replica(name);
    return { replica, reputation: open(name, replica, stakes) };
  };
  const open = (name: string, replica: OpenReplica, stakes: Record<string, bigint> = {}) => {
    const reputation = new Reputation({
      replica,
      kind: kinds.reputation,
      self: wallet(name).address,
      stakeOf: (address) => stakes[address] ?? 0n,
      clock: network.clock,
      logger: silentLogger,
    });
    opened.push(reputation);
    return reputation;
  };

  it("publishes what was counted in a period as one record per subject", async () => {
    const { replica, reputation } = await observer("alice");
    let published = 0;
    replica.onChange(kinds.reputation, () => published++);
    for (let count = 0; count < 100; count++) reputation.observe(subject, "success");
    reputation.observe(subject, "no_answer");
    assert.equal(published, 0);
    await network.clock.run(reputationPeriodMs);
    await reputation.flush();
    assert.equal(published, 1);
    const [record] = replica.list(kinds.reputation);
    assert.deepEqual(
      [record?.payload.successes, record?.payload.no_answers, record?.payload.score],
      [100, 1, 95],
    );
    await network.clock.run(reputationPeriodMs);
    await reputation.flush();
    assert.equal(published, 1);
  });

  it("goes on from its own record after a restart", async () => {
    const { replica, reputation } = await observer("alice");
    reputation.observe(subject, "failure");
    await reputation.stop();
    const again = open("alice", replica);
    again.observe(subject, "failure");
    assert.equal(again.of(subject).failures, 2);
    assert.equal(again.reputationOf(subject), -4);
  });

  it("is the stake-weighted mean over all observers, this one's newest counts included", async () => {
    const { reputation: alices } = await observer("alice", { [wallet("bob").address]: 2n * token });
    const { reputation: bobs } = await observer("bob");
    for (let count = 0; count < 8; count++) bobs.observe(subject, "success");
    await bobs.flush();
    await network.spread();
    assert.equal(alices.reputationOf(subject), 8);
    alices.observe(subject, "failure");
    alices.observe(subject, "failure");
    // Bob weighs 3, Alice 1.
    assert.equal(alices.reputationOf(subject), (3 * 8 - 4) / 4);
    assert.deepEqual(alices.of(subject), {
      score: 5,
      successes: 8,
      failures: 2,
      noAnswers: 0,
      slashings: 0,
      lastSeenMs: network.clock.nowMs(),
    });
    assert.equal(alices.reputationOf(wallet("nobody").address), 0);
  });

  it("lets an observer's word end with its record", async () => {
    const { reputation: alices } = await observer("alice");
    const { reputation: bobs } = await observer("bob");
    bobs.observe(subject, "success");
    await bobs.flush();
    await network.spread();
    assert.equal(alices.reputationOf(subject), 1);
    network.clock.set(network.clock.nowMs() + kinds.reputation.lifeMs);
    assert.equal(alices.reputationOf(subject), 0);
  });

  it("counts nothing about itself", async () => {
    const { reputation } = await observer("alice");
    reputation.observe(wallet("alice").address, "success");
    assert.equal(reputation.reputationOf(wallet("alice").address), 0);
  });
});
