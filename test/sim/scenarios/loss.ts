import { network, type Scenario, warmUpMs } from "../scenario.ts";

export const loss: Scenario = {
  name: "loss",
  about: "1 % of packets, dials and gossip is lost, gossip doubles and overtakes, nodes come and go",
  topology: network,
  allowances: { completedShare: 0.5 },
  async play(sim) {
    Object.assign(sim.network.weather, {
      packetLoss: 0.01,
      dialLoss: 0.01,
      gossipLoss: 0.01,
      gossipTwice: 0.02,
      gossipLate: 0.05,
    });
    await sim.run(warmUpMs);
    sim.load(3_000);
    for (let round = 1; round <= 6; round++) {
      sim.phase(`churn ${round}`);
      const node = sim.random.pick(sim.alive);
      const [a, b] = [sim.random.pick(sim.alive), sim.random.pick(sim.alive)];
      node.kill(sim.random.isHit(0.5) ? "gone" : "down");
      sim.network.reset(a.host, b.host);
      const compute = sim.random.pick(sim.compute);
      compute.kill();
      await sim.run(Math.floor(sim.random.between(1_000, 8_000)));
      await sim.start(node);
      compute.start();
      await sim.run(5_000);
    }
    sim.network.calm();
  },
};
