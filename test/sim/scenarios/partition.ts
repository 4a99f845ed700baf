import { network, type Scenario, warmUpMs } from "../scenario.ts";

export const partition: Scenario = {
  name: "partition",
  about: "the network is cut in two halves for a minute, under load, and heals",
  topology: network,
  async play(sim) {
    await sim.run(warmUpMs);
    sim.load(3_000);
    await sim.run(10_000);
    sim.phase("cut");
    const hosts = [...sim.nodes, ...sim.compute, ...sim.clients].map(({ host }) => host);
    sim.network.partition(hosts.filter((_, index) => index % 2 === 0));
    await sim.run(60_000);
    sim.phase("heal");
    sim.network.heal();
  },
};
