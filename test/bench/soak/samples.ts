import type { TestDevnet } from "../../support/devnet.ts";

/** What a node's metrics said at one moment. */
export interface Sample {
  readonly node: string;
  readonly atMs: number;
  readonly rssMb: number;
  /** Of the time since the last sample. */
  readonly lagP99Ms: number;
}

const scrapeTimeoutMs = 5_000;

/** Every running node's memory and event loop lag; those that are just being restarted are left out. */
export async function sampleAll(net: TestDevnet, atMs: number): Promise<Sample[]> {
  const samples = net.net.nodes.map(async (node): Promise<Sample | undefined> => {
    const address = node.endpoints["metrics"];
    if (!node.isRunning || address === undefined) return undefined;
    try {
      const response = await fetch(`http://${address}/metrics`, {
        signal: AbortSignal.timeout(scrapeTimeoutMs),
      });
      const text = await response.text();
      const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1]);
      return {
        node: node.name,
        atMs,
        rssMb: value("process_resident_memory_bytes") / 1e6,
        lagP99Ms: value("nodejs_eventloop_lag_p99_seconds") * 1_000,
      };
    } catch {
      return undefined;
    }
  });
  return (await Promise.all(samples)).filter((sample) => sample !== undefined);
}

/** By how many percent a value grew from the first sample to the last, along the straight line that fits best. */
export function growthPercent(samples: readonly { readonly atMs: number; readonly rssMb: number }[]): number {
  const count = samples.length;
  const first = samples[0]?.atMs ?? 0;
  const spanMs = (samples.at(-1)?.atMs ?? 0) - first;
  if (count < 2 || spanMs === 0) return Number.NaN;
  const meanAt = samples.reduce((sum, { atMs }) => sum + (atMs - first), 0) / count;
  const meanMb = samples.reduce((sum, { rssMb }) => sum + rssMb, 0) / count;
  let above = 0;
  let below = 0;
  for (const { atMs, rssMb } of samples) {
    above += (atMs - first - meanAt) * (rssMb - meanMb);
    below += (atMs - first - meanAt) ** 2;
  }
  const slope = above / below;
  const startMb = meanMb - slope * meanAt;
  return (100 * slope * spanMs) / startMb;
}
