import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { peerIdFromPrivateKey } from "@libp2p/peer-id";
import { stringify } from "yaml";
import { networkId, systemRandom } from "../../src/base/index.ts";
import { type Devnet, type DevnetDeadlines, deploy, type PlannedNode } from "../../src/devnet/index.ts";
import { NodeProcess } from "../../src/devnet/node-process.ts";
import { type DevnetPlan, devnetChainId, nodeNames, planDevnet } from "../../src/devnet/plan.ts";
import { loadOrCreatePeerKey } from "../../src/mesh/index.ts";
import { peerKeyFile } from "../../src/node/index.ts";
import { GrpcClient } from "../../src/wire/grpc-client.ts";
import { type countersign, gatewayClientService, nodeService } from "../../src/wire/index.ts";
import { program } from "../support/command-line.ts";
import { TestDevnet, until } from "../support/devnet.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { Doors } from "./doors.ts";
import { ended, forkOn, untilReady } from "./fork-on.ts";
import { Lan } from "./lan.ts";

// A network with every node, the chain and the client on a host of its own. Each node listens on the ports that a
// node has by default, so all hosts use the same ones.

const ports = { chain: 8_545, p2p: 8_828, registry: 50_050, gateway: 50_051 } as const;
/** How many joining nodes know from the start. */
const bootstrapNodes = ["validator-1", "gateway-1"];
/** Where the test stands. */
export const clientHost = "client";
export const chainHost = "chain";

export interface NetworkShape {
  readonly validators: number;
  readonly gateways: number;
  readonly computeNodes: number;
  /** Names of the gateways that all compute nodes work for. */
  readonly computeFor: readonly string[];
  readonly deadlines?: DevnetDeadlines;
  readonly withChain?: boolean;
  readonly logLevel?: string;
}

export class HostedNetwork {
  readonly lan: Lan;
  /** As the client's host sees it. */
  readonly net: TestDevnet;
  readonly #shape: NetworkShape;
  readonly #doors: Doors[];
  readonly #chain: ChildProcess | undefined;
  readonly #clients: GrpcClient[] = [];

  private constructor(
    shape: NetworkShape,
    lan: Lan,
    net: TestDevnet,
    doors: Doors,
    chain: ChildProcess | undefined,
  ) {
    this.#shape = shape;
    this.lan = lan;
    this.net = net;
    this.#doors = [doors];
    this.#chain = chain;
  }

  /** Starts everything, and resolves when all nodes are connected and know each other. */
  static async start(shape: NetworkShape): Promise<HostedNetwork> {
    const { withChain = true } = shape;
    const lan = new Lan([chainHost, clientHost, ...nodeNames(shape)]);
    const folder = tempFolder();
    // After the hosts and what runs there, where the test is broken off.
    process.once("exit", folder.remove);
    try {
      const doors = await Doors.on(lan, clientHost);
      const plan = await layOut(lan, doors, folder.path, shape);
      const processes = plan.nodes.map(
        ({ name, folder }) =>
          new NodeProcess({
            name,
            folder,
            program,
            config: join(folder, "config.yaml"),
            within: lan.on(name),
          }),
      );
      const [chain] = await Promise.all([
        withChain ? startChain(lan, plan) : undefined,
        ...processes.map((node) => node.start(new AbortController().signal)),
      ]);
      const net = await TestDevnet.around(devnetOf(plan, processes, folder.path), folder);
      const network = new HostedNetwork(shape, lan, net, doors, chain);
      await network.untilWhole();
      return network;
    } catch (error) {
      lan.remove();
      folder.remove();
      throw error;
    }
  }

  async stop(): Promise<void> {
    try {
      for (const client of this.#clients) client.close();
      await this.net.stop();
      for (const doors of this.#doors) await doors.close();
      if (this.#chain !== undefined) await ended(this.#chain);
    } finally {
      this.lan.remove();
    }
  }

  get nodeNames(): readonly string[] {
    return this.net.net.nodes.map(({ name }) => name);
  }

  /** Process ids by node: the same ones as long as nobody was restarted. */
  get pids(): Record<string, number | undefined> {
    return Object.fromEntries(this.net.net.nodes.map(({ name, pid }) => [name, pid]));
  }

  /** Power off and on again; the node starts with the keys and data that its disk holds. */
  async reboot(name: string): Promise<void> {
    this.lan.unplug(name);
    await this.net.kill(name);
    this.lan.reboot(name);
    await this.net.restart(name);
  }

  /** A gateway's or validator's view of itself and the network. */
  status(name: string, client = this.net.at(name)): Promise<countersign.v1.NodeStatus> {
    return client.call(nodeService.GetNodeStatus, {}, { ...this.net.signed, deadlineMs: 2_000 });
  }

  /** A connection to a node from another host than the client's, for when the client is cut off from it. */
  async from(host: string, name: string): Promise<GrpcClient> {
    const doors = await Doors.on(this.lan, host);
    this.#doors.push(doors);
    const client = new GrpcClient(`127.0.0.1:${await doors.open(this.lan.addressOf(name), portOf(name))}`);
    this.#clients.push(client);
    return client;
  }

  /** Resolves when every node that can be asked is connected to that many others. */
  async untilPeers(count: number, names: readonly string[], client?: GrpcClient): Promise<void> {
    for (const name of names.filter(isServing)) {
      await until(`${count} peers of ${name}`, async () => {
        const { connected_peers } = await this.status(name, client);
        assert.equal(connected_peers, count);
        return true;
      });
    }
  }

  /** Resolves when all nodes are connected to all others and know them, the validators and the compute nodes. */
  async untilWhole(): Promise<void> {
    const { nodes } = this.net.net.plan;
    const validators = nodes.filter(({ kind }) => kind === "validator").length;
    for (const name of this.nodeNames.filter(isServing)) {
      await until(`the whole network at ${name}`, async () => {
        const { connected_peers, validators_active, records } = await this.status(name);
        assert.deepEqual(
          { connected_peers, validators_active },
          { connected_peers: nodes.length - 1, validators_active: validators },
        );
        assert.ok((records["node"] ?? 0) >= nodes.length, `${records["node"]} nodes known`);
        return true;
      });
    }
    for (const name of this.#shape.computeFor) {
      await until(`all compute nodes at ${name}`, async () => {
        const models = this.net.at(name).stream(gatewayClientService.GetSupportedModels, {}, this.net.signed);
        for await (const { available_nodes } of models)
          assert.equal(available_nodes, this.#shape.computeNodes);
        return true;
      });
    }
  }

  /** Resolves with the records' keys once every node's disk holds exactly the same records. */
  untilReplicasEqual(): Promise<string[]> {
    return until("equal replicas", () => {
      const replicas = this.nodeNames.map((name) =>
        this.net.inDatabase(name, (database) =>
          database.prepare("SELECT key, hex(digest) AS digest FROM records ORDER BY key").all(),
        ),
      );
      for (const replica of replicas) assert.deepEqual(replica, replicas[0]);
      return replicas[0]?.map(({ key }) => String(key));
    });
  }
}

function isServing(name: string): boolean {
  return !name.startsWith("compute");
}

function portOf(name: string): number {
  return name.startsWith("gateway") ? ports.gateway : ports.registry;
}

/** Writes genesis, keys and configurations. What the plan says of addresses is how the test reaches them. */
async function layOut(lan: Lan, doors: Doors, folder: string, shape: NetworkShape): Promise<DevnetPlan> {
  const { withChain = true, logLevel = "info" } = shape;
  const names = nodeNames(shape);
  const chain = withChain ? await doors.open(lan.addressOf(chainHost), ports.chain) : 0;
  const own: number[] = [];
  for (const name of names.filter(isServing)) own.push(await doors.open(lan.addressOf(name), portOf(name)));
  const bootstrap = await Promise.all(
    bootstrapNodes.map(async (name) => {
      const data = join(folder, name, "data");
      await mkdir(data, { recursive: true, mode: 0o700 });
      const peerId = peerIdFromPrivateKey(await loadOrCreatePeerKey(join(data, peerKeyFile)));
      return { name, address: `/ip4/${lan.addressOf(name)}/tcp/${ports.p2p}/p2p/${peerId}` };
    }),
  );
  const plan = planDevnet({
    shape: { ...shape, withChain, modelUrl: undefined, modelName: undefined, logLevel },
    ports: {
      chain,
      p2p: names.map(() => ports.p2p),
      registry: own.slice(0, shape.validators),
      gateway: own.slice(shape.validators),
    },
    folder,
    random: systemRandom,
    bootstrap: [],
  });
  await writeFile(join(folder, "genesis.json"), JSON.stringify(plan.genesis));
  for (const node of plan.nodes) {
    await mkdir(node.folder, { recursive: true, mode: 0o700 });
    const others = bootstrap.filter(({ name }) => name !== node.name).map(({ address }) => address);
    const config = configOn(lan, node, shape, others);
    await writeFile(join(node.folder, "config.yaml"), stringify(config), { mode: 0o600 });
  }
  return plan;
}

/** The plan's configuration with the addresses of the node's host. */
function configOn(lan: Lan, node: PlannedNode, shape: NetworkShape, bootstrap: readonly string[]): object {
  const { chain, compute, ...config } = node.config as { readonly chain?: object; readonly compute?: object };
  const address = lan.addressOf(node.name);
  const gateways = shape.computeFor.map((name) => `${lan.addressOf(name)}:${ports.gateway}`);
  return {
    ...config,
    auth: "required",
    mesh: { bootstrap },
    grpc: { gateway: `${address}:${ports.gateway}`, registry: `${address}:${ports.registry}` },
    ...(chain === undefined
      ? {}
      : { chain: { ...chain, rpc_url: `http://${lan.addressOf(chainHost)}:${ports.chain}` } }),
    ...(compute === undefined ? {} : { compute: { ...compute, gateways } }),
  };
}

async function startChain(lan: Lan, plan: DevnetPlan): Promise<ChildProcess> {
  const args = [lan.addressOf(chainHost), String(ports.chain), String(devnetChainId)];
  const chain = forkOn(lan, chainHost, "chain-program.ts", args);
  await untilReady(chain);
  await deploy(plan, plan.rpcUrl ?? "", new AbortController().signal);
  return chain;
}

function devnetOf(plan: DevnetPlan, nodes: readonly NodeProcess[], folder: string): Devnet {
  const find = <T extends { readonly name: string }>(items: readonly T[], name: string): T => {
    const found = items.find((item) => item.name === name);
    if (found === undefined) throw new RangeError(`the network has no node ${name}`);
    return found;
  };
  return {
    plan,
    network: networkId(plan.genesis),
    nodes,
    chain: undefined,
    genesisFile: join(folder, "genesis.json"),
    walletFile: "",
    readyMs: 0,
    node: (name) => find(nodes, name),
    planned: (name) => find(plan.nodes, name),
    untilServing: async () => {},
    stop: async () => {
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
}
