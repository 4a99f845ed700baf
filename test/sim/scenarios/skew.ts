import { network, type Scenario, warmUpMs } from "../scenario.ts";

export const skew: Scenario = {
  name: "skew",
  about: "every clock is off, by up to 5 s either way",
  topology: network,
  async play(sim) {
    sim.phase("clocks are set wrong, and every node starts again");
    for (const node of sim.nodes) {
      node.kill();
      node.skewMs = Math.round(sim.random.between(-5_000, 5_000));
    }
    await sim.start(...sim.nodes);
    await sim.run(warmUpMs);
    sim.load(3_000);
    await sim.run(60_000);
  },
};
