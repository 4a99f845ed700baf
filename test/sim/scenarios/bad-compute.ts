import type { Manners } from "../compute.ts";
import { network, type Scenario, warmUpMs } from "../scenario.ts";

const manners: readonly Manners[] = ["lies", "withholds", "errors_with_success", "fails"];

export const badCompute: Scenario = {
  name: "bad-compute",
  about: "a compute node lies, then withholds, then errors with success, then fails; another one is honest",
  topology: network,
  async play(sim) {
    await sim.run(warmUpMs);
    sim.load(3_000);
    const bad = sim.compute.filter((_, index) => index % 2 === 0);
    for (const next of manners) {
      sim.phase(`compute node ${next}`);
      for (const compute of bad) compute.manners = next;
      await sim.run(30_000);
    }
    sim.phase("all are honest again");
    for (const compute of bad) compute.manners = "honest";
    await sim.run(20_000);
  },
};
