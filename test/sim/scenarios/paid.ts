import type { TaskState } from "../../../src/roles/gateway/index.ts";
import { network, type Scenario, warmUpMs } from "../scenario.ts";

const priceWei = "1000000000000000000";
const steps: readonly TaskState[] = [
  "received",
  "quoted",
  "awaiting_payment",
  "queued",
  "dispatched",
  "validating",
  "completed",
];

export const paidGatewayKilled: Scenario = {
  name: "paid-gateway-killed",
  about: "a gateway is killed at every step of a paid task, payment and payout included, and comes back",
  topology: (nodes) => ({ ...network(nodes), priceWei }),
  allowances: { completedShare: 0.8 },
  async play(sim) {
    await sim.run(warmUpMs);
    const [gateway] = sim.gateways;
    const [client] = sim.clients;
    if (gateway === undefined || client === undefined) throw new Error("the scenario needs a gateway");
    for (const step of steps) {
      void client.submit(gateway);
      const isThere = () => [...(gateway.gateway?.tasks.live() ?? [])].some(({ state }) => state === step);
      const isHit = await sim.until(isThere, 20_000);
      sim.phase(`killed ${isHit ? `while a task is ${step}` : "with its tasks ended"}`);
      gateway.kill();
      await sim.run(Math.floor(sim.random.between(500, 5_000)));
      await sim.start(gateway);
      await sim.run(15_000);
    }
  },
};

export const chainLost: Scenario = {
  name: "chain-lost",
  about: "paid tasks while the chain node does not answer for half a minute, then refuses connections",
  topology: (nodes) => ({ ...network(nodes), priceWei }),
  allowances: { completedShare: 0.5 },
  async play(sim) {
    await sim.run(warmUpMs);
    sim.load(5_000);
    await sim.run(20_000);
    const host = sim.chain?.host;
    if (host === undefined) throw new Error("the scenario needs a chain");
    sim.phase("the chain node does not answer");
    host.state = "gone";
    await sim.run(30_000);
    sim.phase("the chain node refuses connections");
    host.state = "down";
    await sim.run(15_000);
    sim.phase("the chain node is back");
    host.state = "up";
    await sim.run(30_000);
  },
};
