import { network, type Scenario, warmUpMs } from "../scenario.ts";

export const diskFull: Scenario = {
  name: "disk-full",
  about: "a validator's and then a gateway's disk is full for half a minute",
  topology: network,
  allowances: { completedShare: 0.5 },
  async play(sim) {
    await sim.run(warmUpMs);
    sim.load(3_000);
    await sim.run(5_000);
    for (const node of [sim.validators[1], sim.gateways[1]]) {
      if (node === undefined) continue;
      sim.phase(`${node.name}'s disk is full`);
      node.disk.isFull = true;
      await sim.run(30_000);
      sim.phase(`${node.name}'s disk has room again`);
      node.disk.isFull = false;
      await sim.run(10_000);
    }
  },
};
