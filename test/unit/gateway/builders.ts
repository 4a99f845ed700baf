import assert from "node:assert/strict";
import { join } from "node:path";
import {
  CountersignError,
  type Genesis,
  genesisSchema,
  nowSec,
  sha256,
  signingDomain,
  silentLogger,
  systemRandom,
  toHex,
} from "../../../src/base/index.ts";
import {
  type Chain,
  computeCompletionMessage,
  createLocalSigner,
  type DepositPayment,
  type Escrow,
  preprocessingMessage,
  type Signer,
} from "../../../src/chain/index.ts";
import type { Cosigner, RoundRequest } from "../../../src/cosign/index.ts";
import { eventMigrations, openEventLog, type StoredEventLog } from "../../../src/events/index.ts";
import {
  type Gateway,
  gatewayConfigSchema,
  startGateway,
  taskMigrations,
} from "../../../src/roles/gateway/index.ts";
import { type Migration, openStore, type Store } from "../../../src/storage/index.ts";
import type {
  InferenceRequest,
  InferenceResponse,
  InferenceTaskStatus,
  NodeInfo,
} from "../../../src/wire/index.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { tempFolder } from "../../support/temp-folder.ts";

export const nobody = { wallet: undefined, proof: undefined };
export const by = (signer: Signer) => ({ wallet: signer.address, proof: undefined });
const never = new AbortController().signal;
const address = (digit: string) => `0x${digit.repeat(40)}`;

export const unpaidGenesis = (required = 1): Genesis =>
  genesisSchema.parse({ name: "test", chain: null, cosign: { required } });
export const paidGenesis = (): Genesis =>
  genesisSchema.parse({
    name: "test",
    chain: {
      chain_id: 1,
      token: address("1"),
      validator_registry: address("2"),
      inference_payment: address("3"),
      treasury: address("4"),
      confirmations: 2,
    },
    cosign: { required: 1 },
  });

/** Signs every round, or refuses the rounds named in `refused`; remembers what it was asked. */
export class ScriptedCosigner implements Cosigner {
  readonly asked: RoundRequest[] = [];
  readonly refused = new Set<string>();
  readonly outcome: "refused" | "no_answer";

  constructor(outcome: "refused" | "no_answer" = "refused") {
    this.outcome = outcome;
  }

  async run(request: RoundRequest, _signal?: AbortSignal) {
    this.asked.push(request);
    const reached = !this.refused.has(request.round);
    const verdict = {
      validator_address: address("5"),
      outcome: reached ? "signed" : this.outcome,
      reason: reached || this.outcome === "no_answer" ? "" : "NODE_UNKNOWN",
    };
    const signatures = reached
      ? [{ validator_address: address("5"), signature: `0x${"00".repeat(65)}`, timestamp: 1 }]
      : [];
    return {
      reached,
      signatures,
      trail: { round: request.round, subject: request.subject, required: 1, asked: 1, verdicts: [verdict] },
    };
  }
}

/** A chain with nothing on it but escrows that the test opens and closes. */
export class ScriptedChain
  implements Pick<Chain, "escrow" | "onEscrow" | "complete" | "markFailed" | "prepaidOf" | "payFromDeposit">
{
  readonly escrows = new Map<string, Escrow>();
  /** By client. */
  readonly deposits = new Map<string, bigint>();
  readonly calls: string[] = [];
  readonly #listeners = new Set<(requestId: string) => void>();
  isUp = true;

  async escrow(requestId: string): Promise<Escrow> {
    if (!this.isUp) throw new CountersignError("CHAIN_UNAVAILABLE", "down");
    const none = {
      requestId,
      state: "none" as const,
      payer: "",
      client: "",
      gatewayWallet: "",
      totalWei: 0n,
      expirySec: 0,
      validationDigest: new Uint8Array(32),
      paymentTx: "",
      paidBlock: 0,
      depth: 0,
      closingTx: undefined,
    };
    return this.escrows.get(requestId) ?? none;
  }

  onEscrow(listener: (requestId: string) => void) {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Puts an escrow on the chain and tells of it. */
  put(escrow: Escrow): void {
    this.escrows.set(escrow.requestId, escrow);
    for (const listener of this.#listeners) listener(escrow.requestId);
  }

  async prepaidOf(client: string): Promise<bigint> {
    if (!this.isUp) throw new CountersignError("CHAIN_UNAVAILABLE", "down");
    return this.deposits.get(client) ?? 0n;
  }

  async payFromDeposit({ terms }: DepositPayment): Promise<string> {
    if (!this.isUp) throw new CountersignError("CHAIN_UNAVAILABLE", "down");
    const { requestId, client } = terms;
    const earlier = this.escrows.get(requestId);
    if (earlier !== undefined) return earlier.paymentTx;
    const parts = [
      terms.computePriceWei,
      terms.gatewayGasWei,
      terms.validatorRewardWei,
      terms.treasuryFeeWei,
    ];
    const totalWei = parts.reduce<bigint>((sum, wei) => sum + BigInt(wei), 0n);
    const held = this.deposits.get(client) ?? 0n;
    if (held < totalWei)
      throw new CountersignError("PAYMENT_INVALID", "refused", { revert: "DepositTooSmall" });
    this.deposits.set(client, held - totalWei);
    this.calls.push(`prepaid ${requestId}`);
    this.put({
      requestId,
      state: "paid",
      payer: client,
      client,
      gatewayWallet: terms.gatewayWallet,
      totalWei,
      expirySec: terms.expiryTimestamp,
      validationDigest: preprocessingMessage(signingDomain(paidGenesis(), true), terms).digest,
      paymentTx: "0xprepaid",
      paidBlock: 1,
      depth: 2,
      closingTx: undefined,
    });
    return "0xprepaid";
  }

  async complete({ requestId }: { requestId: string }, _signal?: AbortSignal): Promise<string> {
    return this.#close(requestId, "completed");
  }

  async markFailed(requestId: string): Promise<string> {
    return this.#close(requestId, "refunded");
  }

  #close(requestId: string, state: "completed" | "refunded"): string {
    if (!this.isUp) throw new CountersignError("CHAIN_UNAVAILABLE", "down");
    const escrow = this.escrows.get(requestId);
    if (escrow?.state !== "paid") throw new CountersignError("PAYMENT_INVALID", "not paid");
    this.calls.push(`${state} ${requestId}`);
    const closingTx = `0x${state === "completed" ? "c" : "f"}`;
    this.escrows.set(requestId, { ...escrow, state, closingTx });
    return closingTx;
  }
}

export interface TestGateway {
  readonly gateway: Gateway;
  readonly clock: ManualClock;
  readonly cosigner: ScriptedCosigner;
  readonly chain: ScriptedChain;
  readonly genesis: Genesis;
  readonly signer: Signer;
  readonly store: Store;
  readonly events: StoredEventLog;
  /** Stops without a word to anybody and starts again on the same database. */
  restart(): Promise<TestGateway>;
  stop(): Promise<void>;
}

interface Options {
  readonly isPaid?: boolean;
  /** M, where nothing is paid. */
  readonly required?: number;
  readonly cosigner?: ScriptedCosigner;
  readonly wrapStore?: (store: Store) => Store;
  /** Of what else keeps its tables in the gateway's database. */
  readonly migrations?: readonly Migration[];
}

export async function testGateway(options: Options = {}): Promise<TestGateway> {
  const folder = tempFolder();
  const shared = {
    clock: new ManualClock(),
    chain: new ScriptedChain(),
    cosigner: options.cosigner ?? new ScriptedCosigner(),
    genesis: options.isPaid === true ? paidGenesis() : unpaidGenesis(options.required),
    signer: createLocalSigner(systemRandom(32)),
  };
  let receipts = 0;
  const open = async (): Promise<TestGateway> => {
    const plain = await openStore({
      path: join(folder.path, "db"),
      migrations: [...eventMigrations, ...taskMigrations, ...(options.migrations ?? [])],
    });
    const store = options.wrapStore?.(plain) ?? plain;
    const events = await openEventLog(store, shared.clock);
    const gateway = await startGateway({
      config: gatewayConfigSchema.parse({}),
      genesis: shared.genesis,
      signer: shared.signer,
      store,
      events,
      chain: options.isPaid === true ? (shared.chain as unknown as Chain) : undefined,
      validatorSet: () => ({
        entries: [],
        asked: 1,
        required: shared.genesis.cosign.required,
        blockNumber: undefined,
      }),
      cosigner: shared.cosigner,
      receiptOf: async (task) =>
        JSON.stringify({ receipt_of: task.requestId, payout: task.payoutTx ?? null, number: ++receipts }),
      observer: { observe() {} },
      reputationOf: () => 0,
      knowsModel: () => false,
      vouch: async () => {},
      otherGateways: undefined,
      heartbeatIntervalMs: 10_000,
      clock: shared.clock,
      random: systemRandom,
      logger: silentLogger,
    });
    const close = async () => {
      await gateway.stop();
      await events.stop();
      await store.close();
    };
    return {
      ...shared,
      gateway,
      store,
      events,
      async restart() {
        await close();
        return open();
      },
      async stop() {
        await close();
        folder.remove();
      },
    };
  };
  return open();
}

/** A compute node that runs in the test: what it was sent, and results signed by its wallet. */
export class TestNode {
  readonly signer = createLocalSigner(systemRandom(32));
  readonly received: InferenceRequest.$Properties[] = [];
  readonly info: NodeInfo.$Properties;
  #connection = new AbortController();
  #onTask: (() => void) | undefined;

  constructor(options: { id?: string; priceWei?: string; slots?: number } = {}) {
    this.info = {
      node_id: options.id ?? "node-1",
      node_type: "compute",
      wallet_address: this.signer.address,
      max_tasks: options.slots ?? 4,
      supported_models: [{ model_uuid: "model", name: "model", price_wei: options.priceWei ?? "0" }],
    };
  }

  connect({ gateway }: TestGateway): void {
    this.#connection = new AbortController();
    void gateway.compute.register(this.info, { ...by(this.signer), proof: undefined });
    gateway.compute.receive(
      this.info,
      by(this.signer),
      (task) => {
        this.received.push(task);
        this.#onTask?.();
      },
      this.#connection.signal,
    );
  }

  disconnect(): void {
    this.#connection.abort();
  }

  /** The n-th task sent to this node, once it is. */
  async task(count = 1): Promise<InferenceRequest.$Properties> {
    while (this.received.length < count) {
      await new Promise<void>((resolve) => {
        this.#onTask = resolve;
      });
    }
    const task = this.received[count - 1];
    if (task === undefined) throw new Error("unreachable");
    return task;
  }

  async resultOf(
    task: InferenceRequest.$Properties,
    { clock, genesis }: TestGateway,
    output = '{"text":"done"}',
  ) {
    const terms = {
      requestId: task.request_id ?? "",
      modelUuid: task.model_uuid ?? "",
      resultHash: sha256(output),
      completionTimestamp: nowSec(clock),
      computationTimeMs: 5,
    };
    const signature = await this.signer.signTyped(
      computeCompletionMessage(signingDomain(genesis, true), terms),
    );
    return {
      request_id: terms.requestId,
      model_uuid: terms.modelUuid,
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
    } satisfies InferenceResponse.$Properties;
  }

  async finish(net: TestGateway, output?: string): Promise<void> {
    const task = await this.task(this.received.length || 1);
    await net.gateway.compute.submitResult(await this.resultOf(task, net, output), by(this.signer));
  }
}

export function request(requestId = "request-1", client = ""): InferenceRequest.$Properties {
  return {
    request_id: requestId,
    model_uuid: "model",
    input_data: '{"prompt":"hello"}',
    originator_client_id: client,
  };
}

export function submit(
  { gateway }: TestGateway,
  message = request(),
  caller: { wallet: string | undefined; paysFromDeposit?: boolean } = nobody,
) {
  return gateway.clients.submit(message, caller, never);
}

/** The task's status once the condition holds; looks again whenever the store has news. */
export async function statusWhen(
  net: TestGateway,
  id: string,
  isTrue: (status: InferenceTaskStatus.$Properties) => boolean,
): Promise<InferenceTaskStatus.$Properties> {
  // A failing test must end: mocha cannot stop a loop.
  const endMs = Date.now() + 10_000;
  for (;;) {
    const status = await net.gateway.clients.status(id, nobody);
    if (isTrue(status)) return status;
    assert.ok(Date.now() < endMs, `the task stays ${status.status}: ${status.error_message}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export function allUpdates({ gateway }: TestGateway, id: string): Promise<InferenceResponse.$Properties[]> {
  return Array.fromAsync(gateway.clients.updates(id, nobody, never));
}
