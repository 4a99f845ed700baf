import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { peerIdFromPrivateKey } from "@libp2p/peer-id";
import { stringify } from "yaml";
import {
  type Clock,
  CountersignError,
  fromHex,
  messageOf,
  networkId,
  type RandomBytes,
  sleep,
  toHex,
} from "../base/index.ts";
import {
  type Anvil,
  createLocalSender,
  deployContracts,
  fundAndStakeValidators,
  fundWallets,
  startAnvil,
} from "../chain/index.ts";
import { loadOrCreatePeerKey } from "../mesh/index.ts";
import { peerKeyFile } from "../node/index.ts";
import { GrpcClient } from "../wire/grpc-client.ts";
import { gatewayClientService, nodeService } from "../wire/index.ts";
import { NodeProcess } from "./node-process.ts";
import {
  connectsTo,
  type DevnetPlan,
  type DevnetShape,
  deployerKey,
  devnetChainId,
  nodeNames,
  type PlannedNode,
  planDevnet,
  stakeWei,
} from "./plan.ts";
import { choosePorts, type PortChoice } from "./ports.ts";

export interface DevnetOptions {
  readonly shape: DevnetShape;
  readonly ports: PortChoice;
  /** An empty or new folder for keys, databases and logs. */
  readonly folder: string;
  /** The command line's main file, which node processes run. */
  readonly program: string;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly signal: AbortSignal;
  /** Told of each step as it is done. */
  readonly onStep: (step: string, elapsedMs: number) => void;
}

export interface Devnet {
  readonly plan: DevnetPlan;
  readonly network: string;
  readonly nodes: readonly NodeProcess[];
  /** Undefined on a devnet without one. */
  readonly chain: Anvil | undefined;
  readonly genesisFile: string;
  readonly walletFile: string;
  /** Milliseconds from the start to every node ready and able to serve. */
  readonly readyMs: number;
  node(name: string): NodeProcess;
  planned(name: string): PlannedNode;
  /** Resolves when all nodes know each other, for the first time or after one was restarted. */
  untilServing(signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

/** How many joining nodes know from the start: two, so that one of them may die. */
const bootstrapPeers = 2;
const gasWei = 10n ** 19n;
const clientWei = 10_000n * 10n ** 18n;
const supplyWei = 10n ** 27n;
const readyPollMs = 100;
const readyTimeoutMs = 60_000;

/** Starts chain, contracts and nodes, and resolves when a task can be submitted. What it started it stops when it fails. */
export async function startDevnet(options: DevnetOptions): Promise<Devnet> {
  const { clock, folder, shape, signal } = options;
  const startedMs = clock.nowMs();
  const step = (text: string) => options.onStep(text, clock.nowMs() - startedMs);
  const { plan, genesisFile, walletFile } = await layOut(options);
  const network = networkId(plan.genesis);
  step(`network ${network} laid out in ${folder}`);
  const nodes = plan.nodes.map(
    ({ name, folder }) =>
      new NodeProcess({ name, folder, program: options.program, config: join(folder, "config.yaml") }),
  );
  let anvil: Anvil | undefined;
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.stop()));
    await anvil?.stop();
  };
  const failed = new AbortController();
  const startSignal = AbortSignal.any([signal, failed.signal]);
  try {
    const chainUp = async () => {
      if (!shape.withChain || plan.rpcUrl === undefined) return;
      anvil = await startAnvil({
        port: Number(new URL(plan.rpcUrl).port),
        chainId: devnetChainId,
        signal: startSignal,
      });
      step(`chain at ${anvil.url}`);
      await deploy(plan, plan.rpcUrl, startSignal);
      step("contracts deployed, validators staked");
    };
    // Nodes load their code while the chain comes up; each waits for its contracts by itself.
    await Promise.all([
      chainUp(),
      ...nodes.map(async (node) => {
        await node.start(startSignal);
        step(`${node.name} ready`);
      }),
    ]).catch((error) => {
      failed.abort(error);
      throw error;
    });
    await untilServing(plan, shape, clock, startSignal);
    step("all nodes know each other");
  } catch (error) {
    await stop();
    throw error;
  }
  const find = <T extends { readonly name: string }>(items: readonly T[], name: string): T => {
    const found = items.find((item) => item.name === name);
    if (found === undefined) throw new CountersignError("NOT_FOUND", `the devnet has no node ${name}`);
    return found;
  };
  return {
    plan,
    network,
    nodes,
    chain: anvil,
    genesisFile,
    walletFile,
    readyMs: clock.nowMs() - startedMs,
    node: (name) => find(nodes, name),
    planned: (name) => find(plan.nodes, name),
    untilServing: (signal) => untilServing(plan, shape, clock, signal),
    stop,
  };
}

/** Writes genesis, keys and configurations. */
async function layOut({ shape, ports, folder, random }: DevnetOptions) {
  const names = nodeNames(shape);
  const chosen = await choosePorts(shape, ports);
  const seeds = names
    .map((name, index) => ({ name, index }))
    .filter(({ name }) => name.endsWith("-1"))
    .slice(0, bootstrapPeers);
  const bootstrap = await Promise.all(
    seeds.map(async ({ name, index }) => {
      const data = join(folder, name, "data");
      await mkdir(data, { recursive: true, mode: 0o700 });
      const key = await loadOrCreatePeerKey(join(data, peerKeyFile));
      return `/ip4/127.0.0.1/tcp/${chosen.p2p[index]}/p2p/${peerIdFromPrivateKey(key)}`;
    }),
  );
  const plan = planDevnet({ shape, ports: chosen, folder, random, bootstrap });
  const genesisFile = join(folder, "genesis.json");
  const walletFile = join(folder, "client.key");
  await writeFile(genesisFile, `${JSON.stringify(plan.genesis, null, 2)}\n`);
  await writeFile(walletFile, `${toHex(plan.client.privateKey)}\n`, { mode: 0o600 });
  await Promise.all(
    plan.nodes.map(async (node) => {
      await mkdir(node.folder, { recursive: true, mode: 0o700 });
      await writeFile(join(node.folder, "config.yaml"), stringify(node.config), { mode: 0o600 });
    }),
  );
  return { plan, genesisFile, walletFile };
}

/** Contracts, stakes and coins as the plan's nodes and its client need them, on a local chain without any. */
export async function deploy(plan: DevnetPlan, rpcUrl: string, signal: AbortSignal): Promise<void> {
  const deployer = await createLocalSender(fromHex(deployerKey));
  const addresses = await deployContracts({
    rpcUrl,
    signal,
    deployer,
    treasury: plan.treasury,
    initialSupplyWei: supplyWei,
    minimumStakeWei: stakeWei,
    threshold: Math.max(1, plan.genesis.cosign.required),
    unbondingSec: 60,
    answerSec: 60,
    startNonce: 0,
  });
  const validators = await Promise.all(
    plan.nodes
      .filter(({ kind }) => kind === "validator")
      .map(async ({ privateKey }) => ({ sender: await createLocalSender(privateKey), stakeWei })),
  );
  await fundAndStakeValidators({ rpcUrl, signal, addresses, from: deployer, validators, gasWei });
  await fundWallets({
    rpcUrl,
    signal,
    token: addresses.token,
    from: deployer,
    wallets: [
      { address: plan.client.address, tokenWei: clientWei, gasWei },
      ...plan.nodes
        .filter(({ kind }) => kind === "gateway")
        .map(({ address }) => ({ address, gasWei, tokenWei: clientWei })),
    ],
  });
}

/**
 * Resolves when every gateway sees all validators, has the compute nodes that are to connect to it and reaches one if there
 * are none, and every registry sees all nodes.
 */
async function untilServing(
  plan: DevnetPlan,
  shape: DevnetShape,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const endMs = clock.nowMs() + readyTimeoutMs;
  const count = (kind: string) => plan.nodes.filter((node) => node.kind === kind).length;
  const served = plan.nodes.flatMap((node) =>
    node.grpcAddress === undefined ? [] : [{ ...node, grpcAddress: node.grpcAddress }],
  );
  await Promise.all(
    served.map(async ({ name, kind, grpcAddress }) => {
      const client = new GrpcClient(grpcAddress);
      try {
        for (;;) {
          const missing = await whatIsMissing(
            client,
            kind,
            ownComputeNodes(shape, name),
            count("validator"),
            plan.nodes.length,
            signal,
          );
          if (missing === undefined) return;
          if (clock.nowMs() > endMs)
            throw new CountersignError("UNAVAILABLE", `${name} still lacks ${missing}`);
          await sleep(clock, readyPollMs, signal);
        }
      } finally {
        client.close();
      }
    }),
  );
}

/** Compute nodes that are to connect to the gateway; undefined where it has to do with other gateways' alone. */
function ownComputeNodes(shape: DevnetShape, gateway: string): number | undefined {
  const all = Array.from({ length: shape.computeNodes }, (_, index) => index);
  const own = all.filter((index) => connectsTo(shape, index, gateway));
  return own.length === 0 && all.length > 0 ? undefined : own.length;
}

async function whatIsMissing(
  client: GrpcClient,
  kind: string,
  computeNodes: number | undefined,
  validators: number,
  nodes: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const status = await client.call(nodeService.GetNodeStatus, {}, { signal, deadlineMs: 5_000 });
    if (status.validators_active < validators)
      return `validators (${status.validators_active} of ${validators} active)`;
    const known = status.records["node"] ?? 0;
    if (known < nodes) return `nodes (${known} of ${nodes} known)`;
    if (kind !== "gateway") return undefined;
    const models = await Array.fromAsync(
      client.stream(gatewayClientService.GetSupportedModels, {}, { signal, deadlineMs: 5_000 }),
    );
    if (computeNodes === undefined) return models.length === 0 ? "models of other gateways" : undefined;
    const serving = Math.max(0, ...models.map((model) => model.available_nodes - model.nodes_elsewhere));
    return serving < computeNodes ? `compute nodes (${serving} of ${computeNodes} connected)` : undefined;
  } catch (error) {
    signal.throwIfAborted();
    return messageOf(error);
  }
}
