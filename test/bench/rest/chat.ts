import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { toHex } from "../../../src/base/index.ts";
import { type Figures, percentile } from "../bench.ts";
import { layOutNetwork, type PrivateNetwork } from "../private-network.ts";
import { cpuMs, type Running, start, startNodeProcess, told } from "../processes.ts";

export interface ChatSetting {
  /** Chats measured, and as many calls of the upstream. */
  readonly chats: number;
  readonly connections: number;
}

interface Ran {
  readonly wallMs: number;
  readonly latenciesMs: readonly number[];
}

const warmUpShare = 0.25;
/** Where a single call's latency counts. */
const calm = 1;
const body = JSON.stringify({
  model: "instant",
  messages: [{ role: "user", content: "How many nodes sign a result?" }],
});

/**
 * OpenAI-style chat through a gateway and a compute node, durable, unpaid and without rounds, against an upstream that
 * answers at once; and the upstream called directly.
 */
export async function measureChat(
  { chats, connections }: ChatSetting,
  signal: AbortSignal,
  say: (text: string) => void,
): Promise<Figures> {
  const net = await layOutNetwork({ validators: 0, required: 0, asked: 1 });
  const running: Running<unknown>[] = [];
  const process = async <T>(promise: Promise<Running<T>>): Promise<Running<T>> => {
    const started = await promise;
    running.push(started);
    return started;
  };
  try {
    const upstream = await process(startPart<string>("upstream", [], net, signal));
    const gateway = await process(startNodeProcess(net.gateway.folder, signal));
    const folder = await layOutCompute(net, gateway.ready["gateway"] ?? "", upstream.ready);
    const compute = await process(startNodeProcess(folder, signal));
    const base = `http://${gateway.ready["http"]}/v1`;
    await untilServed(base, signal);
    const client = (url: string) =>
      process(startPart<true>("http-client", [`${url}/chat/completions`, body], net, signal));
    const [through, direct] = [await client(base), await client(upstream.ready)];
    const run = async (by: Running<unknown>, count: number, inFlight: number): Promise<Ran> => {
      const ran = told<Ran>(by, "ran");
      by.child.send({ run: { count, inFlight } });
      return ran;
    };
    const few = Math.ceil(chats / 10);
    await run(through, Math.ceil(chats * warmUpShare), connections);
    await run(direct, Math.ceil(chats * warmUpShare), connections);
    // Halves before and after the baseline, so that a machine that gets busier hits both.
    const cpuBeforeMs = [gateway, compute].map(({ pid }) => cpuMs(pid));
    const first = await run(through, Math.ceil(chats / 2), connections);
    const [gatewayMs = 0, computeMs = 0] = [gateway, compute].map(
      ({ pid }, index) => cpuMs(pid) - (cpuBeforeMs[index] ?? 0),
    );
    const baseline = await run(direct, chats, connections);
    const second = await run(through, Math.ceil(chats / 2), connections);
    const calmDirect = await run(direct, few, calm);
    const calmThrough = await run(through, few, calm);
    const latencies = [...first.latenciesMs, ...second.latenciesMs];
    const figures = {
      chatsPerSec: (1_000 * latencies.length) / (first.wallMs + second.wallMs),
      gatewayCpuMsPerChat: gatewayMs / first.latenciesMs.length,
      computeCpuMsPerChat: computeMs / first.latenciesMs.length,
      ...spread("chat", latencies),
      ...spread("chatCalm", calmThrough.latenciesMs),
      upstreamPerSec: (1_000 * chats) / baseline.wallMs,
      ...spread("upstream", baseline.latenciesMs),
      ...spread("upstreamCalm", calmDirect.latenciesMs),
    };
    say(
      `chat: ${figures.chatsPerSec.toFixed(0)}/s through the network, ${figures.upstreamPerSec.toFixed(0)}/s at the upstream`,
    );
    return figures;
  } finally {
    await Promise.all(running.toReversed().map((one) => one.stop()));
    await net.remove();
  }
}

async function layOutCompute(net: PrivateNetwork, gateway: string, upstream: string): Promise<string> {
  const folder = join(net.folder, "compute");
  await mkdir(join(folder, "data"), { recursive: true, mode: 0o700 });
  const model = { model_uuid: "instant", source: "url", path: upstream, stream: false, price_wei: "0" };
  const config = {
    genesis: "../genesis.json",
    log_level: "warn",
    wallet: { private_key: toHex(new Uint8Array(randomBytes(32))) },
    heartbeat_interval_ms: 2_000,
    roles: ["compute"],
    mesh: { listen: ["/ip4/127.0.0.1/tcp/0"], bootstrap: [] },
    compute: { gateways: [gateway], max_tasks: 256, models: [model] },
  };
  await writeFile(join(folder, "config.yaml"), JSON.stringify(config), { mode: 0o600 });
  return folder;
}

/** Resolves when the gateway lists a model. */
async function untilServed(base: string, signal: AbortSignal): Promise<void> {
  const ends = AbortSignal.any([signal, AbortSignal.timeout(60_000)]);
  for (;;) {
    const response = await fetch(`${base}/models`, { signal: ends });
    if (((await response.json()) as { data: unknown[] }).data.length > 0) return;
    await pause(50, undefined, { signal: ends });
  }
}

function spread(name: string, latenciesMs: readonly number[]): Figures {
  return { [`${name}P50Ms`]: percentile(latenciesMs, 0.5), [`${name}P99Ms`]: percentile(latenciesMs, 0.99) };
}

function startPart<Ready>(name: string, args: string[], net: PrivateNetwork, signal: AbortSignal) {
  const file = fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
  return start<Ready>({ file, args, logFile: join(net.folder, `${name}.log`), signal });
}
