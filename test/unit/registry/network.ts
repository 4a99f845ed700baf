import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CountersignError,
  type Genesis,
  genesisSchema,
  type Logger,
  networkId,
  nowSec,
  sha256,
  signingDomain,
  toHex,
} from "../../../src/base/index.ts";
import {
  type Chain,
  type ChainValidator,
  clientRequestMessage,
  createLocalSigner,
  type Signer,
} from "../../../src/chain/index.ts";
import type { Cosigner, RoundRequest } from "../../../src/cosign/round.ts";
import {
  type CoreKinds,
  createCoreKinds,
  type HostedNode,
  type LiveRecord,
  type NodeView,
  type ObservedConduct,
  type RecordKind,
  type Replica,
} from "../../../src/records/index.ts";
import { registryConfigSchema } from "../../../src/roles/registry/config.ts";
import {
  type Caller,
  createRegistry,
  type Registry,
  registryMigrations,
} from "../../../src/roles/registry/index.ts";
import { openStore, type Store } from "../../../src/storage/index.ts";
import type { NodeInfo } from "../../../src/wire/index.ts";
import { ManualClock } from "../../support/manual-clock.ts";

// A registry among in-memory collaborators: replica, validators, chain and clock belong to the test.

export function wallet(seed: number): Signer {
  return createLocalSigner(new Uint8Array(32).fill(seed));
}

export const registryWallet = wallet(1);
export const gatewayWallet = wallet(2);
export const computeWallet = wallet(3);
export const strangerWallet = wallet(4);
export const validatorWallets = [wallet(11), wallet(12), wallet(13)];
export const otherRegistryWallet = wallet(21);
export const treasury = `0x${"7e".repeat(20)}`;
export const validatorContract = `0x${"5a".repeat(20)}`;

export const never = new AbortController().signal;

/** A caller whose signature the facade has checked, of a call that no record will show. */
export function by(signer: Signer): Caller {
  const bytes = new Uint8Array(32);
  const proof = {
    operation: "GetSubnet",
    body: bytes,
    timestamp: 1,
    nonce: bytes,
    signature: new Uint8Array(65),
  };
  return { wallet: signer.address, proof, isLocal: false };
}

/** A caller with the signed call itself. */
export async function signing(
  net: TestRegistry,
  signer: Signer,
  operation: string,
  body: Uint8Array,
): Promise<Caller> {
  const nonce = new Uint8Array(32).fill(9);
  const timestamp = nowSec(net.clock);
  const typed = clientRequestMessage(signingDomain(net.genesis, true), {
    network: net.network,
    operation,
    bodyHash: sha256(body),
    timestamp,
    nonce,
  });
  const proof = { operation, body, timestamp, nonce, signature: await signer.signTyped(typed) };
  return { wallet: signer.address, proof, isLocal: false };
}

export const anonymous: Caller = { wallet: undefined, proof: undefined, isLocal: false };
export const local: Caller = { wallet: undefined, proof: undefined, isLocal: true };

/** Keeps what is published, through the wire's bytes as the real one does; `adopt` puts others' records in. */
export class MemoryReplica implements Replica {
  readonly #clock: ManualClock;
  readonly #network: string;
  readonly #records = new Map<string, LiveRecord>();
  published = 0;

  constructor(clock: ManualClock, network: string) {
    this.#clock = clock;
    this.#network = network;
  }

  async publish<T>(kind: RecordKind<T>, id: string, payload: T): Promise<LiveRecord<T>> {
    const problem = kind.check(
      { owner: registryWallet.address, id, version: this.#clock.nowMs() },
      payload,
      this.#network,
    );
    if (problem !== undefined)
      throw new CountersignError("INVALID_ARGUMENT", `${kind.name} record: ${problem}`);
    this.published++;
    return this.adopt(kind, registryWallet.address, id, payload);
  }

  adopt<T>(kind: RecordKind<T>, owner: string, id: string, payload: T): LiveRecord<T> {
    const encoded = kind.encode(payload);
    const key = `${kind.name}/${owner}/${id}`;
    const version = Math.max(this.#clock.nowMs(), (this.#records.get(key)?.version ?? 0) + 1);
    const record = {
      kind: kind.name,
      owner,
      id,
      version,
      expiresAtMs: version + kind.lifeMs,
      deleted: false,
      payload: kind.decode(encoded),
      encoded,
    };
    this.#records.set(key, record);
    return record;
  }

  async remove(kind: RecordKind<unknown>, id: string): Promise<boolean> {
    return this.#records.delete(`${kind.name}/${registryWallet.address}/${id}`);
  }

  get<T>(kind: RecordKind<T>, owner: string, id: string): LiveRecord<T> | undefined {
    return this.list(kind).find((record) => record.owner === owner && record.id === id);
  }

  list<T>(kind: RecordKind<T>): LiveRecord<T>[] {
    const live = [...this.#records.values()].filter(
      (record) => record.kind === kind.name && record.expiresAtMs > this.#clock.nowMs(),
    );
    return live as LiveRecord<T>[];
  }

  onChange(): () => void {
    throw new Error("not used by a registry");
  }
  merge(): never {
    throw new Error("not used by a registry");
  }
  counts(): never {
    throw new Error("not used by a registry");
  }
}

/** Signs for as many validators as `willing`, and keeps what it was asked. */
export class MemoryCosigner implements Cosigner {
  willing = validatorWallets.length;
  readonly asked: RoundRequest[] = [];
  readonly #required: number;

  constructor(required: number) {
    this.#required = required;
  }

  async run(request: RoundRequest, signal: AbortSignal) {
    signal.throwIfAborted();
    this.asked.push(request);
    const verdicts = [];
    const signatures = [];
    for (const [index, signer] of validatorWallets.entries()) {
      const signs = index < this.willing;
      const signature = signs ? toHex(await signer.signTyped(request.typed)) : "";
      if (signs) signatures.push({ validator_address: signer.address, signature, timestamp: 1 });
      verdicts.push({
        validator_address: signer.address,
        outcome: signs ? "signed" : "refused",
        reason: signs ? "" : "NODE_UNKNOWN",
        latency_ms: 1,
        signature,
      });
    }
    const trail = {
      round: request.round,
      subject: request.subject,
      required: this.#required,
      asked: validatorWallets.length,
      verdicts,
    };
    return { reached: signatures.length >= this.#required, signatures, trail };
  }
}

/** The contracts as the test wrote them. */
export class MemoryChain {
  readonly staked: ChainValidator[] = validatorWallets.map(({ address }, index) => ({
    address,
    stakeWei: 1_000n + BigInt(index),
    status: "active",
    registeredAtSec: 1_700_000_000,
  }));
  /** By `tx/from/to`. */
  readonly transfers = new Map<string, bigint>();

  validators(): ChainValidator[] {
    return this.staked;
  }

  validatorSet() {
    return { entries: this.staked, asked: 3, required: 2, blockNumber: 1 };
  }

  async tokenPaid(txHash: string, from: string, to: string): Promise<bigint> {
    if (![...this.transfers.keys()].some((key) => key.startsWith(txHash))) {
      throw new CountersignError("NOT_FOUND", `${txHash} is not mined`);
    }
    return this.transfers.get(`${txHash}/${from}/${to}`) ?? 0n;
  }
}

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

let opened: { readonly folder: string; readonly store: Store } | undefined;

/** One database for all tests of the folder: opening one takes longer than most of them. */
async function emptyStore(): Promise<Store> {
  if (opened === undefined) {
    const folder = await mkdtemp(join(tmpdir(), "countersign-registry-"));
    opened = {
      folder,
      store: await openStore({ path: join(folder, "node.db"), migrations: registryMigrations }),
    };
  }
  const tables = ["registry_preprocessed", "registry_payments", "registry_gateways"];
  await opened.store.transact(tables.map((table) => ({ sql: `DELETE FROM ${table}`, params: [] })));
  return opened.store;
}

after(async () => {
  await opened?.store.close();
  if (opened !== undefined) await rm(opened.folder, { recursive: true });
});

export interface TestRegistry {
  readonly registry: Registry;
  readonly genesis: Genesis;
  readonly network: string;
  readonly clock: ManualClock;
  readonly kinds: CoreKinds;
  readonly replica: MemoryReplica;
  readonly cosigner: MemoryCosigner;
  readonly chain: MemoryChain;
  readonly store: Store;
  /** Status and measurements of nodes by node id; alive at load 0 without them. */
  readonly states: Map<string, Partial<NodeView> & { readonly latencyMs?: number }>;
  readonly heard: HostedNode[];
  readonly conduct: Map<string, ObservedConduct>;
  restart(): Registry;
  stop(): Promise<void>;
}

export interface TestRegistryOptions {
  readonly isPaid?: boolean;
  readonly maxHostedNodes?: number;
  /** A network with a chain whose contracts this node does not read. */
  readonly isBlind?: boolean;
}

export async function startRegistry(options: TestRegistryOptions = {}): Promise<TestRegistry> {
  const store = await emptyStore();
  const clock = new ManualClock();
  const genesis = genesisSchema.parse({
    name: "test",
    chain:
      options.isPaid === true
        ? {
            chain_id: 31_337,
            token: `0x${"11".repeat(20)}`,
            validator_registry: validatorContract,
            inference_payment: `0x${"22".repeat(20)}`,
            treasury,
            confirmations: 1,
          }
        : null,
    validators: validatorWallets.map(({ address }) => ({ address, stake_wei: "1000" })),
    cosign: { asked: 3, required: 2 },
  });
  const replica = new MemoryReplica(clock, networkId(genesis));
  const kinds = createCoreKinds(genesis);
  const cosigner = new MemoryCosigner(2);
  const chain = new MemoryChain();
  const states: TestRegistry["states"] = new Map();
  const conduct: TestRegistry["conduct"] = new Map();
  const heard: TestRegistry["heard"] = [];
  const views = (): NodeView[] =>
    replica.list(kinds.node).map((record) => ({
      info: record.payload.info as NodeInfo,
      record: record.payload,
      roles: record.payload.roles ?? [],
      peerId: undefined,
      owner: record.owner,
      wallet: (record.payload.info?.wallet_address ?? "").toLowerCase(),
      status: "alive",
      activeTasks: 0,
      maxTasks: 1,
      load: 0,
      lastHeartbeatMs: undefined,
      hosts: [],
      ...states.get(record.id),
    }));
  let random = 0;
  const started: Registry[] = [];
  const create = () => {
    const registry = createRegistry({
      config: registryConfigSchema.parse({ max_hosted_nodes: options.maxHostedNodes ?? 100 }),
      genesis,
      replica,
      kinds,
      nodes: {
        list: () => views(),
        find: (nodeId) => views().find((node) => node.info.node_id === nodeId),
        get: (address, nodeId) =>
          views().find((node) => node.wallet === address && node.info.node_id === nodeId),
        byWallet: (address) => views().filter((node) => node.wallet === address),
      },
      latencyMsOf: (node) => states.get(node.info.node_id)?.latencyMs,
      liveness: { heard: (beat) => void heard.push(beat) },
      reputation: {
        of: (address) =>
          conduct.get(address) ?? {
            score: 0,
            successes: 0,
            failures: 0,
            noAnswers: 0,
            slashings: 0,
            lastSeenMs: 0,
          },
      },
      chain: options.isPaid === true && options.isBlind !== true ? (chain as unknown as Chain) : undefined,
      cosigner,
      signer: registryWallet,
      store,
      clock,
      random: (count) => new Uint8Array(count).fill(++random),
      logger: silent,
    });
    started.push(registry);
    return registry;
  };
  return {
    registry: create(),
    genesis,
    network: networkId(genesis),
    clock,
    kinds,
    replica,
    cosigner,
    chain,
    store,
    states,
    heard,
    conduct,
    restart: create,
    async stop() {
      for (const registry of started) await registry.stop();
    },
  };
}

/** The error that the promise rejects with. */
export async function refusal(promise: Promise<unknown>): Promise<CountersignError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof CountersignError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}
