import { setTimeout as pause } from "node:timers/promises";
import type { GrpcClient } from "../../src/wire/grpc-client.ts";
import { whyNoLan } from "../chaos-net/lan.ts";
import { chainHost, clientHost } from "../chaos-net/lay-out.ts";
import { HostedNetwork } from "../chaos-net/network.ts";
import { whyNoShaping } from "../chaos-net/shaper.ts";
import { type Bench, percentile } from "./bench.ts";

/** The only node that the others know from the start. */
const bootstrap = "validator-1";
const pollMs = 50;
/** What has not arrived by then has not been delivered. */
const deliveryMs = 10_000;
const healWithinMs = 120_000;
/** Records published one after the other: gossip's bundles then hold one each. */
const publishEveryMs = 150;

export const heal: Bench = {
  measures:
    "50/50 partition, 1 % loss, bootstrap killed: healing to equal replicas, and delivery; nodes as processes on hosts of their own",
  params: {
    nodes: { value: 8, what: "nodes besides the bootstrap node, half of them on each side" },
    records: { value: 40, what: "records published on each side while apart, and again to measure delivery" },
    apartSec: { value: 45, what: "how long the halves hear nothing of each other" },
    lossPermille: { value: 10, what: "frames lost of 1,000, on every cable" },
    delayMs: { value: 5, what: "one way, on every cable" },
  },
  reach: { healedMs: { atMost: 15_000 }, deliveredShare: { atLeast: 0.99 } },
  async run({ nodes = 2, records = 1, apartSec = 0, lossPermille = 0, delayMs = 0 }, signal, say) {
    const missing = whyNoLan() ?? whyNoShaping();
    if (missing !== undefined) throw new Error(missing);
    const shape = { validators: nodes + 1, gateways: 0, computeNodes: 0, computeFor: [], withChain: false };
    const network = await HostedNetwork.start({ ...shape, bootstrap: [bootstrap], logLevel: "warn" });
    try {
      const names = network.nodeNames.filter((name) => name !== bootstrap);
      const near = names.slice(0, nodes / 2);
      const far = names.slice(nodes / 2);
      const at = (name: string) => network.net.at(name);
      say(`${nodes + 1} nodes are connected`);
      const calm = await deliver(network, "calm", names, names.map(at), records, signal);

      await network.net.kill(bootstrap);
      await network.lan.shape({ lossShare: lossPermille / 1_000, delayMs });
      network.lan.silence([chainHost, clientHost, ...near], far);
      const apartUntilMs = performance.now() + apartSec * 1_000;
      say("the bootstrap node is dead, the halves hear nothing of each other");
      const beyond = await Promise.all(far.map((name) => network.from(far[0] ?? "", name)));
      const apart = await Promise.all([
        deliver(network, "near", near, near.map(at), records, signal),
        deliver(network, "far", far, beyond, records, signal),
      ]);
      await pause(Math.max(0, apartUntilMs - performance.now()), undefined, { signal });

      network.hear();
      const joinedMs = performance.now();
      const healedMs = await untilEqual(network, names, signal);
      say(`equal again after ${healedMs.toFixed(0)} ms`);
      await network.untilInSync(names);
      const knownHealedMs = performance.now() - joinedMs;
      const healed = await deliver(network, "healed", names, names.map(at), records, signal);
      const latencies = [...apart.flat(), ...healed];
      return {
        metrics: {
          healedMs,
          knownHealedMs,
          deliveredShare: shareOf(latencies),
          deliveredShareOnceHealed: shareOf(healed),
          deliveryP50Ms: percentile(latencies, 0.5),
          deliveryP99Ms: percentile(latencies, 0.99),
        },
        baseline: {
          undisturbedDeliveredShare: shareOf(calm),
          undisturbedDeliveryP50Ms: percentile(calm, 0.5),
          undisturbedDeliveryP99Ms: percentile(calm, 0.99),
        },
        ratios: { deliveryP50ToUndisturbed: percentile(latencies, 0.5) / percentile(calm, 0.5) },
      };
    } finally {
      await network.stop();
    }
  },
};

/** Publishes at one node after the other; for each record and each node, the time until its disk had it. */
async function deliver(
  network: HostedNetwork,
  prefix: string,
  names: readonly string[],
  clients: readonly GrpcClient[],
  records: number,
  signal: AbortSignal,
): Promise<number[]> {
  const publishedAtMs = new Map<string, number>();
  const arrivals = new Map<string, number>();
  let isPublishing = true;
  const publish = async () => {
    for (let serial = 0; serial < records; serial++) {
      const client = clients[serial % clients.length];
      const id = `${prefix}-${serial}`;
      if (client !== undefined) await network.register(id, client);
      publishedAtMs.set(id, performance.now());
      await pause(publishEveryMs, undefined, { signal });
    }
    isPublishing = false;
  };
  const watch = async () => {
    let lastMs = performance.now();
    while (isPublishing || (arrivals.size < records * names.length && lastMs < endMs(publishedAtMs))) {
      for (const name of names) {
        for (const key of Object.keys(network.recordsOf(name))) {
          const id = key.slice(key.lastIndexOf("/") + 1);
          if (!id.startsWith(`${prefix}-`) || arrivals.has(`${id} ${name}`)) continue;
          const sinceMs = performance.now() - (publishedAtMs.get(id) ?? performance.now());
          arrivals.set(`${id} ${name}`, sinceMs);
        }
      }
      await pause(pollMs, undefined, { signal });
      lastMs = performance.now();
    }
  };
  await Promise.all([publish(), watch()]);
  const missing = records * names.length - arrivals.size;
  return [...arrivals.values(), ...Array.from({ length: missing }, () => Number.POSITIVE_INFINITY)];
}

function endMs(publishedAtMs: ReadonlyMap<string, number>): number {
  return Math.max(...publishedAtMs.values()) + deliveryMs;
}

function shareOf(latencies: readonly number[]): number {
  return latencies.filter((ms) => ms <= deliveryMs).length / latencies.length;
}

async function untilEqual(
  network: HostedNetwork,
  names: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  const startMs = performance.now();
  for (;;) {
    const replicas = new Set(names.map((name) => JSON.stringify(network.recordsOf(name))));
    const elapsedMs = performance.now() - startMs;
    if (replicas.size === 1) return elapsedMs;
    if (elapsedMs > healWithinMs)
      throw new Error(`${replicas.size} different replicas after ${elapsedMs} ms`);
    await pause(pollMs, undefined, { signal });
  }
}
