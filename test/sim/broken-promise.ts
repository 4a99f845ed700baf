// A run that must fail: every disk, the guards' mark files included, goes back to before the task, so that the same
// task is signed a second time. The simulator has to notice; the test suite looks at what it says.
import { runScenario } from "./run-scenario.ts";
import { network, type Scenario, warmUpMs } from "./scenario.ts";

const brokenPromise: Scenario = {
  name: "broken-promise",
  about: "all disks and their mark files are restored from a copy",
  topology: network,
  async play(sim) {
    await sim.run(warmUpMs);
    const copies = sim.nodes.map((node) => {
      node.kill();
      return node.disk.copy();
    });
    await sim.start(...sim.nodes);
    await sim.run(warmUpMs);
    const [client] = sim.clients;
    const [gateway] = sim.gateways;
    if (client === undefined || gateway === undefined) throw new Error("nobody to ask");
    await sim.during(client.submit(gateway), 60_000, "the task");
    for (const [index, node] of sim.nodes.entries()) {
      const copy = copies[index];
      node.kill();
      if (copy !== undefined) node.disk.restore(copy, { withMark: true });
    }
    await sim.start(...sim.nodes);
    await sim.run(warmUpMs);
    client.tasks.length = 0;
    await sim.during(client.submit(gateway), 60_000, "the same task");
  },
};

const outcome = await runScenario(brokenPromise, { seed: 1, nodes: 6 });
process.stdout.write(JSON.stringify(outcome), () => process.exit(outcome.failure === undefined ? 0 : 1));
