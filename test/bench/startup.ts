import { execFileSync, spawn } from "node:child_process";
import { createWriteStream, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Bench, Figures } from "./bench.ts";
import { median } from "./bench.ts";
import { layOutNetwork } from "./private-network.ts";
import { cpuMs, program, rssMb, startNodeProcess } from "./processes.ts";

/** After this long a node has done what belongs to its start, and some heartbeats. */
const idleMs = 6_000;

export const startup: Bench = {
  measures:
    "node to ready; devnet (5 validators, 2 gateways, 2 compute, EVM) to ready and to the first paid result",
  params: {
    repeat: { value: 3, what: "starts of each kind; medians are shown" },
    devnets: { value: 1, what: "starts of a whole devnet" },
  },
  reach: {
    nodeWarmMs: { atMost: 1_000 },
    devnetReadyMs: { atMost: 8_000 },
    devnetFirstResultMs: { atMost: 12_000 },
    rssPerNodeMb: { atMost: 200 },
  },
  async run({ repeat = 1, devnets = 1 }, signal, say) {
    const bare = await repeated(repeat, async () => bareStart());
    say(`node -e 0: ${bare.wallMs?.toFixed(0)} ms`);
    const cold = await repeated(repeat, () => nodeStart(true, signal));
    say(`node, cold compile cache: ${cold.wallMs?.toFixed(0)} ms`);
    const warm = await repeated(repeat, () => nodeStart(false, signal));
    say(`node, warm compile cache: ${warm.wallMs?.toFixed(0)} ms`);
    const net = await repeated(devnets, () => devnetStart(signal, say));
    return {
      metrics: {
        nodeWarmMs: warm.wallMs ?? Number.NaN,
        nodeWarmCpuMs: warm.cpuMs ?? Number.NaN,
        nodeColdMs: cold.wallMs ?? Number.NaN,
        nodeColdCpuMs: cold.cpuMs ?? Number.NaN,
        ...net,
      },
      baseline: { bareNodeMs: bare.wallMs ?? Number.NaN },
      ratios: {
        nodeWarmToBare: (warm.wallMs ?? Number.NaN) / (bare.wallMs ?? Number.NaN),
        devnetReadyToBare: (net["devnetReadyMs"] ?? Number.NaN) / (bare.wallMs ?? Number.NaN),
      },
    };
  },
};

/** The median of each figure over several runs. */
async function repeated(times: number, once: () => Promise<Figures>): Promise<Figures> {
  const runs: Figures[] = [];
  for (let run = 0; run < times; run++) runs.push(await once());
  return Object.fromEntries(
    Object.keys(runs[0] ?? {}).map((name) => [
      name,
      median(runs.map((figures) => figures[name] ?? Number.NaN)),
    ]),
  );
}

function bareStart(): Figures {
  const startedMs = performance.now();
  execFileSync(process.execPath, ["-e", "0"]);
  return { wallMs: performance.now() - startedMs };
}

/** One node of a private network with itself as the only validator, in a new folder. */
async function nodeStart(isCold: boolean, signal: AbortSignal): Promise<Figures> {
  const net = await layOutNetwork({ validators: 1, asked: 1, required: 1 });
  const cache = await mkdtemp(join(tmpdir(), "countersign-bench-cache-"));
  try {
    const [node] = net.validators;
    if (node === undefined) throw new Error("the network has no node");
    const running = await startNodeProcess(node.folder, signal, isCold ? { NODE_COMPILE_CACHE: cache } : {});
    const used = cpuMs(running.pid);
    await running.stop();
    return { wallMs: running.readyMs, cpuMs: used };
  } finally {
    await net.remove();
    await rm(cache, { recursive: true, force: true });
  }
}

/** The devnet command from its start, as a user runs it. */
async function devnetStart(signal: AbortSignal, say: (text: string) => void): Promise<Figures> {
  const folder = await mkdtemp(join(tmpdir(), "countersign-bench-devnet-"));
  const data = join(folder, "devnet");
  const startedMs = performance.now();
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", program, "devnet", "--json", "--data", data],
    { stdio: ["ignore", "pipe", "pipe"], signal },
  );
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  // The abort itself is told by `signal`.
  child.on("error", () => {});
  child.stderr.pipe(createWriteStream(join(folder, "devnet.log")));
  try {
    const ended = exited.then(() => {
      const log = readFileSync(join(folder, "devnet.log"), "utf8").slice(-2_000);
      throw new Error(`the devnet ended (${child.signalCode ?? child.exitCode}): ${log}`);
    });
    ended.catch(() => {});
    const line = await Promise.race([firstLine(child.stdout), ended]);
    const wholeMs = performance.now() - startedMs;
    const told = JSON.parse(line) as { ready_ms: number; first_result_ms: number };
    await Promise.race([pause(idleMs, undefined, { signal }), ended]);
    const nodes = readdirSync(data, { withFileTypes: true }).filter((entry) => entry.isDirectory()).length;
    const pids = childrenOf(child.pid ?? 0);
    const sizes = pids
      .map(rssMb)
      .toSorted((a, b) => a - b)
      .slice(-nodes);
    say(`devnet: ready after ${told.ready_ms} ms, first result after ${told.first_result_ms} ms`);
    return {
      devnetReadyMs: told.ready_ms,
      devnetFirstResultMs: told.first_result_ms,
      devnetVerifiedReceiptMs: wholeMs,
      rssPerNodeMb: median(sizes),
      rssLargestNodeMb: Math.max(...sizes),
    };
  } finally {
    child.kill("SIGTERM");
    await exited;
    await rm(folder, { recursive: true, force: true });
  }
}

function firstLine(stdout: NodeJS.ReadableStream): Promise<string> {
  let text = "";
  stdout.setEncoding("utf8");
  return new Promise((resolve) => {
    stdout.on("data", (piece: string) => {
      text += piece;
      if (text.includes("\n")) resolve(text.slice(0, text.indexOf("\n")));
    });
  });
}

/** Node processes under a process; the local chain, which is no Node.js program, is left out. */
function childrenOf(pid: number): number[] {
  if (process.platform !== "linux") return [];
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
    .trim()
    .split(" ")
    .map(Number)
    .filter((child) => readFileSync(`/proc/${child}/cmdline`, "utf8").includes("\0node\0"));
}
