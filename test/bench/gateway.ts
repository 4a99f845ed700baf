import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { GrpcClient } from "../../src/wire/grpc-client.ts";
import { nodeService } from "../../src/wire/index.ts";
import { type Bench, type Figures, percentile } from "./bench.ts";
import { layOutNetwork, type PrivateNetwork } from "./private-network.ts";
import { cpuMs, type Running, start, startNodeProcess, told } from "./processes.ts";

/** Submit, subscribe, and the compute node's result. */
const rpcsPerTask = 3;
const warmUpShare = 0.25;
/** Kept in flight where a single task's latency counts. */
const calm = 1;

interface Ran {
  readonly wallMs: number;
  readonly latenciesMs: readonly number[];
}

export const gateway: Bench = {
  measures: "SubmitInferenceTask to result, unpaid, instant runner, durable; threshold 0 and 3 of 5",
  params: {
    tasks: { value: 6_000, what: "tasks measured at threshold 0" },
    cosigned: { value: 1_500, what: "tasks measured with 3 of 5 validators" },
    inFlight: { value: 64, what: "tasks under way at once" },
  },
  reach: {
    rpcsToEchoCalls: { atLeast: 0.5 },
    addedP50Ms: { atMost: 5 },
    addedP99Ms: { atMost: 30 },
  },
  async run({ tasks = 1, cosigned = 1, inFlight = 1 }, signal, say) {
    const open = await measure({ validators: 0, required: 0, tasks, inFlight }, signal, say);
    const signed = await measure({ validators: 5, required: 3, tasks: cosigned, inFlight }, signal, say);
    const rpcsPerSec = rpcsPerTask * (open["tasksPerSec"] ?? Number.NaN);
    const added = (name: string) => (open[`task${name}`] ?? Number.NaN) - (open[`echo${name}`] ?? Number.NaN);
    return {
      metrics: {
        tasksPerSec: open["tasksPerSec"] ?? Number.NaN,
        rpcsPerSec,
        addedP50Ms: added("CalmP50Ms"),
        addedP99Ms: added("CalmP99Ms"),
        inFlightP50Ms: open["taskP50Ms"] ?? Number.NaN,
        inFlightP99Ms: open["taskP99Ms"] ?? Number.NaN,
        gatewayCpuMsPerTask: open["gatewayCpuMsPerTask"] ?? Number.NaN,
        cosignedTasksPerSec: signed["tasksPerSec"] ?? Number.NaN,
        cosignedInFlightP50Ms: signed["taskP50Ms"] ?? Number.NaN,
        cosignedInFlightP99Ms: signed["taskP99Ms"] ?? Number.NaN,
        cosignedCalmP50Ms: signed["taskCalmP50Ms"] ?? Number.NaN,
        cosignedCalmP99Ms: signed["taskCalmP99Ms"] ?? Number.NaN,
      },
      baseline: {
        echoCallsPerSec: open["echoCallsPerSec"] ?? Number.NaN,
        echoCpuMsPerCall: open["echoCpuMsPerCall"] ?? Number.NaN,
        echoInFlightP50Ms: open["echoP50Ms"] ?? Number.NaN,
        echoInFlightP99Ms: open["echoP99Ms"] ?? Number.NaN,
        echoCalmP50Ms: open["echoCalmP50Ms"] ?? Number.NaN,
        echoCalmP99Ms: open["echoCalmP99Ms"] ?? Number.NaN,
      },
      ratios: {
        rpcsToEchoCalls: rpcsPerSec / (open["echoCallsPerSec"] ?? Number.NaN),
        echoToRpcCpu:
          (rpcsPerTask * (open["echoCpuMsPerCall"] ?? Number.NaN)) /
          (open["gatewayCpuMsPerTask"] ?? Number.NaN),
        cosignedToOpenTasks: (signed["tasksPerSec"] ?? Number.NaN) / (open["tasksPerSec"] ?? Number.NaN),
      },
    };
  },
};

interface Setting {
  readonly validators: number;
  readonly required: number;
  readonly tasks: number;
  readonly inFlight: number;
}

async function measure(setting: Setting, signal: AbortSignal, say: (text: string) => void): Promise<Figures> {
  const { validators, required, tasks, inFlight } = setting;
  const net = await layOutNetwork({ validators, required, asked: Math.max(1, validators) });
  const running: Running<unknown>[] = [];
  const process = async <T>(promise: Promise<Running<T>>): Promise<Running<T>> => {
    const started = await promise;
    running.push(started);
    return started;
  };
  try {
    const gateway = await process(startNodeProcess(net.gateway.folder, signal));
    const address = gateway.ready["gateway"] ?? "";
    await Promise.all(net.validators.map(({ folder }) => process(startNodeProcess(folder, signal))));
    const echo = await process(startPart("echo-server", [], net, signal));
    await process(startPart("compute", [address, join(net.folder, "genesis.json")], net, signal));
    const taskClient = await process(startPart("client", [address, "tasks"], net, signal));
    const echoClient = await process(startPart("client", [String(echo.ready), "echo"], net, signal));
    await untilKnown(address, validators + 2, signal);

    const run = async (client: Running<unknown>, count: number, inFlight: number): Promise<Ran> => {
      const ran = told<Ran>(client, "ran");
      client.child.send({ run: { count, inFlight } });
      return ran;
    };
    await run(taskClient, Math.ceil(tasks * warmUpShare), inFlight);
    await run(echoClient, Math.ceil(tasks * rpcsPerTask * warmUpShare), inFlight);
    // Halves before and after the baseline, so that a machine that gets busier hits both.
    const calls = tasks * rpcsPerTask;
    const cpuBeforeMs = cpuMs(gateway.pid);
    const first = await run(taskClient, Math.ceil(tasks / 2), inFlight);
    const cpuOfFirstMs = cpuMs(gateway.pid) - cpuBeforeMs;
    const echoCpuBeforeMs = cpuMs(echo.pid);
    const baseline = await run(echoClient, calls, inFlight);
    const echoCpuMsPerCall = (cpuMs(echo.pid) - echoCpuBeforeMs) / calls;
    const second = await run(taskClient, Math.ceil(tasks / 2), inFlight);
    const few = Math.ceil(tasks / 10);
    const calmEcho = await run(echoClient, few, calm);
    const calmTasks = await run(taskClient, few, calm);
    const latencies = [...first.latenciesMs, ...second.latenciesMs];
    const tasksPerSec = (1_000 * latencies.length) / (first.wallMs + second.wallMs);
    const echoCallsPerSec = (1_000 * calls) / baseline.wallMs;
    say(
      `${required} of ${validators}: ${tasksPerSec.toFixed(0)} tasks/s; echo ${echoCallsPerSec.toFixed(0)} calls/s`,
    );
    return {
      tasksPerSec,
      echoCallsPerSec,
      echoCpuMsPerCall,
      gatewayCpuMsPerTask: cpuOfFirstMs / first.latenciesMs.length,
      ...spread("task", latencies),
      ...spread("taskCalm", calmTasks.latenciesMs),
      ...spread("echo", baseline.latenciesMs),
      ...spread("echoCalm", calmEcho.latenciesMs),
    };
  } finally {
    await Promise.all(running.toReversed().map((one) => one.stop()));
    await net.remove();
  }
}

function spread(name: string, latenciesMs: readonly number[]): Figures {
  return { [`${name}P50Ms`]: percentile(latenciesMs, 0.5), [`${name}P99Ms`]: percentile(latenciesMs, 0.99) };
}

function startPart(name: string, args: string[], net: PrivateNetwork, signal: AbortSignal) {
  const file = fileURLToPath(new URL(`./gateway/${name}.ts`, import.meta.url));
  return start<unknown>({ file, args, logFile: join(net.folder, `${name}.log`), signal });
}

/** Resolves when the gateway knows so many nodes, itself among them. */
export async function untilKnown(address: string, nodes: number, signal: AbortSignal): Promise<void> {
  const client = new GrpcClient(address);
  const ends = AbortSignal.any([signal, AbortSignal.timeout(60_000)]);
  try {
    for (;;) {
      const { records } = await client.call(nodeService.GetNodeStatus, {}, { signal: ends });
      if ((records["node"] ?? 0) >= nodes) return;
      await pause(100, undefined, { signal: ends });
    }
  } finally {
    client.close();
  }
}
