import { type Bench, rounded } from "./bench.ts";
import { estimate, sizes } from "./scale/estimate.ts";
import { measureGossip } from "./scale/gossip.ts";
import { beatOf, measureHeartbeats } from "./scale/heartbeats.ts";
import { measureRecords } from "./scale/records.ts";
import { measureRounds } from "./scale/rounds.ts";

const silentShare = 0.01;

export const scale: Bench = {
  measures:
    "what a heartbeat, a record, a round and a comparison of replicas cost; what follows for large networks",
  params: {
    hosted: { value: 1_000, what: "nodes behind the measured host" },
    records: { value: 5_000, what: "records made, checked and stored" },
    messages: { value: 4_000, what: "heartbeats sent between two neighbours" },
  },
  reach: { digestToEntries: { atMost: 0.1 } },
  async run({ hosted = 1, records = 1, messages = 1 }, signal, say) {
    const costs = {
      ...(await measureHeartbeats(hosted, silentShare)),
      ...(await measureRecords(records, signal)),
      ...(await measureRounds()),
      ...(await measureGossip(beatOf(hosted, silentShare, 1).length, messages, signal)),
    };
    for (const size of sizes) {
      const figures = Object.entries(estimate(size, costs, silentShare));
      say(figures.map(([name, value]) => `${name} ${rounded(value)}`).join(", "));
    }
    return {
      metrics: costs,
      baseline: { entriesBytesBefore: hosted * (costs["entryBytesBefore"] ?? Number.NaN) },
      ratios: {
        digestToEntries:
          (costs["beatBytes"] ?? Number.NaN) / (hosted * (costs["entryBytesBefore"] ?? Number.NaN)),
      },
    };
  },
};
