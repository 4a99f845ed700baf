import { LoopbackNetwork } from "../../support/loopback-network.ts";
import type { Figures } from "../bench.ts";
import { cpuUs, cpuUsPerCall, usedBytes } from "./costs.ts";
import { clock, kinds, newWallet, replicaOf, vouchedNode } from "./network.ts";

const bundle = 256;
const comparisons = 50;

/** What a vouched node record costs: made, sent, checked and stored, kept; and what two equal replicas cost each other to see that they are. */
export async function measureRecords(count: number, signal: AbortSignal): Promise<Figures> {
  const net = new LoopbackNetwork();
  // No gossip: the records are handed over below, where their cost is taken.
  net.isCut = () => true;
  const host = await replicaOf(newWallet(), net.join("host"));
  let wireBytes = 0;
  const counted = net.join("other");
  const other = await replicaOf(newWallet(), {
    ...counted,
    request: async (to, protocol, data, options) => {
      const answer = await counted.request(to, protocol, data, options);
      wireBytes += data.length + answer.length;
      return answer;
    },
  });
  try {
    const nodes = await Promise.all(
      Array.from({ length: count }, (_, index) => vouchedNode(`compute-${index}`)),
    );
    const publishUs = await cpuUsPerCall(
      count,
      async (index) => {
        signal.throwIfAborted();
        const { record } = nodes[index] ?? {};
        await host.replica.publish(kinds.node, `compute-${index}`, record ?? {});
      },
      0,
    );
    const encoded = host.replica.list(kinds.node).map((record) => record.encoded.slice());
    const before = await usedBytes();
    const beforeUs = cpuUs();
    for (let from = 0; from < encoded.length; from += bundle) {
      signal.throwIfAborted();
      await other.replica.merge(encoded.slice(from, from + bundle));
    }
    const mergedUs = (cpuUs() - beforeUs) / encoded.length;
    const recordMemoryBytes = ((await usedBytes()) - before) / encoded.length;
    net.isCut = () => false;
    const startBytes = wireBytes;
    const compareUs = await cpuUsPerCall(
      comparisons,
      () => {
        // Who asks again within a second gets the same answer.
        clock.set(clock.nowMs() + 1_001);
        return other.replica.compare(1, signal);
      },
      0,
    );
    return {
      recordBytes: encoded.reduce((total, one) => total + one.length, 0) / encoded.length,
      publishUs,
      mergedUs,
      recordMemoryBytes,
      compareUs,
      compareBytes: (wireBytes - startBytes) / comparisons,
    };
  } finally {
    await other.stop();
    await host.stop();
  }
}
