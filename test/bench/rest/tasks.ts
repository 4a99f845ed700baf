import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Figures, percentile } from "../bench.ts";
import { untilKnown } from "../gateway.ts";
import { layOutNetwork, type PrivateNetwork } from "../private-network.ts";
import { cpuMs, type Running, start, startNodeProcess, told } from "../processes.ts";

export interface TasksSetting {
  readonly tasks: number;
  readonly connections: number;
}

interface Ran {
  readonly wallMs: number;
  readonly latenciesMs: readonly number[];
}

const warmUpShare = 0.25;
/** Where a single call's latency counts. */
const calm = 1;
/** The gateway, the compute node. */
const nodes = 2;

/** Tasks over REST, durable, unpaid and without rounds, with a compute node that answers at once; and that answer over plain HTTP. */
export async function measureTasks(
  { tasks, connections }: TasksSetting,
  signal: AbortSignal,
  say: (text: string) => void,
): Promise<Figures> {
  const net = await layOutNetwork({ validators: 0, required: 0, asked: 1 });
  const running: Running<unknown>[] = [];
  const begun = async <T>(promise: Promise<Running<T>>): Promise<Running<T>> => {
    const started = await promise;
    running.push(started);
    return started;
  };
  try {
    const gateway = await begun(startNodeProcess(net.gateway.folder, signal));
    const address = gateway.ready["gateway"] ?? "";
    const instant = await begun(startPart<string>("rest/instant-server", [], net, signal));
    await begun(startPart("gateway/compute", [address, join(net.folder, "genesis.json")], net, signal));
    await untilKnown(address, nodes, signal);
    const client = (at: string, kind: string) =>
      begun(startPart("rest/inference-client", [`http://${at}`, kind], net, signal));
    const through = await client(gateway.ready["http"] ?? "", "tasks");
    const direct = await client(instant.ready, "direct");
    const run = async (by: Running<unknown>, count: number, inFlight: number): Promise<Ran> => {
      const ran = told<Ran>(by, "ran");
      by.child.send({ run: { count, inFlight } });
      return ran;
    };
    const few = Math.ceil(tasks / 10);
    await run(through, Math.ceil(tasks * warmUpShare), connections);
    await run(direct, Math.ceil(tasks * warmUpShare), connections);
    // Halves before and after the baseline, so that a machine that gets busier hits both.
    const cpuBeforeMs = cpuMs(gateway.pid);
    const first = await run(through, Math.ceil(tasks / 2), connections);
    const cpuOfFirstMs = cpuMs(gateway.pid) - cpuBeforeMs;
    const baseline = await run(direct, tasks, connections);
    const second = await run(through, Math.ceil(tasks / 2), connections);
    const calmDirect = await run(direct, few, calm);
    const calmThrough = await run(through, few, calm);
    const latencies = [...first.latenciesMs, ...second.latenciesMs];
    const tasksPerSec = (1_000 * latencies.length) / (first.wallMs + second.wallMs);
    const directPerSec = (1_000 * tasks) / baseline.wallMs;
    say(`tasks: ${tasksPerSec.toFixed(0)}/s over REST, ${directPerSec.toFixed(0)}/s of a bare server`);
    return {
      tasksPerSec,
      directPerSec,
      gatewayCpuMsPerTask: cpuOfFirstMs / first.latenciesMs.length,
      ...spread("task", latencies),
      ...spread("taskCalm", calmThrough.latenciesMs),
      ...spread("direct", baseline.latenciesMs),
      ...spread("directCalm", calmDirect.latenciesMs),
    };
  } finally {
    await Promise.all(running.toReversed().map((one) => one.stop()));
    await net.remove();
  }
}

function spread(name: string, latenciesMs: readonly number[]): Figures {
  return { [`${name}P50Ms`]: percentile(latenciesMs, 0.5), [`${name}P99Ms`]: percentile(latenciesMs, 0.99) };
}

function startPart<T>(name: string, args: string[], net: PrivateNetwork, signal: AbortSignal) {
  const file = fileURLToPath(new URL(`../${name}.ts`, import.meta.url));
  return start<T>({ file, args, logFile: join(net.folder, `${name.replace("/", "-")}.log`), signal });
}
