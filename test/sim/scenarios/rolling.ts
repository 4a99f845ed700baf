import { network, type Scenario, warmUpMs } from "../scenario.ts";

export const rolling: Scenario = {
  name: "rolling",
  about: "every node is restarted in turn under load, as for an upgrade; every third is killed instead",
  topology: network,
  allowances: { completedShare: 0.8 },
  async play(sim) {
    await sim.run(warmUpMs);
    sim.load(3_000);
    for (const [index, node] of sim.nodes.entries()) {
      sim.phase(`${node.name} restarts`);
      if (index % 3 === 2) node.kill();
      else await sim.during(node.stop(), 60_000, "stopping");
      await sim.run(1_000);
      await sim.start(node);
      await sim.run(6_000);
    }
  },
};
