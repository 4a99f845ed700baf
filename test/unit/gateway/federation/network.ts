import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  CountersignError,
  type Genesis,
  genesisSchema,
  nowSec,
  type RandomBytes,
  sha256,
  signingDomain,
  silentLogger,
  toHex,
} from "../../../../src/base/index.ts";
import {
  type Chain,
  computeCompletionMessage,
  createLocalSigner,
  type Signer,
} from "../../../../src/chain/index.ts";
import type { Cosigner, RoundRequest } from "../../../../src/cosign/index.ts";
import { eventMigrations, openEventLog } from "../../../../src/events/index.ts";
import { seededRandom } from "../../../../src/roles/compute/runners/sampler.ts";
import {
  type ForeignNode,
  type Gateway,
  type GatewayConfig,
  gatewayConfigSchema,
  type OtherGateways,
  startGateway,
  taskMigrations,
} from "../../../../src/roles/gateway/index.ts";
import { preprocessingTyped } from "../../../../src/roles/gateway/proposals.ts";
import { type Task, taskKey } from "../../../../src/roles/gateway/task.ts";
import type { InferenceRequest, NodeInfo } from "../../../../src/wire/index.ts";
import { openInlineStore } from "../../../support/inline-writer.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { tempFolder } from "../../../support/temp-folder.ts";
import { ScriptedChain } from "../builders.ts";

// Gateways of one process that hand tasks over to each other by messages which may be lost, doubled or late, each with
// its own database, which outlives it when it is killed.

const never = new AbortController().signal;
const address = (digit: string) => `0x${digit.repeat(40)}`;

const genesisOf = (isPaid: boolean): Genesis =>
  genesisSchema.parse({
    name: "test",
    chain: isPaid
      ? {
          chain_id: 1,
          token: address("1"),
          validator_registry: address("2"),
          inference_payment: address("3"),
          treasury: address("4"),
          confirmations: 2,
        }
      : null,
    cosign: { required: 1, asked: 1, deadline_ms: 2_000 },
    deadlines_sec: { payment: 20, execution: 40, lease: 5, validation: 20 },
  });

/** What may happen to a message: shares of all, together at most 1. */
export interface Faults {
  readonly lost: number;
  readonly answerLost: number;
  readonly doubled: number;
  readonly late: number;
}

const noFaults: Faults = { lost: 0, answerLost: 0, doubled: 0, late: 0 };
const longestDelayMs = 4_000;

type Handler = (peerId: string, data: Uint8Array) => Promise<Uint8Array>;

export interface NetworkOptions {
  readonly isPaid?: boolean;
  readonly seed?: number;
}

export class FederationNetwork {
  readonly clock = new ManualClock();
  readonly chain = new ScriptedChain();
  readonly genesis: Genesis;
  readonly dice: () => number;
  readonly gateways = new Map<string, TestGateway>();
  readonly nodes: SimNode[] = [];
  readonly validator: Signer;
  readonly random: RandomBytes;
  readonly folder = tempFolder();
  readonly observed: string[] = [];
  /** Every message that was sent: `from>to ask`. */
  readonly sent: Uint8Array[] = [];
  faults: Faults = noFaults;
  /** What is cut does not even fail: nobody answers. */
  isCut: (from: string, to: string) => boolean = () => false;

  constructor({ isPaid = false, seed = 1 }: NetworkOptions = {}) {
    this.genesis = genesisOf(isPaid);
    this.dice = seededRandom(seed);
    this.random = (count) => Uint8Array.from({ length: count }, () => Math.floor(this.dice() * 256));
    this.validator = createLocalSigner(this.random(32));
  }

  get isPaid(): boolean {
    return this.genesis.chain !== null;
  }

  async gateway(name: string, federation: Partial<GatewayConfig["federation"]> = {}): Promise<TestGateway> {
    const gateway = new TestGateway(this, name, federation);
    this.gateways.set(name, gateway);
    await gateway.start();
    return gateway;
  }

  node(id: string, gateways: readonly TestGateway[], options: NodeOptions = {}): SimNode {
    const node = new SimNode(this, id, gateways, options);
    this.nodes.push(node);
    return node;
  }

  /** Lets time pass, in steps, with everything that follows from each. */
  async pass(ms: number): Promise<void> {
    const endMs = this.clock.nowMs() + ms;
    while (this.clock.nowMs() < endMs) {
      this.clock.advance(Math.min(50, endMs - this.clock.nowMs()));
      await quiet();
    }
  }

  /** Lets time pass until the condition holds. @throws when it does not within `withinMs` */
  async until(what: string, isTrue: () => boolean | Promise<boolean>, withinMs = 120_000): Promise<void> {
    const endMs = this.clock.nowMs() + withinMs;
    while (!(await isTrue())) {
      if (this.clock.nowMs() >= endMs) throw new Error(`not within ${withinMs} ms: ${what}`);
      await this.pass(50);
    }
  }

  async request(from: TestGateway, to: string, data: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    this.sent.push(data);
    const incarnation = from.incarnation;
    const dice = this.dice();
    const { lost, answerLost, doubled, late } = this.faults;
    if (this.isCut(from.name, to) || dice < lost) return await this.#silence(signal);
    const deliver = () => this.deliver(from.name, to, data);
    await this.#delay(dice > 1 - late ? this.dice() * longestDelayMs : 5);
    if (from.incarnation !== incarnation) return await this.#silence(signal);
    if (dice < lost + answerLost) {
      deliver().catch(() => {});
      return await this.#silence(signal);
    }
    if (dice < lost + answerLost + doubled) deliver().catch(() => {});
    const answer = await Promise.race([deliver(), this.#silence(signal)]);
    if (from.incarnation !== incarnation) return await this.#silence(signal);
    return answer;
  }

  /** A message as the peer sends it, whatever it says. @throws as the receiver answers */
  async deliver(fromPeer: string, to: string, data: Uint8Array): Promise<Uint8Array> {
    const receiver = this.gateways.get(to);
    const handler = receiver?.handler;
    if (receiver === undefined || handler === undefined)
      throw new CountersignError("UNAVAILABLE", "not there");
    const { incarnation } = receiver;
    try {
      const answer = await handler(fromPeer, data);
      if (receiver.incarnation !== incarnation) throw new Error("died");
      return answer;
    } catch (error) {
      if (receiver.incarnation !== incarnation) throw new CountersignError("UNAVAILABLE", "the stream broke");
      if (!(error instanceof CountersignError)) throw error;
      throw new CountersignError(error.code, error.message, { fromPeer: true });
    }
  }

  #silence(signal: AbortSignal): Promise<never> {
    return new Promise((_resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
  }

  #delay(ms: number): Promise<void> {
    return new Promise((resolve) => void this.clock.after(ms, resolve));
  }

  async stop(): Promise<void> {
    for (const node of this.nodes) node.stop();
    for (const gateway of this.gateways.values()) gateway.crash();
    await quiet();
    this.folder.remove();
  }
}

/** Signs whatever it is asked after a little while; a validator that is fooled by nothing is tested elsewhere. */
function cosignerOf(net: FederationNetwork, gateway: TestGateway): Cosigner {
  return {
    async run(request: RoundRequest, signal?: AbortSignal) {
      const { incarnation } = gateway;
      await new Promise<void>((resolve) => void net.clock.after(20 + net.dice() * 200, resolve));
      if (gateway.incarnation !== incarnation) return await new Promise(() => {});
      signal?.throwIfAborted();
      const reached = !gateway.refusedRounds.has(request.round);
      gateway.rounds.push(request);
      const signature = toHex(await net.validator.signTyped(request.typed));
      const validator_address = net.validator.address;
      return {
        reached,
        signatures: reached ? [{ validator_address, signature, timestamp: 1 }] : [],
        trail: {
          round: request.round,
          subject: request.subject,
          required: 1,
          asked: 1,
          verdicts: [{ validator_address, outcome: reached ? "signed" : "refused", reason: "" }],
        },
      };
    },
  };
}

export class TestGateway {
  readonly name: string;
  readonly signer: Signer;
  readonly rounds: RoundRequest[] = [];
  readonly refusedRounds = new Set<RoundRequest["round"]>();
  readonly receipts: string[] = [];
  handler: Handler | undefined;
  incarnation = 0;
  #gateway: Gateway | undefined;
  #crashStore: () => void = () => {};
  readonly #net: FederationNetwork;
  readonly #federation: Partial<GatewayConfig["federation"]>;

  constructor(net: FederationNetwork, name: string, federation: Partial<GatewayConfig["federation"]>) {
    this.#net = net;
    this.name = name;
    this.signer = createLocalSigner(net.random(32));
    this.#federation = federation;
  }

  get wallet(): string {
    return this.signer.address;
  }

  get isUp(): boolean {
    return this.#gateway !== undefined;
  }

  get running(): Gateway {
    if (this.#gateway === undefined) throw new Error(`${this.name} is down`);
    return this.#gateway;
  }

  async start(): Promise<void> {
    const net = this.#net;
    const { clock, genesis, random } = net;
    const folder = join(net.folder.path, this.name);
    mkdirSync(folder, { recursive: true });
    const { store, crash } = await openInlineStore({
      path: join(folder, "db"),
      migrations: [...eventMigrations, ...taskMigrations],
    });
    this.#crashStore = crash;
    const events = await openEventLog(store, clock);
    this.#gateway = await startGateway({
      config: gatewayConfigSchema.parse({ federation: this.#federation }),
      genesis,
      signer: this.signer,
      store,
      events,
      chain: net.isPaid ? (net.chain as unknown as Chain) : undefined,
      validatorSet: () => ({
        entries: [{ address: net.validator.address, stakeWei: 1n }],
        asked: 1,
        required: 1,
        blockNumber: undefined,
      }),
      cosigner: cosignerOf(net, this),
      receiptOf: async (task) => {
        this.receipts.push(task.result?.outputData ?? "");
        return JSON.stringify({ receipt_of: task.requestId, output: task.result?.outputData });
      },
      observer: { observe: (wallet, outcome) => void net.observed.push(`${wallet} ${outcome}`) },
      reputationOf: () => 0,
      knowsModel: () => true,
      vouch: async () => {},
      otherGateways: this.#others(),
      heartbeatIntervalMs: 2_000,
      clock,
      random,
      logger: silentLogger,
    });
  }

  /** As `kill -9`: nothing that was not on disk is left, and nobody is told. */
  crash(): void {
    this.incarnation++;
    this.handler = undefined;
    this.#crashStore();
    this.#gateway?.stop().catch(() => {});
    this.#gateway = undefined;
  }

  task(requestId: string): Promise<Task | undefined> {
    return this.running.tasks.find(taskKey(address("0"), requestId));
  }

  submit(requestId: string): Promise<unknown> {
    return this.running.clients.submit(
      { request_id: requestId, model_uuid: "model", input_data: '{"prompt":"hello"}' },
      { wallet: undefined },
      never,
    );
  }

  get heldSlots(): string[] {
    return [...this.running.pool.nodes()].flatMap((node) => [...node.held]);
  }

  #others(): OtherGateways {
    const net = this.#net;
    const nodesServing = (modelUuid: string): ForeignNode[] =>
      net.nodes
        .flatMap((node) => (modelUuid === "model" ? node.published() : []))
        .filter(({ gateway }) => gateway !== this.wallet);
    return {
      nodesServing,
      find: (gateway, node, modelUuid) =>
        nodesServing(modelUuid).find(
          (one) => one.gateway === gateway && one.wallet === node.wallet && one.nodeId === node.nodeId,
        ),
      models: () => (nodesServing("model").length === 0 ? [] : [{ model_uuid: "model", available_nodes: 1 }]),
      peerIdOf: (wallet) => [...net.gateways.values()].find((one) => one.wallet === wallet)?.name,
      request: (peerId, data, signal) => net.request(this, peerId, data, signal),
      answer: (handler) => {
        this.handler = handler;
      },
      onPeer: () => () => {},
    };
  }
}

export interface NodeOptions {
  readonly priceWei?: string;
  readonly slots?: number;
  readonly workMs?: number;
  readonly fails?: string;
}

/** A compute node that works for as long as it says, and submits until it is acknowledged. */
export class SimNode {
  readonly signer: Signer;
  readonly info: NodeInfo.$Properties;
  readonly received: InferenceRequest.$Properties[] = [];
  readonly #net: FederationNetwork;
  readonly #gateways: readonly TestGateway[];
  readonly #options: NodeOptions;
  readonly #seen = new Map<string, number>();
  readonly #working = new Set<string>();
  readonly #cancelLoop: () => void;
  #connections = new AbortController();
  #isUp = true;

  constructor(net: FederationNetwork, id: string, gateways: readonly TestGateway[], options: NodeOptions) {
    this.#net = net;
    this.#gateways = gateways;
    this.#options = options;
    this.signer = createLocalSigner(net.random(32));
    this.info = {
      node_id: id,
      node_type: "compute",
      wallet_address: this.signer.address,
      max_tasks: options.slots ?? 2,
      supported_models: [{ model_uuid: "model", name: "model", price_wei: options.priceWei ?? "0" }],
    };
    this.#cancelLoop = net.clock.every(500, () => this.#tick());
    this.#tick();
  }

  /** As the network knows it, alive or not: it hears of a death late. */
  published(): ForeignNode[] {
    return this.#gateways.map((gateway) => ({
      nodeId: this.info.node_id ?? "",
      wallet: this.signer.address,
      gateway: gateway.wallet,
      subnetId: undefined,
      priceWei: BigInt(this.#options.priceWei ?? "0"),
      load: 0,
      freeSlots: 1,
      latencyMs: undefined,
    }));
  }

  /** Gone for good, with its work. */
  stop(): void {
    this.#isUp = false;
    this.#cancelLoop();
    this.#connections.abort();
  }

  #tick(): void {
    for (const gateway of this.#gateways) {
      if (!gateway.isUp) continue;
      const caller = { wallet: this.signer.address, proof: undefined };
      const { compute } = gateway.running;
      if (this.#seen.get(gateway.name) !== gateway.incarnation) {
        this.#seen.set(gateway.name, gateway.incarnation);
        void compute.register(this.info, caller);
        compute.receive(this.info, caller, (task) => this.#receive(gateway, task), this.#connections.signal);
      }
      const active = [...this.#working];
      compute
        .heartbeat(
          { node_id: this.info.node_id ?? "", active_tasks: active.length, active_request_ids: active },
          caller,
        )
        .catch(() => {});
    }
  }

  #receive(gateway: TestGateway, task: InferenceRequest.$Properties): void {
    const id = task.request_id ?? "";
    this.received.push(task);
    if (this.#working.has(id)) return;
    this.#working.add(id);
    this.#net.clock.after(
      this.#options.workMs ?? 300,
      () => void this.#submit(gateway, task, nowSec(this.#net.clock)),
    );
  }

  async #submit(
    gateway: TestGateway,
    task: InferenceRequest.$Properties,
    completedAtSec: number,
  ): Promise<void> {
    if (!this.#isUp) return;
    const response = await this.responseTo(task, completedAtSec);
    const again = () =>
      void this.#net.clock.after(700, () => void this.#submit(gateway, task, completedAtSec));
    if (!gateway.isUp) return again();
    const { incarnation } = gateway;
    try {
      await gateway.running.compute.submitResult(response, { wallet: this.signer.address });
      if (gateway.incarnation !== incarnation) return again();
    } catch (error) {
      if (!(error instanceof CountersignError)) throw error;
      if (error.code === "STORAGE_FAILED") return again();
    }
    this.#working.delete(task.request_id ?? "");
  }

  async responseTo(task: InferenceRequest.$Properties, completedAtSec: number) {
    const common = { request_id: task.request_id ?? "", model_uuid: task.model_uuid ?? "" };
    const { fails } = this.#options;
    if (fails !== undefined) return { ...common, status: "failed", error_message: fails, output_data: "" };
    const output = JSON.stringify({ text: "done", by: this.info.node_id });
    const terms = {
      requestId: common.request_id,
      modelUuid: common.model_uuid,
      resultHash: sha256(output),
      completionTimestamp: completedAtSec,
      computationTimeMs: 5,
    };
    const domain = signingDomain(this.#net.genesis, true);
    const signature = await this.signer.signTyped(computeCompletionMessage(domain, terms));
    return {
      ...common,
      output_data: output,
      status: "completed",
      error_message: "",
      compute_completion: {
        request_id: terms.requestId,
        compute_node_signature: toHex(signature),
        result_hash: terms.resultHash,
        completion_timestamp: terms.completionTimestamp,
        computation_time_ms: terms.computationTimeMs,
      },
    };
  }
}

/** Opens the escrow that the task's quote asks for. */
export function pay(net: FederationNetwork, task: Task): void {
  const { quote } = task;
  if (quote === undefined) throw new Error("no quote to pay");
  net.chain.put({
    requestId: task.requestId,
    state: "paid",
    payer: task.client,
    client: task.client,
    gatewayWallet: quote.validation.gateway_wallet ?? "",
    totalWei: BigInt(quote.totalWei),
    expirySec: quote.validation.expiry_timestamp ?? 0,
    validationDigest: preprocessingTyped(quote, task.client, net.genesis).digest,
    paymentTx: "0xpaid",
    paidBlock: 1,
    depth: 2,
    closingTx: undefined,
  });
}

/** Resolves once everything that was ready to run has run, database writes included. */
async function quiet(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await new Promise((resolve) => setImmediate(resolve));
}
