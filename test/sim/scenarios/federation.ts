import { network, type Scenario, warmUpMs } from "../scenario.ts";

export const federation: Scenario = {
  name: "federation",
  about:
    "only one gateway has compute nodes; the other's tasks survive a cut between them, and both gateways' deaths",
  topology: (nodes) => ({ ...network(nodes), computeOnlyAt: 1 }),
  allowances: { completedShare: 0.7 },
  async play(sim) {
    await sim.run(2 * warmUpMs);
    const [asked, serving] = sim.gateways;
    if (asked === undefined || serving === undefined) throw new Error("the scenario needs two gateways");
    sim.load(3_000, [asked]);
    await sim.run(10_000);
    sim.phase("the gateways cannot reach each other");
    sim.network.partition([serving.host, ...sim.compute.map(({ host }) => host)]);
    await sim.run(20_000);
    sim.network.heal();
    await sim.run(20_000);
    for (const gateway of [serving, asked]) {
      sim.phase(`${gateway.name} is killed and comes back`);
      gateway.kill();
      await sim.run(5_000);
      await sim.start(gateway);
      await sim.run(20_000);
    }
  },
};
