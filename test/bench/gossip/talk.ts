import { setTimeout as wait } from "node:timers/promises";
import { percentile } from "../bench.ts";
import { until } from "../until.ts";
import type { GossipNode, OpenNetwork } from "./networks.ts";

/** Messages that are under way at once when the network is driven as fast as it goes. */
const window = 64;
/** Who is not connected in gossip after this long is deaf. */
const settleWithinMs = 30_000;
/** A message that has not come after this long without any other coming is lost. */
const silenceMs = 3_000;
const lookEveryMs = 20;

export interface Talk {
  readonly deliveriesPerSec: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly lost: number;
  /** Nodes that heard nothing, or not of everybody, when the talk began. */
  readonly deaf: number;
  readonly cpuUsPerDelivery: number;
}

export interface TalkOptions {
  readonly count: number;
  readonly messages: number;
  readonly bytes: number;
  /** As fast as it goes when absent. */
  readonly perSecond?: number;
  /** Called when all are connected and before anybody speaks; the result is called at the end. */
  readonly meanwhile?: (nodes: readonly GossipNode[]) => Promise<() => Promise<unknown>>;
}

/** Everybody says something in turn, everybody else hears it: how many a second, how late, how many never. */
export async function talk(open: OpenNetwork, options: TalkOptions, signal: AbortSignal): Promise<Talk> {
  const { count, messages, bytes, perSecond, meanwhile } = options;
  const sentAtMs = new Float64Array(messages);
  const heardBy = new Uint32Array(messages);
  const latenciesMs: number[] = [];
  let finished = 0;
  let expected = count - 1;
  let lastMs = 0;
  const nodes = await open(count, (_node, data) => {
    if (data.length !== bytes || data[0] !== 1) return;
    const message = new DataView(data.buffer, data.byteOffset).getUint32(1);
    lastMs = performance.now();
    latenciesMs.push(lastMs - (sentAtMs[message] ?? 0));
    heardBy[message] = (heardBy[message] ?? 0) + 1;
    if (heardBy[message] === expected) finished++;
  });
  try {
    await until(() => nodes.every((node) => node.isReady(count - 1)), {
      withinMs: settleWithinMs,
      everyMs: lookEveryMs,
      signal,
    });
    const deaf = nodes.filter((node) => !node.isReady(count - 1)).length;
    // The others' speed is not measured by who never hears.
    expected = Math.max(1, count - 1 - deaf);
    const end = await meanwhile?.(nodes);
    const cpuBefore = process.cpuUsage();
    const startMs = performance.now();
    lastMs = startMs;
    for (let sent = 0; sent < messages; sent++) {
      if (perSecond === undefined) {
        while (sent - finished >= window && performance.now() - lastMs < silenceMs) await breathe(signal);
      } else {
        const aheadMs = startMs + (sent * 1000) / perSecond - performance.now();
        if (aheadMs > 0) await wait(aheadMs, undefined, { signal });
      }
      const data = new Uint8Array(bytes);
      data[0] = 1;
      new DataView(data.buffer).setUint32(1, sent);
      sentAtMs[sent] = performance.now();
      await nodes[sent % count]?.publish(data);
    }
    while (finished < messages && performance.now() - lastMs < silenceMs) await breathe(signal);
    const { user, system } = process.cpuUsage(cpuBefore);
    await end?.();
    return {
      deliveriesPerSec: (latenciesMs.length * 1000) / (lastMs - startMs),
      p50Ms: percentile(latenciesMs, 0.5),
      p99Ms: percentile(latenciesMs, 0.99),
      lost: messages * (count - 1) - latenciesMs.length,
      deaf,
      cpuUsPerDelivery: (user + system) / latenciesMs.length,
    };
  } finally {
    await Promise.all(nodes.map((node) => node.stop()));
  }
}

async function breathe(signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await new Promise((resolve) => setImmediate(resolve));
}
