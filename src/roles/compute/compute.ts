import {
  type Cancel,
  type Clock,
  CountersignError,
  type Genesis,
  type Logger,
  nowSec,
  type RandomBytes,
  signingDomain,
} from "../../base/index.ts";
import { type Signer, signedHeaders } from "../../chain/index.ts";
import type { Store } from "../../storage/index.ts";
import type { InferenceRequest, NodeInfo } from "../../wire/index.ts";
import type { ComputeConfig, ModelConfig } from "./config.ts";
import { executeTask, TaskUnwanted } from "./execute-task.ts";
import { GatewayLink } from "./gateway-link.ts";
import { loadResultsByGateway, ResultOutbox } from "./result-outbox.ts";
import { openRunner } from "./runners/open-runner.ts";
import type { Runner } from "./runners/runner.ts";
import { readTask, type Task } from "./task.ts";
import { TaskPool } from "./task-pool.ts";

export interface ComputeOptions {
  readonly config: ComputeConfig;
  readonly nodeId: string;
  /** How others reach this node; a compute node that only dials out may have no address. */
  readonly peer: {
    readonly ipAddress?: string;
    readonly port?: number;
    readonly peerId?: string;
    readonly multiaddrs?: readonly string[];
  };
  readonly genesis: Genesis;
  readonly signer: Signer;
  /** With `computeMigrations` applied. */
  readonly store: Store;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly logger: Logger;
  readonly gatewaysOnMesh: GatewaysOnMesh;
  /** Relative paths in the config start here. */
  readonly configFolder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Gateways that the mesh knows, for a node whose configuration names none. */
export interface GatewaysOnMesh {
  /** gRPC `host:port` of live gateways, nearest first. */
  list(): readonly string[];
  /** Calls back when the list may have changed. */
  onChange(listener: () => void): Cancel;
}

export interface ComputeStatus {
  readonly activeTasks: number;
  readonly maxTasks: number;
  /** From 0 to 1. */
  readonly load: number;
  readonly gateways: readonly {
    readonly address: string;
    readonly isRegistered: boolean;
    readonly unsubmittedResults: number;
  }[];
}

export interface ComputeRole {
  status(): ComputeStatus;
  /** What this node says of itself to gateways, and may say in its own node record. */
  nodeInfo(): NodeInfo.$Properties;
  /** True for a model that this node runs itself and that gives the same output for the same input each time. */
  canRepeat(modelUuid: string): boolean;
  /** Runs a model outside of any task, for a validator on this node. @throws as its runner does, MODEL_NOT_FOUND */
  repeat(modelUuid: string, input: string, signal: AbortSignal): Promise<string>;
  /** Takes no more tasks, lets running ones finish for a while, keeps what no gateway acknowledged. */
  stop(): Promise<void>;
}

/** Gateways that a node finds by itself: enough to be found by clients, few enough to heartbeat to. */
const maxFoundGateways = 8;
/** ONNX models draw from a generator that their input seeds; servers and programs of others promise nothing. */
const repeatable: ReadonlySet<ModelConfig["source"]> = new Set(["path", "benchmark-echo"]);
/** As many as a gateway reads; what is not listed may be given to another node. */
const maxListedTasks = 4_096;

interface Gateway {
  readonly link: GatewayLink;
  readonly outbox: ResultOutbox;
}

/**
 * Opens every model, then connects to the gateways; a gateway that is away is looked for until it comes.
 * @throws CountersignError CONFIG_INVALID when a model cannot be run here, STORAGE_FAILED
 */
export async function startCompute(options: ComputeOptions): Promise<ComputeRole> {
  const { config, nodeId, genesis, signer, store, clock, random, logger } = options;
  const domain = signingDomain(genesis, true);
  const headers = signedHeaders({ signer, genesis, clock, random });
  const runners = await openRunners(options);
  const gateways = new Map<string, Gateway>();

  const pool = new TaskPool({
    maxTasks: config.max_tasks,
    maxQueued: config.max_queued_tasks,
    onLoadChange: () => {
      for (const { link } of gateways.values()) link.loadChanged();
    },
    async run(task: Task, signal: AbortSignal): Promise<void> {
      const gateway = gateways.get(task.gateway);
      if (gateway === undefined) return;
      const context = { nodeId, runners, link: gateway.link, domain, signer, clock, logger };
      const result = await executeTask(task, context, signal);
      if (result !== undefined) await gateway.outbox.add(result);
    },
  });

  const receive = (request: InferenceRequest, { link, outbox }: Gateway): void => {
    const task = readTask(request, link.address, genesis, clock);
    if (outbox.repeat(task.key)) return;
    const acceptance = outbox.isFull ? "full" : pool.accept(task);
    const about = { requestId: task.requestId, gateway: link.address };
    // A task that is not accepted is in no heartbeat, and the gateway gives it to another node.
    if (acceptance === "full") logger.warn(about, "task left to other nodes: no place");
    else logger.debug({ ...about, acceptance }, "task received");
  };

  const nodeInfo = (): NodeInfo.$Properties => describeNode(options);
  const heartbeat = (address: string) => {
    const own = [...pool.tasks()].filter((task) => task.gateway === address).map((task) => task.requestId);
    return {
      node_id: nodeId,
      timestamp: nowSec(clock),
      active_tasks: pool.activeCount,
      max_tasks: config.max_tasks,
      load: pool.load,
      active_request_ids: [...own, ...(gateways.get(address)?.outbox.requestIds() ?? [])].slice(
        0,
        maxListedTasks,
      ),
    };
  };

  const stored = await loadResultsByGateway(store);
  const join = (address: string): void => {
    const child = logger.child({ gateway: address });
    const link: GatewayLink = new GatewayLink({
      address,
      headers,
      clock,
      random,
      logger: child,
      heartbeatIntervalMs: config.heartbeat_interval_ms,
      nodeInfo,
      load: () => pool.load,
      heartbeat: () => heartbeat(address),
      onTask: (request) => receive(request, gateway),
      onRegistered: () => void gateway.outbox.resend(),
    });
    const outbox = new ResultOutbox({ link, store, clock, random, logger: child });
    const gateway = { link, outbox };
    outbox.restore(stored.get(address) ?? []);
    stored.delete(address);
    gateways.set(address, gateway);
    link.start();
  };
  const joinFound = (): void => {
    for (const address of options.gatewaysOnMesh.list()) {
      if (gateways.size >= maxFoundGateways) return;
      if (!gateways.has(address)) join(address);
    }
  };
  for (const address of new Set(config.gateways)) join(address);
  let stopLooking: Cancel = () => {};
  if (config.gateways.length === 0) {
    for (const address of [...stored.keys()]) join(address);
    joinFound();
    stopLooking = options.gatewaysOnMesh.onChange(joinFound);
  }
  for (const [gateway, results] of stored)
    logger.warn({ gateway, results: results.length }, "results wait for a gateway that is not in the config");

  return {
    nodeInfo,
    canRepeat: (modelUuid) =>
      config.models.some((model) => model.model_uuid === modelUuid && repeatable.has(model.source)),
    async repeat(modelUuid, input, signal) {
      const runner = runners.get(modelUuid);
      if (runner === undefined)
        throw new CountersignError("MODEL_NOT_FOUND", `this node does not serve the model ${modelUuid}`);
      return runner.run(input, { signal, onPartial: () => {} });
    },
    status: () => ({
      activeTasks: pool.activeCount,
      maxTasks: config.max_tasks,
      load: pool.load,
      gateways: [...gateways.values()].map(({ link, outbox }) => ({
        address: link.address,
        isRegistered: link.isRegistered,
        unsubmittedResults: outbox.size,
      })),
    }),
    async stop() {
      stopLooking();
      const all = [...gateways.values()];
      pool.close();
      await Promise.all(all.map(({ link }) => link.stopReceiving()));
      const drained = async () => {
        await pool.idle();
        await Promise.all(all.map(({ outbox }) => outbox.settled()));
      };
      await within(clock, config.drain_ms, drained());
      pool.cancelAll(new TaskUnwanted("this node stops"));
      await pool.idle();
      for (const { link } of all) link.close();
      await Promise.all(all.map(({ outbox }) => outbox.stop()));
      await Promise.all([...runners.values()].map((runner) => runner.close()));
    },
  };
}

/** Waits for the promise, but no longer than this. */
async function within(clock: Clock, limitMs: number, promise: Promise<void>): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const cancel = clock.after(limitMs, resolve);
    promise.then(resolve, reject).finally(cancel);
  });
}

async function openRunners(options: ComputeOptions): Promise<Map<string, Runner>> {
  const { config, configFolder, environment, clock, logger } = options;
  const context = { configFolder, environment, executor: config.executor, clock, logger };
  const runners = new Map<string, Runner>();
  try {
    for (const model of config.models) runners.set(model.model_uuid, await openRunner(model, context));
    return runners;
  } catch (error) {
    await Promise.all([...runners.values()].map((runner) => runner.close()));
    throw error;
  }
}

function describeNode({ config, nodeId, peer, signer, clock }: ComputeOptions): NodeInfo.$Properties {
  return {
    node_id: nodeId,
    node_type: "compute",
    ip_address: peer.ipAddress ?? "",
    port: peer.port ?? 0,
    capabilities: [...new Set(["streaming", ...config.models.map((model) => model.category)])],
    wallet_address: signer.address,
    last_heartbeat: nowSec(clock),
    supported_models: config.models.map(describeModel),
    subnet_id: config.subnet_id ?? null,
    max_tasks: config.max_tasks,
    peer_id: peer.peerId ?? null,
    multiaddrs: [...(peer.multiaddrs ?? [])],
  };
}

function describeModel(model: ModelConfig) {
  return {
    model_uuid: model.model_uuid,
    name: model.name === "" ? model.model_uuid : model.name,
    version: model.version,
    category: model.category,
    price_wei: model.price_wei,
    max_tokens: model.max_tokens,
  };
}
