import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import type { Bench, Figures } from "./bench.ts";
import { type GossipNode, network, openMeshes, openPlain } from "./gossip/networks.ts";
import { type Talk, talk } from "./gossip/talk.ts";

/** The flood is at its height when the honest ones begin. */
const floodFirstMs = 2_000;

const named = (prefix: string, figures: Talk): Figures =>
  Object.fromEntries(Object.entries(figures).map(([name, value]) => [`${prefix}_${name}`, value]));

export const gossip: Bench = {
  measures:
    "announcements from everybody to everybody in one process on TCP loopback, and while a bad peer floods",
  params: {
    small: { value: 8, what: "nodes of the small network" },
    large: { value: 16, what: "nodes of the large network" },
    messages: { value: 2_000, what: "messages in each run" },
    bytes: { value: 512, what: "size of a message" },
    paced: { value: 50, what: "messages a second while a bad peer floods" },
  },
  reach: {
    small_deliveriesToBaseline: { atLeast: 2.5 },
    large_deliveriesToBaseline: { atLeast: 2.5 },
    floodedShare: { atLeast: 0.9 },
  },
  async run({ small = 0, large = 0, messages = 0, bytes = 0, paced = 0 }, signal, say) {
    const metrics: Figures = {};
    const baseline: Figures = {};
    const ratios: Figures = {};
    for (const [name, count] of [
      ["small", small],
      ["large", large],
    ] as const) {
      if (count === 0) continue;
      say(`${count} nodes with gossipsub's defaults`);
      const plain = await talk(openPlain, { count, messages, bytes }, signal);
      say(`${count} nodes of this mesh`);
      const ours = await talk(openMeshes, { count, messages, bytes }, signal);
      Object.assign(metrics, named(name, ours));
      Object.assign(baseline, named(name, plain));
      ratios[`${name}_deliveriesToBaseline`] = ours.deliveriesPerSec / plain.deliveriesPerSec;
      ratios[`${name}_cpuToBaseline`] = ours.cpuUsPerDelivery / plain.cpuUsPerDelivery;
    }
    const calm = { count: small, messages: Math.ceil(messages / 4), bytes, perSecond: paced };
    say(`${small} nodes, ${paced} messages a second`);
    const quiet = await talk(openMeshes, calm, signal);
    say("the same while a bad peer floods one of them");
    const flooded = await talk(
      openMeshes,
      { ...calm, meanwhile: (nodes) => flood(nodes, bytes, signal) },
      signal,
    );
    const sent = calm.messages * (small - 1);
    Object.assign(metrics, named("calm", quiet), named("flooded", flooded));
    ratios["floodedShare"] = (sent - flooded.lost) / Math.max(1, sent - quiet.lost);
    return { metrics, baseline, ratios };
  },
};

/** In a thread of its own, so that what the flood costs its sender is not counted. */
async function flood(nodes: readonly GossipNode[], bytes: number, signal: AbortSignal) {
  const worker = new Worker(new URL("./gossip/flooder.ts", import.meta.url), {
    workerData: { address: nodes[0]?.addresses[0], network, bytes },
  });
  await once(worker, "online", { signal });
  await wait(floodFirstMs, undefined, { signal });
  return () => worker.terminate();
}
