import { setTimeout as wait } from "node:timers/promises";
import { genesisSchema } from "../../src/base/index.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { type Bench, type Figures, type Measured, median, percentile } from "./bench.ts";
import { dialAtOnce } from "./join/dial-at-once.ts";
import { type NodeInMemory, startInMemory } from "./join/node-in-memory.ts";

const MiB = 1024 * 1024;
const lookEveryMs = 10;
const joinWithinMs = 60_000;
/** The first node says something as often. */
const talkEveryMs = 100;
/** Several heartbeats of gossip, none of nodes. */
const idleMs = 4_000;

export const join: Bench = {
  measures:
    "a node's start until the network lists it and it has heard its first gossip; or many that dial each other at once",
  params: {
    nodes: { value: 50, what: "nodes in memory that join one after the other" },
    "dial-at-once": {
      value: 0,
      what: "instead, so many nodes on TCP that all dial each other at once, such as 16",
    },
    runs: { value: 1, what: "runs of that" },
  },
  reach: { joinP95Ms: { atMost: 5_000 }, deaf: { atMost: 0 }, lost: { atMost: 0 } },
  async run({ nodes = 0, "dial-at-once": dialling = 0, runs = 0 }, signal, say) {
    return dialling > 0
      ? await manyDials(dialling, runs, signal, say)
      : await joinOneByOne(nodes, signal, say);
  },
};

async function manyDials(
  count: number,
  runs: number,
  signal: AbortSignal,
  say: (text: string) => void,
): Promise<Measured> {
  const settledMs: number[] = [];
  const sums = { deaf: 0, sent: 0, lost: 0, mended: 0 };
  for (let run = 1; run <= runs; run++) {
    const { settledMs: tookMs, ...counts } = await dialAtOnce(count, signal, say);
    settledMs.push(tookMs);
    for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += counts[name];
    say(`run ${run}: settled after ${Math.round(tookMs)} ms, ${counts.deaf} deaf, ${counts.lost} lost`);
  }
  const times = { settledP50Ms: median(settledMs), settledMaxMs: Math.max(...settledMs) };
  return { metrics: { runs, ...sums, ...times }, baseline: {}, ratios: {} };
}

/** Each joins by the first; the measured time begins with its start. */
async function joinOneByOne(
  count: number,
  signal: AbortSignal,
  say: (text: string) => void,
): Promise<Measured> {
  const genesis = genesisSchema.parse({ name: "bench", devnet: true, chain: null });
  const folder = tempFolder();
  const nodes: NodeInMemory[] = [];
  const heapBefore = memoryBytes();
  const times: Record<"joinMs" | "listedMs" | "gossipMs", number[]> = {
    joinMs: [],
    listedMs: [],
    gossipMs: [],
  };
  const parts: Record<keyof NodeInMemory["partsMs"], number[]> = { services: [], roles: [], record: [] };
  let cpuUs = 0;
  const talking = setInterval(() => {
    nodes[0]?.services.mesh.publish("snapshots", Uint8Array.of(1)).catch(() => {});
  }, talkEveryMs);
  try {
    for (let index = 0; index < count; index++) {
      const first = nodes[0];
      const bootstrap = first?.services.mesh.addresses() ?? [];
      const startedMs = performance.now();
      const cpuBefore = process.cpuUsage();
      const node = await startInMemory({
        name: `join-${index}`,
        folder: folder.path,
        genesis,
        bootstrap,
        signal,
      });
      nodes.push(node);
      if (first === undefined) continue;
      for (const name of Object.keys(parts) as (keyof typeof parts)[]) parts[name].push(node.partsMs[name]);
      const since = async (isSo: () => boolean): Promise<number> => {
        while (!isSo()) {
          if (performance.now() - startedMs > joinWithinMs) throw new Error(`node ${index} did not join`);
          await wait(lookEveryMs, undefined, { signal });
        }
        return performance.now() - startedMs;
      };
      const listedMs = since(() => first.services.directory.find(node.nodeId) !== undefined);
      const gossipMs = since(() => node.hasHeard());
      times.listedMs.push(await listedMs);
      times.gossipMs.push(await gossipMs);
      times.joinMs.push(performance.now() - startedMs);
      const { user, system } = process.cpuUsage(cpuBefore);
      cpuUs += user + system;
      if ((index + 1) % 10 === 0)
        say(`${index + 1} nodes, the last one in after ${Math.round(times.joinMs.at(-1) ?? 0)} ms`);
    }
    const equalStartedMs = performance.now();
    while (!(await areEqual(nodes, signal)) && performance.now() - equalStartedMs < joinWithinMs)
      await wait(lookEveryMs, undefined, { signal });
    const equalAfterLastMs = performance.now() - equalStartedMs;
    clearInterval(talking);
    const idleBefore = process.cpuUsage();
    await wait(idleMs, undefined, { signal });
    const idle = process.cpuUsage(idleBefore);
    const metrics: Figures = {
      ...Object.fromEntries(
        Object.entries(times).flatMap(([name, values]) => [
          [name.replace("Ms", "P50Ms"), median(values)],
          [name.replace("Ms", "P95Ms"), percentile(values, 0.95)],
        ]),
      ),
      ...Object.fromEntries(
        Object.entries(parts).map(([name, values]) => [`${name}StartP50Ms`, median(values)]),
      ),
      cpuMsPerJoin: cpuUs / 1000 / Math.max(1, count - 1),
      equalAfterLastMs,
      idleCpuMsPerSecOfAll: (idle.user + idle.system) / idleMs,
      outOfSync: (await areEqual(nodes, signal)) ? 0 : 1,
      memoryMibPerNode: (memoryBytes() - heapBefore) / count / MiB,
    };
    return { metrics, baseline: {}, ratios: {} };
  } finally {
    clearInterval(talking);
    await Promise.all(nodes.map((node) => node.stop()));
    folder.remove();
  }
}

/** Every node's digests equal those of three peers. */
async function areEqual(nodes: readonly NodeInMemory[], signal: AbortSignal): Promise<boolean> {
  for (const { services } of nodes) if (!(await services.replica.compare(3, signal)).isInSync) return false;
  return true;
}

const memoryBytes = (): number => process.memoryUsage().rss;
