import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { networkId } from "../../src/base/index.ts";
import { type Devnet, deploy } from "../../src/devnet/index.ts";
import { NodeProcess } from "../../src/devnet/node-process.ts";
import { type DevnetPlan, devnetChainId, nodeNames } from "../../src/devnet/plan.ts";
import { GrpcClient } from "../../src/wire/grpc-client.ts";
import {
  type countersign,
  gatewayClientService,
  nodeService,
  registryService,
} from "../../src/wire/index.ts";
import { program } from "../support/command-line.ts";
import { TestDevnet, until } from "../support/devnet.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { Doors } from "./doors.ts";
import { ended, forkOn, untilReady } from "./fork-on.ts";
import { Lan } from "./lan.ts";
import { chainHost, clientHost, isServing, layOut, type NetworkShape, portOf, ports } from "./lay-out.ts";

// A network with every node, the chain and the client on a host of its own.

export class HostedNetwork {
  readonly lan: Lan;
  /** As the client's host sees it. */
  readonly net: TestDevnet;
  readonly #shape: NetworkShape;
  readonly #doors: Map<string, Doors>;
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
    this.#doors = new Map([[clientHost, doors]]);
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
      try {
        await network.untilWhole();
      } catch (error) {
        await network.stop();
        throw error;
      }
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
      for (const doors of this.#doors.values()) await doors.close();
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

  /** Ends every silence, also between the test and the nodes. */
  hear(): void {
    this.lan.hear();
    for (const doors of this.#doors.values()) doors.renew();
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
    const doors = this.#doors.get(host) ?? (await Doors.on(this.lan, host));
    this.#doors.set(host, doors);
    const client = new GrpcClient(`127.0.0.1:${await doors.open(this.lan.addressOf(name), portOf(name))}`);
    this.#clients.push(client);
    return client;
  }

  /** Leaves a record in the name of the registry that is asked. */
  async register(node_id: string, registry: GrpcClient): Promise<void> {
    const { client, signed } = this.net;
    const rest = { node_type: "gateway", ip_address: "192.0.2.1", port: 9_100, wallet_address: client };
    await registry.call(registryService.RegisterNode, { node_id, ...rest }, signed);
  }

  /** What a node's disk holds: digests by the records' keys. */
  recordsOf(name: string): Record<string, string> {
    const rows = this.net.inDatabase(name, (database) =>
      database.prepare("SELECT key, hex(digest) AS digest FROM records ORDER BY key").all(),
    );
    return Object.fromEntries(rows.map(({ key, digest }) => [String(key), String(digest)]));
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

  /** Resolves when each of the nodes says itself that its records are its peers'. */
  async untilInSync(names: readonly string[]): Promise<void> {
    for (const name of names.filter(isServing)) {
      await until(`${name} in sync`, async () => {
        const { in_sync } = await this.net.at(name).call(nodeService.GetSyncStatus, {}, this.net.signed);
        return in_sync || undefined;
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
      const [first = {}, ...others] = this.nodeNames.map((name) => this.recordsOf(name));
      for (const replica of others) assert.deepEqual(replica, first);
      return Object.keys(first);
    });
  }
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
