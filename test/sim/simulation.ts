import { rmSync } from "node:fs";
import { type Genesis, genesisSchema, messageOf, toHex } from "../../src/base/index.ts";
import { type Anvil, createLocalSigner, type TypedMessage } from "../../src/chain/index.ts";
import type { RoleName } from "../../src/node/config.ts";
import { SimulatedChain } from "./chain.ts";
import { type RememberedTask, SimulatedClient } from "./client.ts";
import { SimulatedCompute } from "./compute.ts";
import { diskRoot } from "./disk.ts";
import { Network } from "./network.ts";
import { keysOf, type NodeKeys, type NodeOptions, SimulatedNode } from "./node.ts";
import { SeededRandom } from "./seeded-random.ts";
import { Trace } from "./trace.ts";
import { VirtualTime } from "./virtual-time.ts";

/** 2027-01-15: any day does, as long as it is the same in every run. */
export const startMs = 1_800_000_000_000;
const startWithinMs = 60_000;
/** The product's own default of `mesh.wanted_peers`. */
const mostWantedPeers = 16;

export interface Topology {
  readonly validators: number;
  readonly gateways: number;
  /** Compute nodes behind each gateway. */
  readonly computePerGateway: number;
  /** Only this gateway, by its number from 0, has compute nodes. */
  readonly computeOnlyAt?: number;
  readonly clients: number;
  /** A node that everybody joins by and that does nothing else. */
  readonly bootstrap?: boolean;
  readonly cosign?: { readonly asked: number; readonly required: number };
  readonly config?: object;
  /** What a validator runs instead of its role, by its number from 0. */
  readonly instead?: (validator: number) => NodeOptions["instead"];
  /** What a task costs, on a chain; unpaid and without a chain unless said. */
  readonly priceWei?: string;
}

interface Machine {
  readonly name: string;
  readonly roles: RoleName[];
  readonly keys: NodeKeys;
  readonly wallet: string;
}

/** A broken promise of the network; the scenario has failed. */
export class InvariantError extends Error {
  readonly invariant: string;

  constructor(invariant: string, message: string) {
    super(message);
    this.invariant = invariant;
  }
}

/** One signature that a validator gave, over all its lives. */
export interface Signature {
  readonly validator: string;
  /** What may be signed once only. */
  readonly subject: string;
  readonly digest: string;
  readonly atMs: number;
}

/** A whole network in one process, and what a scenario does to it. */
export class Simulation {
  readonly seed: string;
  readonly time: VirtualTime;
  readonly trace: Trace;
  readonly network: Network;
  readonly random: SeededRandom;
  readonly signatures: Signature[] = [];
  readonly nodes: SimulatedNode[] = [];
  readonly compute: SimulatedCompute[] = [];
  readonly clients: SimulatedClient[] = [];
  genesis!: Genesis;
  /** Called when the scenario enters its next phase. */
  onPhase: ((name: string) => void) | undefined;
  chain: SimulatedChain | undefined;
  readonly #root = diskRoot();
  #error: unknown;

  /** Time stands still from here on. */
  constructor(seed: string, anvil?: Anvil) {
    this.seed = seed;
    this.time = new VirtualTime({ startMs, seed });
    this.trace = new Trace(() => this.time.nowMs());
    this.trace.hidden = this.#root;
    this.random = new SeededRandom(`${seed}/scenario`);
    this.network = new Network(this.time, this.trace, new SeededRandom(`${seed}/network`));
    if (anvil !== undefined) this.chain = new SimulatedChain(anvil, this.network);
    this.time.onError = (realm, error) => {
      this.trace.note(realm.name, `threw ${messageOf(error)}`);
      this.fail(error);
    };
  }

  get validators(): SimulatedNode[] {
    return this.nodes.filter(({ options }) => options.roles.includes("validator"));
  }

  get gateways(): SimulatedNode[] {
    return this.nodes.filter(({ options }) => options.roles.includes("gateway"));
  }

  get alive(): SimulatedNode[] {
    return this.nodes.filter(({ isUp }) => isUp);
  }

  /** Everything that any client has submitted. */
  tasks(): RememberedTask[] {
    return this.clients.flatMap((client) => client.tasks);
  }

  node(name: string): SimulatedNode {
    const node = this.nodes.find((one) => one.name === name);
    if (node === undefined) throw new Error(`no node ${name}`);
    return node;
  }

  /** Makes the machines and their keys, and starts everything. */
  async build(topology: Topology): Promise<void> {
    const plans: [name: string, roles: RoleName[]][] = [
      ...(topology.bootstrap === true ? numbered("bootstrap", 1, ["registry"]) : []),
      ...numbered("validator", topology.validators, ["validator", "registry"]),
      ...numbered("gateway", topology.gateways, ["gateway"]),
    ];
    const machines: Machine[] = [];
    for (const [name, roles] of plans) {
      const keys = await keysOf(this.random.fork(`keys of ${name}`));
      machines.push({ name, roles, keys, wallet: createLocalSigner(keys.wallet).address });
    }
    this.genesis = genesisSchema.parse({
      name: "sim",
      devnet: true,
      chain: this.chain?.genesis() ?? null,
      validators: machines
        .filter(({ roles }) => roles.includes("validator"))
        .map(({ wallet }) => ({ address: wallet, stake_wei: "1000000000000000000" })),
      cosign: topology.cosign ?? { asked: 5, required: 3 },
    });
    this.#addNodes(machines, topology);
    this.#addComputeAndClients(topology);
    await this.chain?.deploy({
      threshold: this.genesis.cosign.required,
      validators: this.validators.map(({ options }) => options.keys.wallet),
      gateways: this.gateways.map(({ wallet }) => wallet),
      clients: this.clients.map(({ wallet }) => wallet),
      others: this.compute.map(({ signer }) => signer.address),
    });
    await this.start(...this.nodes);
    for (const node of this.nodes) if (!node.isUp) throw node.failure;
    for (const compute of this.compute) compute.start();
  }

  #addNodes(machines: readonly Machine[], { instead, config = {} }: Topology): void {
    const ports = {
      hostOfAddress: (address: string) => this.nodes.find((node) => node.address === address)?.host,
      hostOfPeer: (peerId: string) => this.nodes.find((node) => node.peerId === peerId)?.host,
    };
    const bootstrap: string[] = [];
    for (const { name, roles, keys } of machines) {
      const node = new SimulatedNode({
        name,
        roles,
        keys,
        genesis: this.genesis,
        bootstrap,
        // More than there are would be looked for all the time.
        wantedPeers: Math.min(mostWantedPeers, machines.length - 1),
        rpcUrl: this.chain?.url,
        network: this.network,
        ports,
        root: this.#root,
        config,
        onSign: (signer, message) => this.#onSign(signer, message),
        instead: roles.includes("validator") ? instead?.(this.validators.length) : undefined,
      });
      if (bootstrap.length === 0) bootstrap.push(`${node.address}/p2p/${node.peerId}`);
      this.nodes.push(node);
    }
  }

  #addComputeAndClients(topology: Topology): void {
    const { chain, network } = this;
    const keyOf = (name: string) => this.random.fork(`keys of ${name}`).bytes(32);
    for (const [index, gateway] of this.gateways.entries()) {
      if (index !== (topology.computeOnlyAt ?? index)) continue;
      for (const [name] of numbered(`${gateway.name}-compute`, topology.computePerGateway, [])) {
        const { priceWei = "0" } = topology;
        this.compute.push(new SimulatedCompute({ name, gateway, network, key: keyOf(name), priceWei }));
      }
    }
    for (const [name] of numbered("client", topology.clients, [])) {
      const payer = chain === undefined ? undefined : { chain, key: keyOf(name) };
      this.clients.push(new SimulatedClient(name, network, payer));
    }
  }

  /** Starts nodes, one shortly after the other. */
  async start(...nodes: readonly SimulatedNode[]): Promise<void> {
    const all = Promise.all(
      nodes.map(async (node, index) => {
        await new Promise((resolve) => this.time.outside(() => setTimeout(resolve, 50 * index)));
        return node.start();
      }),
    );
    await this.during(all, startWithinMs, "starting");
  }

  /** Something went wrong that no promise tells of. */
  fail(error: unknown): void {
    this.#error ??= error;
  }

  phase(name: string): void {
    this.trace.note("scenario", name);
    this.onPhase?.(name);
  }

  /** Lets the network run. */
  async run(forMs: number): Promise<void> {
    await this.time.run(forMs);
    this.#throwErrors();
  }

  async until(isTrue: () => boolean, withinMs: number): Promise<boolean> {
    const isSo = await this.time.until(() => this.#error !== undefined || isTrue(), withinMs);
    this.#throwErrors();
    return isSo;
  }

  async during<T>(work: Promise<T>, withinMs: number, what: string): Promise<T> {
    const result = await this.time.during(work, withinMs, what);
    this.#throwErrors();
    return result;
  }

  /** Every client submits about every so many milliseconds. */
  load(everyMs: number, gateways: readonly SimulatedNode[] = this.gateways): void {
    for (const client of this.clients) client.work(gateways, everyMs);
  }

  async remove(): Promise<void> {
    for (const node of this.nodes) node.disk.remove();
    rmSync(this.#root, { recursive: true, force: true });
    this.time.uninstall();
    await this.chain?.stop();
  }

  #throwErrors(): void {
    if (this.#error !== undefined) {
      const text = this.#error instanceof Error ? (this.#error.stack ?? "") : String(this.#error);
      throw new InvariantError("nobody throws where nobody catches", text);
    }
  }

  #onSign(node: SimulatedNode, { type, value, digest }: TypedMessage): void {
    if (!["PreprocessingValidation", "CompletionValidation", "Reassignment"].includes(type)) return;
    const subject = [type, value["requestId"], value["attempt"] ?? ""].join(" ");
    this.signatures.push({
      validator: node.name,
      subject,
      digest: toHex(digest),
      atMs: this.time.nowMs(),
    });
  }
}

function numbered(kind: string, count: number, roles: RoleName[]): [string, RoleName[]][] {
  return Array.from({ length: count }, (_, index) => [`${kind}-${index + 1}`, roles]);
}
