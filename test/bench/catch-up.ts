import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Genesis, genesisSchema } from "../../src/base/index.ts";
import type { SyncCounters } from "../../src/records/index.ts";
import type { Bench } from "./bench.ts";
import { readRaw } from "./catch-up/raw-stream.ts";
import { copyLacking, makeDatabase } from "./catch-up/records.ts";
import { type Running, start, told } from "./processes.ts";

const file = (name: string) => fileURLToPath(new URL(`./catch-up/${name}.ts`, import.meta.url));

/** What both sides lack of each other in the second part. */
const share = 0.01;

interface Done {
  readonly ms: number;
  readonly cpuMs: number;
  readonly loopP99Ms: number;
  readonly loopMaxMs: number;
}

type Counters = SyncCounters & { readonly cpuMs: number };

export const catchUp: Bench = {
  measures: "an empty replica copies all records of another process; and one that lacks 1 % of them",
  params: { records: { value: 100_000, what: "node records that the full replica has" } },
  reach: { recordsPerSec: { atLeast: 10_000 }, loopP99Ms: { atMost: 50 } },
  async run({ records = 1 }, signal, say) {
    const folder = await mkdtemp(join(tmpdir(), "countersign-bench-catch-up-"));
    const genesis = genesisSchema.parse({ name: "bench", devnet: true, chain: null });
    const full = join(folder, "full.db");
    try {
      const bytes = await makeDatabase(full, genesis, records);
      say(`${records} records of ${Math.round(bytes / records)} bytes are signed`);
      const lacking = join(folder, "lacking.db");
      const difference = copyLacking(full, lacking, share);
      const rawSec = await raw(folder, bytes, signal);
      say(`${(bytes / 1e6).toFixed(1)} MB over one stream: ${rawSec.toFixed(2)} s`);

      const copied = await between(folder, genesis, full, join(folder, "empty.db"), records, signal);
      const copySec = copied.done.ms / 1000;
      say(`all records: ${copySec.toFixed(2)} s`);
      const mended = await between(folder, genesis, full, lacking, records, signal);
      say(`${difference.count} of them: ${(mended.done.ms / 1000).toFixed(2)} s, ${mended.movedBytes} bytes`);
      return {
        metrics: {
          recordsPerSec: records / copySec,
          copySec,
          copiedBytesPerRecord: copied.movedBytes / records,
          receiverCpuMsPerRecord: copied.done.cpuMs / records,
          senderCpuMsPerRecord: copied.senderCpuMs / records,
          loopP99Ms: copied.done.loopP99Ms,
          loopMaxMs: copied.done.loopMaxMs,
          differenceRecords: difference.count,
          differenceMs: mended.done.ms,
          differenceMovedBytes: mended.movedBytes,
        },
        baseline: {
          rawSec,
          rawMbPerSec: bytes / 1e6 / rawSec,
          recordBytes: bytes / records,
          differenceBytes: difference.bytes,
        },
        ratios: {
          copyToRawSeconds: copySec / rawSec,
          copiedToRecordBytes: copied.movedBytes / bytes,
          differenceMovedToItsBytes: mended.movedBytes / difference.bytes,
          differenceMovedToAllBytes: mended.movedBytes / bytes,
        },
      };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

/** Two processes, one with everything, until the other has it too. */
async function between(
  folder: string,
  genesis: Genesis,
  full: string,
  other: string,
  records: number,
  signal: AbortSignal,
): Promise<{ done: Done; movedBytes: number; senderCpuMs: number }> {
  const logFile = join(folder, "replica.log");
  const json = JSON.stringify(genesis);
  const running: Running<unknown>[] = [];
  try {
    const sender = await start<string[]>({ file: file("replica"), args: [full, json, "0"], logFile, signal });
    running.push(sender);
    const before = await countersOf(sender);
    const args = [other, json, String(records), ...sender.ready];
    const receiver = await start<string[]>({ file: file("replica"), args, logFile, signal });
    running.push(receiver);
    const done = await told<Done>(receiver, "done");
    const [given, taken] = [await countersOf(sender), await countersOf(receiver)];
    const moved = [given, taken].map(({ receivedBytes, sentBytes }) => receivedBytes + sentBytes);
    return {
      done,
      movedBytes: moved.reduce((sum, one) => sum + one, 0),
      senderCpuMs: given.cpuMs - before.cpuMs,
    };
  } finally {
    await Promise.all(running.map((one) => one.stop()));
  }
}

function countersOf(running: Running<unknown>): Promise<Counters> {
  const counters = told<Counters>(running, "counters");
  running.child.send("counters");
  return counters;
}

async function raw(folder: string, bytes: number, signal: AbortSignal): Promise<number> {
  const logFile = join(folder, "raw.log");
  const sender = await start<string[]>({ file: file("raw-stream"), args: ["serve"], logFile, signal });
  try {
    return await readRaw(sender.ready[0] ?? "", bytes);
  } finally {
    await sender.stop();
  }
}
