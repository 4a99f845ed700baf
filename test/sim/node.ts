import { generateKeyPairFromSeed } from "@libp2p/crypto/keys";
import { peerIdFromPrivateKey } from "@libp2p/peer-id";
import { type Genesis, messageOf, systemClock, systemRandom, toHex } from "../../src/base/index.ts";
import { createLocalSigner, type Signer, type TypedMessage } from "../../src/chain/index.ts";
import type { PeerKey } from "../../src/mesh/index.ts";
import { type NodeConfig, nodeConfigSchema } from "../../src/node/config.ts";
import { nodeIdOf } from "../../src/node/node-id.ts";
import { type NodeServices, startServices } from "../../src/node/node-services.ts";
import { keepOwnRecord } from "../../src/node/own-record.ts";
import { startRoles } from "../../src/node/start-roles.ts";
import { StopList } from "../../src/node/stop-list.ts";
import type { Gateway } from "../../src/roles/gateway/index.ts";
import { Disk } from "./disk.ts";
import type { Host, Network } from "./network.ts";
import type { SeededRandom } from "./seeded-random.ts";
import { type Ports, simulatedTransport } from "./transport.ts";
import { Realm } from "./virtual-time.ts";

/** Heartbeats of nodes; slow ones are looked at for a minute before they count as gone. */
const heartbeatMs = 5_000;
const chainPollMs = 1_000;

export interface NodeKeys {
  readonly wallet: Uint8Array;
  readonly peer: PeerKey;
}

export async function keysOf(random: SeededRandom): Promise<NodeKeys> {
  return { wallet: random.bytes(32), peer: await generateKeyPairFromSeed("Ed25519", random.bytes(32)) };
}

export interface NodeOptions {
  readonly name: string;
  readonly roles: NodeConfig["roles"];
  readonly keys: NodeKeys;
  readonly genesis: Genesis;
  readonly bootstrap: readonly string[];
  readonly wantedPeers: number;
  readonly network: Network;
  readonly ports: Ports;
  readonly root: string;
  /** Undefined on networks without a chain. */
  readonly rpcUrl: string | undefined;
  readonly config: object;
  /** Told of every typed message that the node's wallet signs, before it does. */
  readonly onSign: (node: SimulatedNode, message: TypedMessage) => void;
  /** Starts what runs instead of the node's own roles. */
  readonly instead: ((node: SimulatedNode, services: NodeServices, stops: StopList) => void) | undefined;
}

/** A machine with its disk and keys, and the node's processes that run on it one after the other. */
export class SimulatedNode {
  readonly name: string;
  readonly options: NodeOptions;
  readonly host: Host;
  readonly disk: Disk;
  readonly peerId: string;
  readonly wallet: string;
  readonly address: string;
  skewMs = 0;
  services: NodeServices | undefined;
  gateway: Gateway | undefined;
  /** Why the last start failed. */
  failure: unknown;
  /** By the simulator's clock. */
  startedMs = 0;
  #lives = 0;
  #stops: StopList | undefined;
  #bury: (() => void) | undefined;

  constructor(options: NodeOptions) {
    const { name, keys, network, root } = options;
    this.options = options;
    this.name = name;
    this.host = network.host(name);
    this.disk = new Disk(root, name, network.random.fork(`${name} disk`));
    this.peerId = peerIdFromPrivateKey(keys.peer).toString();
    this.wallet = createLocalSigner(keys.wallet).address;
    this.address = `/memory/${name}`;
  }

  get isUp(): boolean {
    return this.services !== undefined && !this.host.realm.isDead;
  }

  /** False when the node cannot start; `failure` says why. */
  async start(): Promise<boolean> {
    const { network } = this.options;
    const { time } = network;
    this.#lives++;
    const realm = new Realm(this.name, network.random.fork(`${this.name} life ${this.#lives}`));
    realm.skewMs = this.skewMs;
    network.boot(this.host, realm);
    network.trace.note(this.name, `starts (life ${this.#lives})`);
    this.failure = undefined;
    try {
      await time.inside(realm, () => this.#start());
      this.startedMs = time.nowMs();
      return true;
    } catch (error) {
      this.failure = error;
      network.trace.note(this.name, `cannot start: ${messageOf(error)}`);
      this.kill();
      return false;
    }
  }

  async #start(): Promise<void> {
    const { name, roles, keys, genesis, network, ports, bootstrap, wantedPeers } = this.options;
    const logger = network.trace.logger(name);
    const config = nodeConfigSchema.parse({
      data_dir: this.disk.folder,
      roles,
      wallet: { private_key: toHex(keys.wallet) },
      mesh: { listen: [this.address], bootstrap, wanted_peers: wantedPeers },
      heartbeat_interval_ms: heartbeatMs,
      ...(this.options.rpcUrl === undefined
        ? {}
        : { chain: { rpc_url: this.options.rpcUrl, poll_ms: chainPollMs } }),
      ...this.options.config,
    });
    const stops = new StopList(logger);
    this.#stops = stops;
    const transport = simulatedTransport(network, this.host, ports);
    this.#bury = transport.bury;
    const started = await startServices({
      config,
      genesis,
      version: "sim",
      environment: {},
      features: () => roles,
      clock: systemClock,
      random: systemRandom,
      logger,
      signal: new AbortController().signal,
      platform: {
        openStore: this.disk.openStore,
        peerKey: async () => keys.peer,
        markFile: this.disk.markFile,
        mesh: { transport: transport.transport, openDatastore: this.disk.openDatastore },
      },
      onStarted: (part, stop) => stops.add(part, stop),
    });
    const services = { ...started, signer: this.#watched(started.signer) };
    this.services = services;
    if (this.options.instead !== undefined) {
      // What a dishonest node signs says nothing about the guard.
      services.signer = started.signer;
      this.options.instead(this, services, stops);
      await this.#announce(services, config);
      return;
    }
    const running = await startRoles({ config, folder: this.disk.folder, environment: {} }, services, stops);
    this.gateway = running.gateway;
    await this.#announce(services, config);
    running.beatNow();
  }

  async #announce(services: NodeServices, config: NodeConfig): Promise<void> {
    await keepOwnRecord({
      services,
      nodeId: nodeIdOf(config, this.wallet),
      roles: config.roles,
      version: "sim",
      grpcAddress: "",
      registryAddress: "",
      computeInfo: undefined,
      logger: services.logger,
    });
  }

  #watched(signer: Signer): Signer {
    return {
      address: signer.address,
      signHash: (hash) => signer.signHash(hash),
      signTyped: (message) => {
        this.options.onSign(this, message);
        return signer.signTyped(message);
      },
    };
  }

  /** As by kill -9; `gone` also takes the machine off the network. What was not synced is lost. */
  kill(state: "down" | "gone" = "down"): void {
    const { network } = this.options;
    if (this.host.realm.isDead) return;
    network.trace.note(this.name, state === "gone" ? "loses its power" : "is killed");
    network.kill(this.host, state);
    this.#bury?.();
    this.disk.crash();
    this.services = undefined;
    this.gateway = undefined;
  }

  /** In order, as on SIGTERM. */
  async stop(): Promise<void> {
    if (!this.isUp) return;
    this.options.network.trace.note(this.name, "stops");
    await this.options.network.time.inside(this.host.realm, () => this.#stops?.run());
    this.kill();
  }
}
