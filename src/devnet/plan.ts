import { join } from "node:path";
import { type Genesis, genesisSchema, type RandomBytes, toHex } from "../base/index.ts";
import { contractAddresses, createLocalSigner } from "../chain/index.ts";

// What a devnet consists of, decided before anything is started. Pure but for the keys, which come from `random`.

export interface DevnetShape {
  readonly validators: number;
  readonly gateways: number;
  readonly computeNodes: number;
  readonly withChain: boolean;
  /** OpenAI-compatible base URL that compute nodes serve besides the built-in model. */
  readonly modelUrl: string | undefined;
  readonly modelName: string | undefined;
  readonly logLevel: string;
  /** Names of the gateways that the first, second, … compute node connects to; all of them where nothing is said. */
  readonly computeAt?: readonly (readonly string[])[];
  /** Other deadlines than the devnet's own, for those who wait for things to fail. */
  readonly deadlines?: DevnetDeadlines;
}

export interface DevnetDeadlines {
  readonly paymentSec?: number;
  readonly executionSec?: number;
  readonly leaseSec?: number;
  readonly validationSec?: number;
  /** Of one co-sign round. */
  readonly roundMs?: number;
}

export interface DevnetPorts {
  readonly chain: number;
  /** One per node, in the order of `nodeNames`. */
  readonly p2p: readonly number[];
  /** One per validator. */
  readonly registry: readonly number[];
  /** One per gateway. */
  readonly gateway: readonly number[];
  /** One per gateway. */
  readonly http: readonly number[];
  /** One per gateway. */
  readonly ws: readonly number[];
}

export interface PlannedNode {
  readonly name: string;
  readonly kind: "validator" | "gateway" | "compute";
  readonly folder: string;
  readonly privateKey: Uint8Array;
  readonly address: string;
  readonly p2pPort: number;
  /** gRPC `host:port` of a gateway or registry. */
  readonly grpcAddress: string | undefined;
  /** `host:port` of a gateway's HTTP facades. */
  readonly httpAddress: string | undefined;
  /** `host:port` of a gateway's WebSockets. */
  readonly wsAddress: string | undefined;
  readonly config: object;
}

export interface DevnetPlan {
  readonly genesis: Genesis;
  readonly nodes: readonly PlannedNode[];
  readonly client: { readonly privateKey: Uint8Array; readonly address: string };
  readonly treasury: string;
  readonly rpcUrl: string | undefined;
}

const host = "127.0.0.1";
export const devnetChainId = 31_337;
/** Account 0 of anvil's well-known mnemonic: it holds the local chain's first coins and deploys the contracts. */
export const deployerKey = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
/** 60 % of those asked must sign. */
const quorumShare = 0.6;
const maxAsked = 5;
export const stakeWei = 1_000n * 10n ** 18n;
/** What a task of the built-in model costs: one token. */
const taskPriceWei = 10n ** 18n;
/** A local network can afford to notice quickly that a node is gone. */
const heartbeatIntervalMs = 2_000;
/** Ten nodes that asked the one chain ten times a second would keep a tenth of a small machine busy. */
const chainPollMs = 250;
const leaseSec = 8;
const slotsPerNode = 4;

export function nodeNames(shape: Pick<DevnetShape, "validators" | "gateways" | "computeNodes">): string[] {
  const numbered = (kind: string, count: number) =>
    Array.from({ length: count }, (_, index) => `${kind}-${index + 1}`);
  return [
    ...numbered("validator", shape.validators),
    ...numbered("gateway", shape.gateways),
    ...numbered("compute", shape.computeNodes),
  ];
}

/** True when that compute node, counted from 0, is to connect to the gateway of that name. */
export function connectsTo(
  { computeAt }: Pick<DevnetShape, "computeAt">,
  computeNode: number,
  gateway: string,
): boolean {
  return computeAt?.[computeNode]?.includes(gateway) ?? true;
}

export interface PlanInput {
  readonly shape: DevnetShape;
  readonly ports: DevnetPorts;
  readonly folder: string;
  readonly random: RandomBytes;
  /** Multiaddrs with peer id of the nodes to join by. */
  readonly bootstrap: readonly string[];
}

export function planDevnet({ shape, ports, folder, random, bootstrap }: PlanInput): DevnetPlan {
  const wallet = () => {
    const privateKey = random(32);
    return { privateKey, address: createLocalSigner(privateKey).address };
  };
  const names = nodeNames(shape);
  const wallets = names.map(wallet);
  const treasury = wallet().address;
  const addressesOf = (kind: string) =>
    wallets.filter((_, index) => names[index]?.startsWith(kind)).map(({ address }) => address);
  const genesis = genesisFor(shape, treasury, addressesOf("validator"));
  const rpcUrl = shape.withChain ? `http://${host}:${ports.chain}` : undefined;
  const gateways = ports.gateway.map((port) => `${host}:${port}`);
  const gatewaysOf = (computeNode: number) =>
    gateways.filter((_, index) => connectsTo(shape, computeNode, `gateway-${index + 1}`));
  const registries = ports.registry.map((port) => `${host}:${port}`);

  const nodes = names.map((name, index): PlannedNode => {
    const { privateKey, address } = wallets[index] ?? wallet();
    const [kind = "", number = "1"] = name.split("-");
    const position = Number(number) - 1;
    const p2pPort = ports.p2p[index] ?? 0;
    const grpcAddress =
      kind === "gateway" ? gateways[position] : kind === "validator" ? registries[position] : undefined;
    const httpAddress = kind === "gateway" ? `${host}:${ports.http[position] ?? 0}` : undefined;
    const wsAddress = kind === "gateway" ? `${host}:${ports.ws[position] ?? 0}` : undefined;
    return {
      name,
      kind: kind as PlannedNode["kind"],
      folder: join(folder, name),
      privateKey,
      address,
      p2pPort,
      grpcAddress,
      httpAddress,
      wsAddress,
      config: {
        node_id: name,
        roles: kind === "validator" ? ["validator", "registry"] : [kind],
        data_dir: "data",
        genesis: "../genesis.json",
        log_level: shape.logLevel,
        wallet: { private_key: toHex(privateKey) },
        ...(rpcUrl === undefined ? {} : { chain: { rpc_url: rpcUrl, poll_ms: chainPollMs } }),
        mesh: {
          listen: [`/ip4/${host}/tcp/${p2pPort}`],
          bootstrap: bootstrap.filter((peer) => !peer.includes(`/tcp/${p2pPort}/`)),
        },
        heartbeat_interval_ms: heartbeatIntervalMs,
        ...(kind === "gateway"
          ? {
              grpc: { gateway: grpcAddress },
              http: { listen: httpAddress },
              websocket: { listen: wsAddress },
            }
          : {}),
        ...(kind === "validator" ? { grpc: { registry: grpcAddress } } : {}),
        ...(kind === "compute" ? { compute: computeSection(shape, gatewaysOf(position)) } : {}),
      },
    };
  });
  return { genesis, nodes, client: wallet(), treasury, rpcUrl };
}

function genesisFor(shape: DevnetShape, treasury: string, validators: readonly string[]): Genesis {
  const asked = Math.min(maxAsked, shape.validators);
  const deployer = createLocalSigner(Buffer.from(deployerKey.slice(2), "hex")).address;
  const contracts = contractAddresses(deployer, 0);
  const { deadlines = {} } = shape;
  return genesisSchema.parse({
    name: "devnet",
    devnet: true,
    chain: shape.withChain
      ? {
          chain_id: devnetChainId,
          token: contracts.token,
          validator_registry: contracts.validatorRegistry,
          inference_payment: contracts.inferencePayment,
          treasury,
          confirmations: 1,
        }
      : null,
    validators: shape.withChain
      ? []
      : validators.map((address) => ({ address, stake_wei: stakeWei.toString() })),
    cosign: {
      asked,
      required: Math.ceil(asked * quorumShare),
      deadline_ms: deadlines.roundMs,
    },
    deadlines_sec: {
      payment: deadlines.paymentSec,
      execution: deadlines.executionSec,
      lease: deadlines.leaseSec ?? leaseSec,
      validation: deadlines.validationSec,
    },
  });
}

function computeSection(shape: DevnetShape, gateways: readonly string[]) {
  const priceWei = shape.withChain ? taskPriceWei.toString() : "0";
  const builtIn = {
    model_uuid: "tiny-text",
    name: "Tiny text",
    description: "A tiny text model that this repository trained itself",
    source: "path",
    path: "builtin:tiny-text",
    price_wei: priceWei,
  };
  const upstream = {
    model_uuid: shape.modelName ?? "upstream",
    name: shape.modelName ?? "upstream",
    source: "url",
    path: shape.modelUrl,
    ...(shape.modelName === undefined ? {} : { upstream_model: shape.modelName }),
    price_wei: priceWei,
  };
  return {
    gateways,
    max_tasks: slotsPerNode,
    heartbeat_interval_ms: heartbeatIntervalMs,
    models: shape.modelUrl === undefined ? [builtIn] : [builtIn, upstream],
  };
}
