import assert from "node:assert/strict";
import type { RememberedTask } from "../client.ts";
import { network, type Scenario, warmUpMs } from "../scenario.ts";
import type { Simulation } from "../simulation.ts";

/** Two clocks that are each off by less than this differ by less than the 2 s that are tolerated. */
const toleratedMs = 900;
const farMs = 5_000;

async function setClocks(sim: Simulation, offByMs: number): Promise<void> {
  for (const node of sim.nodes) {
    node.kill();
    node.skewMs = Math.round(sim.random.between(-offByMs, offByMs));
  }
  await sim.start(...sim.nodes);
  await sim.run(warmUpMs);
}

/** The tasks of half a minute, once they have ended. */
async function someTasks(sim: Simulation): Promise<RememberedTask[]> {
  const before = new Set(sim.tasks());
  sim.load(3_000);
  await sim.run(30_000);
  for (const client of sim.clients) client.rest();
  const isOver = ({ endedMs, refusal }: RememberedTask) => endedMs !== undefined || refusal !== undefined;
  await sim.until(() => sim.tasks().every(isOver), 120_000);
  return sim.tasks().filter((task) => !before.has(task));
}

async function allWork(sim: Simulation): Promise<void> {
  const failed = (await someTasks(sim)).find(({ status }) => status?.status !== "completed");
  assert.equal(failed, undefined, `${failed?.id}: ${failed?.refusal ?? failed?.status?.error_message}`);
}

export const skew: Scenario = {
  name: "skew",
  about: "clocks are off by up to 1 s (all works), then 5 s (nothing is lost), then right again (all works)",
  topology: network,
  async play(sim) {
    sim.phase("clocks are off by up to 1 s");
    await setClocks(sim, toleratedMs);
    await allWork(sim);
    sim.phase("clocks are off by up to 5 s");
    await setClocks(sim, farMs);
    await someTasks(sim);
    sim.phase("clocks are right again");
    await setClocks(sim, 0);
    await allWork(sim);
  },
};
