import assert from "node:assert/strict";
import { isCode } from "../../../src/base/index.ts";
import type { SimulatedNode } from "../node.ts";
import { network, type Scenario, warmUpMs } from "../scenario.ts";
import type { Simulation } from "../simulation.ts";

/** The node that it happens to; never the one that the others join by. */
const victimOf = (sim: Simulation): SimulatedNode => {
  const victim = sim.validators[1];
  assert.ok(victim, "the scenario needs two validators");
  return victim;
};

/** A damaged database must be noticed; the operator does what the message says, and the node fills a new one. */
async function startOverDamage(sim: Simulation, victim: SimulatedNode): Promise<void> {
  await sim.start(victim);
  if (victim.isUp) return;
  assert.ok(isCode(victim.failure, "STORAGE_FAILED"), `it should say what is wrong: ${victim.failure}`);
  sim.phase("the operator moves the damaged database away");
  victim.disk.dropDatabase();
  await sim.start(victim);
  assert.ok(victim.isUp, `it should start over: ${victim.failure}`);
}

function damaged(name: string, about: string, damage: (victim: SimulatedNode) => void): Scenario {
  return {
    name,
    about,
    topology: network,
    allowances: { completedShare: 0.5 },
    async play(sim) {
      const victim = victimOf(sim);
      await sim.run(warmUpMs);
      sim.load(2_000);
      await sim.run(20_000);
      sim.phase(`${victim.name} is killed, its database ${name.split("-")[1]}`);
      victim.kill();
      damage(victim);
      await sim.run(2_000);
      await startOverDamage(sim, victim);
      await sim.run(30_000);
    },
  };
}

export const databaseTruncated = damaged(
  "database-truncated",
  "a validator's database loses its second half while the validator is down",
  (victim) => victim.disk.truncate(),
);

export const databaseCorrupted = damaged(
  "database-corrupted",
  "a validator's database is overwritten here and there while the validator is down",
  (victim) => victim.disk.corrupt(),
);

export const databaseRestored: Scenario = {
  name: "database-restored",
  about:
    "a validator comes back with an older copy of its database: it must not sign what it may have forgotten",
  topology: network,
  allowances: { completedShare: 0.5 },
  async play(sim) {
    const victim = victimOf(sim);
    await sim.run(warmUpMs);
    sim.load(2_000);
    await sim.run(10_000);
    sim.phase("a copy is taken");
    victim.kill();
    const copy = victim.disk.copy();
    await sim.start(victim);
    await sim.run(30_000);
    const before = sim.signatures.filter(({ validator }) => validator === victim.name).length;
    sim.phase("the copy is put back");
    victim.kill();
    victim.disk.restore(copy);
    await sim.start(victim);
    await sim.run(30_000);
    const after = sim.signatures.filter(({ validator }) => validator === victim.name).length;
    assert.ok(before > 0, "the validator signed something to forget");
    assert.equal(after, before, "it signs nothing while a forgotten signature may still be of use");
  },
};
