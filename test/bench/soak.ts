import { setTimeout as pause } from "node:timers/promises";
import { TestDevnet } from "../support/devnet.ts";
import { type Bench, type Figures, median, percentile } from "./bench.ts";
import { type LoadCounts, runLoad } from "./soak/load.ts";
import { growthPercent, type Sample, sampleAll } from "./soak/samples.ts";

const restarted = "compute-3";
const samplePeriodMs = 5_000;
const toldPeriodMs = 60_000;
/** A short soak warms up for half of its time. */
const longestWarmUpShare = 0.5;
const roles = ["gateway", "validator", "compute"] as const;

export const soak: Bench = {
  measures:
    "memory, event loop lag and errors of a devnet (3 validators, 2 gateways, 3 compute, chain) under mixed load",
  params: {
    minutes: { value: 10, what: "how long, warm-up included" },
    warmUpSec: { value: 180, what: "of it not counted: caches fill" },
    streams: { value: 3, what: "paid tasks under way at once" },
  },
  reach: {
    gatewayGrowthPercent: { atMost: 5 },
    validatorGrowthPercent: { atMost: 5 },
    computeGrowthPercent: { atMost: 5 },
    gatewayLagP99Ms: { atMost: 50 },
    validatorLagP99Ms: { atMost: 50 },
    failedShare: { atMost: 0.01 },
  },
  async run({ minutes = 1, warmUpSec = 1, streams = 1 }, signal, say) {
    // Nodes take it from the environment; port 0 gives each its own.
    process.env["COUNTERSIGN_METRICS__LISTEN"] = "127.0.0.1:0";
    const net = await TestDevnet.start({ validators: 3, gateways: 2, computeNodes: 3 });
    const ending = new AbortController();
    const counts: LoadCounts = { done: {}, failed: {}, examples: {} };
    const samples: Sample[] = [];
    const startedMs = performance.now();
    const runMs = minutes * 60_000;
    const load = runLoad(net, counts, { streams, restarted }, AbortSignal.any([signal, ending.signal]));
    try {
      let toldMs = 0;
      for (let atMs = 0; atMs < runMs; atMs = performance.now() - startedMs) {
        await pause(Math.min(samplePeriodMs, runMs - atMs), undefined, { signal });
        const elapsedMs = performance.now() - startedMs;
        samples.push(...(await sampleAll(net, elapsedMs)));
        if (elapsedMs - toldMs < toldPeriodMs && elapsedMs < runMs) continue;
        toldMs = elapsedMs;
        say(rowOf(samples, counts, elapsedMs));
      }
      ending.abort();
      await load;
    } finally {
      ending.abort();
      await load.catch(() => {});
      await net.stop();
    }
    const warmUpMs = Math.min(warmUpSec * 1_000, runMs * longestWarmUpShare);
    const sum = (of: Record<string, number>) => Object.values(of).reduce((total, one) => total + one, 0);
    for (const [what, count] of Object.entries(counts.failed))
      say(`failed ${count} times: ${what}: ${counts.examples[what]}`);
    return {
      metrics: {
        ...Object.assign({}, ...roles.map((role) => figuresOf(role, samples, warmUpMs))),
        paidTasks: counts.done["paid task"] ?? 0,
        cancelledTasks: counts.done["cancelled task"] ?? 0,
        recordWrites: counts.done["record"] ?? 0,
        restarts: counts.done["restart"] ?? 0,
        failedShare: sum(counts.failed) / (sum(counts.failed) + sum(counts.done)),
      },
      baseline: Object.assign({}, ...roles.map((role) => firstRss(role, samples, warmUpMs))),
      ratios: {},
    };
  },
};

const isOf = (role: string) => (sample: Sample) => sample.node.startsWith(role) && sample.node !== restarted;

/** Of the node of that role that grew most, and of all its nodes' lag. */
function figuresOf(role: string, samples: readonly Sample[], warmUpMs: number): Figures {
  const late = samples.filter(({ atMs }) => atMs >= warmUpMs).filter(isOf(role));
  const nodes = [...new Set(late.map(({ node }) => node))];
  const lags = late.map(({ lagP99Ms }) => lagP99Ms);
  return {
    [`${role}RssMb`]: median(late.map(({ rssMb }) => rssMb)),
    [`${role}GrowthPercent`]: Math.max(
      ...nodes.map((name) => growthPercent(late.filter(({ node }) => node === name))),
    ),
    [`${role}LagP99Ms`]: median(lags),
    [`${role}LagP99WorstMs`]: percentile(lags, 1),
  };
}

function firstRss(role: string, samples: readonly Sample[], warmUpMs: number): Figures {
  const first = samples.filter(isOf(role)).filter(({ atMs }) => atMs <= warmUpMs + samplePeriodMs);
  return { [`${role}RssMbAfterWarmUp`]: median(first.slice(-4).map(({ rssMb }) => rssMb)) };
}

function rowOf(samples: readonly Sample[], { done, failed }: LoadCounts, elapsedMs: number): string {
  const sizes = roles.map((role) => {
    const newest = samples.filter(isOf(role)).filter(({ atMs }) => atMs > elapsedMs - 2 * samplePeriodMs);
    return `${role} ${Math.round(median(newest.map(({ rssMb }) => rssMb)))} MB`;
  });
  return `${Math.round(elapsedMs / 1_000)} s: ${sizes.join(", ")}; done ${JSON.stringify(done)}, failed ${JSON.stringify(failed)}`;
}
