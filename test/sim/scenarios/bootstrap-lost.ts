import { network, type Scenario, warmUpMs } from "../scenario.ts";

export const bootstrapLost: Scenario = {
  name: "bootstrap-lost",
  about: "the node that all others joined by dies for ever; then every other node is killed and comes back",
  topology: (nodes) => ({ ...network(nodes - 1), bootstrap: true }),
  allowances: { completedShare: 0.5 },
  async play(sim) {
    await sim.run(warmUpMs);
    sim.load(5_000);
    sim.phase("the bootstrap node dies");
    sim.node("bootstrap-1").kill("gone");
    await sim.run(20_000);
    for (const node of sim.nodes.filter(({ name }) => name !== "bootstrap-1")) {
      sim.phase(`${node.name} is killed and comes back`);
      node.kill();
      await sim.run(2_000);
      await sim.start(node);
      await sim.run(5_000);
    }
  },
};
