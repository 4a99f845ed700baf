import type { TaskState } from "../../../src/roles/gateway/index.ts";
import { network, type Scenario, warmUpMs } from "../scenario.ts";

const steps: readonly TaskState[] = [
  "received",
  "quoted",
  "queued",
  "dispatched",
  "validating",
  "completed",
  "settled",
];

export const gatewayKilled: Scenario = {
  name: "gateway-killed",
  about: "a gateway is killed at every step of a task, and comes back",
  topology: network,
  allowances: { completedShare: 0.8 },
  async play(sim) {
    await sim.run(warmUpMs);
    const [gateway] = sim.gateways;
    const [client] = sim.clients;
    if (gateway === undefined || client === undefined) throw new Error("the scenario needs a gateway");
    for (const step of steps) {
      for (let more = 0; more < 3; more++) void client.submit(gateway);
      const isThere = () => [...(gateway.gateway?.tasks.live() ?? [])].some(({ state }) => state === step);
      const isHit = await sim.until(isThere, 3_000);
      sim.phase(`killed ${isHit ? `while a task is ${step}` : "with its tasks ended"}`);
      gateway.kill();
      await sim.run(Math.floor(sim.random.between(500, 5_000)));
      await sim.start(gateway);
      await sim.run(8_000);
    }
  },
};
