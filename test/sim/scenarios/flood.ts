import { type TopicName, topicNames } from "../../../src/mesh/index.ts";
import type { NodeOptions } from "../node.ts";
import { network, type Scenario, warmUpMs } from "../scenario.ts";

const messagesPerBurst = 20;
const burstEveryMs = 100;
const messageBytes = 300;

/** Gossips garbage on every topic and asks every peer for everything, as fast as it may. */
const floods: NonNullable<NodeOptions["instead"]> = (node, { mesh, clock }, stops) => {
  const { random } = node.host.realm;
  const ignore = (): void => {};
  const burst = () => {
    for (let sent = 0; sent < messagesPerBurst; sent++) {
      const topic: TopicName = random.pick(topicNames);
      mesh.publish(topic, random.bytes(messageBytes)).catch(ignore);
    }
    for (const { peerId } of mesh.peers()) {
      const options = { signal: AbortSignal.timeout(1_000), maxResponseBytes: 1_000_000 };
      mesh.request(peerId, "sync", random.bytes(messageBytes), options).catch(ignore);
    }
  };
  stops.add("flood", clock.every(burstEveryMs, burst));
};

export const flood: Scenario = {
  name: "flood",
  about: "a peer sends 200 garbage messages a second on every topic, and garbage requests; the others go on",
  topology: (nodes) => ({
    ...network(nodes),
    instead: (validator) => (validator === nodes - 3 ? floods : undefined),
  }),
  allowances: { completedShare: 0.9 },
  async play(sim) {
    await sim.run(warmUpMs);
    sim.load(3_000);
    sim.phase("the flood goes on");
    await sim.run(30_000);
    sim.phase("the flooding peer is switched off");
    sim.validators.at(-1)?.kill("gone");
  },
};
