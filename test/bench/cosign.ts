import { randomBytes, randomUUID } from "node:crypto";
import { join } from "node:path";
import { nowSec, silentLogger, systemClock, systemRandom } from "../../src/base/index.ts";
import { createLocalSigner, recoverSigner } from "../../src/chain/index.ts";
import { paymentTree, type RoundRequest, splitPrice } from "../../src/cosign/index.ts";
import { createPeerKey, startMesh } from "../../src/mesh/index.ts";
import { openCosigner } from "../../src/node/cosigner.ts";
import { loadConfig } from "../../src/node/index.ts";
import { type NodeServices, startServices } from "../../src/node/node-services.ts";
import { keepOwnRecord } from "../../src/node/own-record.ts";
import { StopList } from "../../src/node/stop-list.ts";
import { startHeartbeats } from "../../src/records/index.ts";
import { preprocessingRound } from "../../src/roles/gateway/proposals.ts";
import type { Quote, Task } from "../../src/roles/gateway/task.ts";
import { type Bench, type Figures, median, percentile } from "./bench.ts";
import { layOutNetwork, type PrivateNetwork } from "./private-network.ts";
import { type Running, startNodeProcess } from "./processes.ts";

const modelUuid = "instant";
const nodeId = "bench-gateway";
/** 60 % of those asked must sign. */
const quorumShare = 0.6;
const knownWithinMs = 60_000;
const signingOps = 500;
const hops = 200;

export const cosign: Bench = {
  measures: "co-sign rounds with 5, 7 and 13 validators as processes: one at a time, and many in flight",
  params: {
    rounds: { value: 200, what: "rounds one after the other" },
    flood: { value: 3_000, what: "rounds with many in flight" },
    inFlight: { value: 64, what: "of these under way at once" },
  },
  reach: {
    v7P95Ms: { atMost: 100 },
    v5RoundsPerSec: { atLeast: 200 },
  },
  async run({ rounds = 1, flood = 1, inFlight = 1 }, signal, say) {
    const { signMs, verifyMs, hopMs } = await baseline(signal);
    const floorMs = signMs + verifyMs + hopMs;
    say(
      `sign ${signMs.toFixed(3)} ms, verify ${verifyMs.toFixed(3)} ms, one gossip hop ${hopMs.toFixed(2)} ms`,
    );
    const metrics: Record<string, number> = {};
    for (const validators of [5, 7, 13]) {
      const figures = await withValidators(validators, { rounds, flood, inFlight }, signal);
      for (const [name, value] of Object.entries(figures)) metrics[`v${validators}${name}`] = value;
      say(`${validators} validators: ${figures["RoundsPerSec"]?.toFixed(0)} rounds/s`);
    }
    const toFloor = (name: string) => (metrics[name] ?? Number.NaN) / floorMs;
    return {
      metrics,
      baseline: { signMs, verifyMs, gossipHopMs: hopMs, sumMs: floorMs },
      ratios: {
        v5P50ToBaseline: toFloor("v5P50Ms"),
        v7P50ToBaseline: toFloor("v7P50Ms"),
        v13P50ToBaseline: toFloor("v13P50Ms"),
      },
    };
  },
};

interface Load {
  readonly rounds: number;
  readonly flood: number;
  readonly inFlight: number;
}

async function withValidators(validators: number, load: Load, signal: AbortSignal): Promise<Figures> {
  const required = Math.ceil(validators * quorumShare);
  const net = await layOutNetwork({ validators, asked: validators, required });
  const stops = new StopList(silentLogger);
  const running: Running<unknown>[] = [];
  try {
    const gateway = await startGatewayLike(net, stops, signal);
    running.push(
      ...(await Promise.all(net.validators.map(({ folder }) => startNodeProcess(folder, signal)))),
    );
    await untilConnected(gateway.services, validators, signal);
    const one = async (): Promise<number> => {
      const startedMs = performance.now();
      const result = await gateway.cosigner.run(proposal(gateway.services), signal);
      if (!result.reached) throw new Error(`no quorum: ${JSON.stringify(result.trail)}`);
      return performance.now() - startedMs;
    };
    await many(load.rounds, load.inFlight, one);
    const single = await many(load.rounds, 1, one);
    const startedMs = performance.now();
    const flooded = await many(load.flood, load.inFlight, one);
    const floodMs = performance.now() - startedMs;
    return {
      P50Ms: percentile(single, 0.5),
      P95Ms: percentile(single, 0.95),
      RoundsPerSec: (1_000 * load.flood) / floodMs,
      InFlightP50Ms: percentile(flooded, 0.5),
      InFlightP95Ms: percentile(flooded, 0.95),
    };
  } finally {
    await Promise.all(running.map((process) => process.stop()));
    await stops.run();
    await net.remove();
  }
}

/** All of a gateway but its facade: it stands in for its own compute node too. */
async function startGatewayLike(net: PrivateNetwork, stops: StopList, signal: AbortSignal) {
  const { config, genesis } = loadConfig(join(net.gateway.folder, "config.yaml"), {}, []);
  const services = await startServices({
    config,
    genesis,
    version: "0",
    environment: {},
    features: () => ["gateway"],
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
    signal,
    onStarted: (name, stop) => stops.add(name, stop),
  });
  const cosigner = openCosigner(services);
  stops.add("cosigner", () => cosigner.stop());
  const heartbeats = startHeartbeats({
    mesh: services.mesh,
    liveness: services.liveness,
    clock: systemClock,
    logger: silentLogger,
    nodeId,
    wallet: services.signer.address,
    intervalMs: config.heartbeat_interval_ms,
    state: () => ({ activeTasks: 0, maxTasks: load, load: 0 }),
  });
  stops.add("heartbeats", () => heartbeats.stop());
  const cancelRecord = await keepOwnRecord({
    services,
    nodeId,
    roles: ["gateway", "compute"],
    version: "0",
    grpcAddress: "",
    registryAddress: "",
    computeInfo: {
      max_tasks: load,
      supported_models: [{ model_uuid: modelUuid, name: modelUuid, price_wei: "0" }],
    },
    logger: silentLogger,
  });
  stops.add("own record", cancelRecord);
  return { services, cosigner };
}

/** Slots that the stand-in says it has. */
const load = 1_000;

function proposal({ genesis, signer }: NodeServices): RoundRequest {
  const requestId = randomUUID();
  const client = `0x${"0".repeat(40)}`;
  const { payment, execution, validation } = genesis.deadlines_sec;
  const quote: Quote = {
    isPaid: false,
    totalWei: "0",
    validation: {
      request_id: requestId,
      gateway_wallet: signer.address,
      compute_node_id: nodeId,
      compute_node_wallet: signer.address,
      payment_tree: paymentTree(splitPrice(0n, genesis)),
      validator_signatures: [],
      expiry_timestamp: nowSec(systemClock) + payment + execution + validation,
    },
  };
  const task = { key: `${client}/${requestId}`, client, modelUuid, subnetId: undefined } as Task;
  return {
    ...preprocessingRound(task, quote, genesis),
    deadlineMs: systemClock.nowMs() + genesis.cosign.deadline_ms,
  };
}

/** Resolves when every validator is connected and its record known. */
async function untilConnected(
  { directory, mesh, genesis }: NodeServices,
  validators: number,
  signal: AbortSignal,
) {
  const ends = AbortSignal.any([signal, AbortSignal.timeout(knownWithinMs)]);
  const isReady = () =>
    mesh.peers().length >= validators &&
    genesis.validators.every(({ address }) => directory.byWallet(address).some((node) => node.peerId));
  while (!isReady()) {
    ends.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  // Validators learn of the gateway as it learns of them; its heartbeat reaches the last of them.
  await new Promise((resolve) => setTimeout(resolve, 3_000));
}

async function many(count: number, inFlight: number, one: () => Promise<number>): Promise<number[]> {
  const latenciesMs: number[] = [];
  let left = count;
  const worker = async () => {
    while (left-- > 0) latenciesMs.push(await one());
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return latenciesMs;
}

/** What no round can do without: a signature made, one checked, and a message's way to a neighbour. */
async function baseline(signal: AbortSignal): Promise<{ signMs: number; verifyMs: number; hopMs: number }> {
  const signer = createLocalSigner(new Uint8Array(randomBytes(32)));
  const digest = new Uint8Array(randomBytes(32));
  const typed = { type: "", domain: { chainId: 0, verifyingContract: "" }, value: {}, digest };
  const signature = await signer.signTyped(typed);
  const signed: number[] = [];
  const verified: number[] = [];
  for (let i = 0; i < signingOps; i++) {
    const startedMs = performance.now();
    await signer.signTyped(typed);
    const betweenMs = performance.now();
    if (recoverSigner(digest, signature) !== signer.address) throw new Error("a good signature was refused");
    signed.push(betweenMs - startedMs);
    verified.push(performance.now() - betweenMs);
  }
  return { signMs: median(signed), verifyMs: median(verified), hopMs: await gossipHop(signal) };
}

/** Median time of a message from one mesh to its neighbour's handler. Both live in this process. */
async function gossipHop(signal: AbortSignal): Promise<number> {
  const start = async (bootstrap: string[]) =>
    startMesh({
      network: "bench-hop",
      privateKey: await createPeerKey(),
      listen: ["/ip4/127.0.0.1/tcp/0"],
      bootstrap,
      signal,
    });
  const from = await start([]);
  const to = await start(from.addresses());
  try {
    let arrived = () => {};
    from.subscribe("signatures", () => "accept");
    to.subscribe("signatures", () => {
      arrived();
      return "accept";
    });
    const ends = AbortSignal.any([signal, AbortSignal.timeout(knownWithinMs)]);
    while ((await from.publish("signatures", new Uint8Array(randomBytes(128)))) === 0) {
      ends.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const tookMs: number[] = [];
    for (let i = 0; i < hops; i++) {
      const arrival = new Promise<void>((resolve) => {
        arrived = resolve;
      });
      const startedMs = performance.now();
      await from.publish("signatures", new Uint8Array(randomBytes(128)));
      await arrival;
      tookMs.push(performance.now() - startedMs);
    }
    return median(tookMs);
  } finally {
    await Promise.all([from.stop(), to.stop()]);
  }
}
