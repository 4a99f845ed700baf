import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { silentLogger, systemClock, systemRandom } from "../../src/base/index.ts";
import { type Chain, connectChain, createLocalSigner, signedHeaders } from "../../src/chain/index.ts";
import { RpcClient } from "../../src/chain/rpc.ts";
import { createPayer } from "../../src/cli/payer.ts";
import { type Devnet, type DevnetShape, startDevnet } from "../../src/devnet/index.ts";
import { databaseFile } from "../../src/node/index.ts";
import { type CallHeaders, type CallOptions, GrpcClient } from "../../src/wire/grpc-client.ts";
import {
  gatewayClientService as clients,
  type countersign,
  type InferenceRequest,
  type InferenceTaskStatus,
  nodeService,
} from "../../src/wire/index.ts";
import { program } from "./command-line.ts";
import { tempFolder } from "./temp-folder.ts";

/** An upper bound for anything that has to happen: other programs may hold the machine meanwhile. */
export const patienceMs = 60_000;
const pollMs = 50;
const callDeadlineMs = 60_000;

/** Asks again and again until the answer is something. A probe that throws is asked again too. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const endMs = systemClock.nowMs() + patienceMs;
  let problem = "";
  for (;;) {
    try {
      const found = await probe();
      if (found !== undefined && found !== null) return found;
      problem = "";
    } catch (error) {
      problem = `; last: ${(error as Error).message}`;
    }
    if (systemClock.nowMs() > endMs) throw new Error(`${what}: not within ${patienceMs} ms${problem}`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

export type Balances = Readonly<Record<string, bigint>>;

/** A network of processes, with what a test needs to break it and to look at it. */
export class TestDevnet {
  readonly net: Devnet;
  readonly headers: CallHeaders;
  readonly client: string;
  readonly #chain: Chain | undefined;
  readonly #folder: ReturnType<typeof tempFolder>;
  readonly #frozen = new Set<number>();
  readonly #connections = new Map<string, GrpcClient>();
  readonly #forever = new AbortController();
  readonly #thawAtExit = () => {
    for (const pid of this.#frozen) process.kill(pid, "SIGKILL");
  };

  private constructor(net: Devnet, chain: Chain | undefined, folder: ReturnType<typeof tempFolder>) {
    const { client, genesis } = net.plan;
    const signer = createLocalSigner(client.privateKey);
    this.net = net;
    this.client = signer.address;
    this.headers = signedHeaders({ signer, genesis, clock: systemClock, random: systemRandom });
    this.#chain = chain;
    this.#folder = folder;
    // A frozen process does not notice that its parent is gone.
    process.once("exit", this.#thawAtExit);
  }

  static async start(shape: Partial<DevnetShape>): Promise<TestDevnet> {
    const folder = tempFolder();
    const net = await startDevnet({
      shape: {
        validators: 1,
        gateways: 1,
        computeNodes: 1,
        withChain: true,
        modelUrl: undefined,
        modelName: undefined,
        logLevel: "info",
        ...shape,
      },
      ports: { useReference: false },
      folder: folder.path,
      program,
      clock: systemClock,
      random: systemRandom,
      signal: new AbortController().signal,
      onStep: () => {},
    });
    return TestDevnet.around(net, folder);
  }

  /** A network that was started in another way. Its folder goes when it stops. */
  static async around(net: Devnet, folder: ReturnType<typeof tempFolder>): Promise<TestDevnet> {
    const { genesis, rpcUrl } = net.plan;
    const chain =
      rpcUrl === undefined
        ? undefined
        : await connectChain({ rpcUrl, genesis, clock: systemClock, logger: silentLogger, pollMs: 100 });
    return new TestDevnet(net, chain, folder);
  }

  /** Stops everything, and fails when a node's part did not stop in time. */
  async stop(): Promise<void> {
    for (const pid of [...this.#frozen]) this.#thaw(pid);
    process.off("exit", this.#thawAtExit);
    this.#forever.abort();
    for (const connection of this.#connections.values()) connection.close();
    await this.#chain?.stop();
    await this.net.stop();
    const late = this.net.nodes.flatMap((node) =>
      readFileSync(node.logFile, "utf8")
        .split("\n")
        .filter((line) => line.includes("did not stop in time") || line.includes("failed to stop"))
        .map((line) => `${node.name}: ${line}`),
    );
    this.#folder.remove();
    assert.deepEqual(late, []);
  }

  // ---- breaking things ----

  freeze(...names: string[]): void {
    for (const name of names) {
      const pid = this.#pidOf(name);
      process.kill(pid, "SIGSTOP");
      this.#frozen.add(pid);
    }
  }

  thaw(...names: string[]): void {
    for (const name of names) this.#thaw(this.#pidOf(name));
  }

  async kill(...names: string[]): Promise<void> {
    await Promise.all(
      names.map(async (name) => {
        this.#frozen.delete(this.#pidOf(name));
        await this.net.node(name).kill();
      }),
    );
  }

  async restart(...names: string[]): Promise<void> {
    await Promise.all(names.map((name) => this.net.node(name).start(this.#forever.signal)));
  }

  /** Resolves when all nodes of the network, which must be up, know each other. */
  async serving(): Promise<void> {
    await this.net.untilServing(this.#forever.signal);
  }

  async bringBack(...names: string[]): Promise<void> {
    await this.restart(...names);
    await this.serving();
  }

  /** Changes or reads a node's database beside the node. */
  inDatabase<T>(name: string, work: (database: DatabaseSync) => T): T {
    const database = new DatabaseSync(join(this.net.node(name).folder, "data", databaseFile), {
      timeout: patienceMs,
    });
    try {
      return work(database);
    } finally {
      database.close();
    }
  }

  /** Lets the gateway's disk refuse to note that the task went to that state, as a full one would. */
  holdTransition(gateway: string, requestId: string, state: string): void {
    this.inDatabase(gateway, (database) =>
      database.exec(
        `CREATE TRIGGER held BEFORE UPDATE ON gateway_tasks
         WHEN NEW.request_id = '${requestId}' AND NEW.state = '${state}' BEGIN SELECT RAISE(FAIL, 'held by a test'); END`,
      ),
    );
  }

  releaseTransitions(gateway: string): void {
    this.inDatabase(gateway, (database) => database.exec("DROP TRIGGER held"));
  }

  /** From now on transactions wait. */
  async holdBlocks(): Promise<void> {
    await this.#rpc("evm_setAutomine", [false]);
  }

  async releaseBlocks(): Promise<void> {
    await this.#rpc("evm_setAutomine", [true]);
    await this.#rpc("evm_mine", []);
  }

  async hasPendingTransactions(): Promise<true | undefined> {
    const { pending } = (await this.#rpc("txpool_status", [])) as { pending: string };
    return Number(pending) > 0 ? true : undefined;
  }

  async dropPendingTransactions(): Promise<void> {
    await this.#rpc("anvil_dropAllTransactions", []);
  }

  #rpc(method: string, params: readonly unknown[]): Promise<unknown> {
    return new RpcClient(this.net.plan.rpcUrl ?? "", systemClock).call(method, params);
  }

  #thaw(pid: number): void {
    if (this.#frozen.delete(pid)) process.kill(pid, "SIGCONT");
  }

  #pidOf(name: string): number {
    const pid = name === "chain" ? this.net.chain?.pid : this.net.node(name).pid;
    if (pid === undefined) throw new Error(`${name} has no process`);
    return pid;
  }

  // ---- the client's side ----

  /** A connection to a node's gRPC port; kept until the end. */
  at(name: string): GrpcClient {
    let connection = this.#connections.get(name);
    if (connection === undefined) {
      connection = new GrpcClient(this.addressOf(name), {
        // Restarted nodes are to be found again at once.
        "grpc.initial_reconnect_backoff_ms": 100,
        "grpc.max_reconnect_backoff_ms": 500,
      });
      this.#connections.set(name, connection);
    }
    return connection;
  }

  addressOf(name: string): string {
    return this.net.planned(name).grpcAddress ?? "";
  }

  walletOf(name: string): string {
    return this.net.planned(name).address;
  }

  /** Of a call that the client's wallet signs. */
  get signed(): CallOptions {
    return { signal: this.#forever.signal, headers: this.headers, deadlineMs: callDeadlineMs };
  }

  get unsigned(): CallOptions {
    return { signal: this.#forever.signal, deadlineMs: callDeadlineMs };
  }

  submit(
    requestId: string,
    fields: Partial<InferenceRequest.$Properties> = {},
    gateway = "gateway-1",
  ): Promise<InferenceTaskStatus> {
    return this.at(gateway).call(
      clients.SubmitInferenceTask,
      {
        request_id: requestId,
        model_uuid: "tiny-text",
        input_data: JSON.stringify({ prompt: "The network", max_tokens: 4 }),
        originator_client_id: this.client,
        ...fields,
      } as InferenceRequest,
      this.signed,
    );
  }

  /** Submits, and fails unless the validators signed the task's terms. */
  async terms(
    requestId: string,
    fields: Partial<InferenceRequest.$Properties> = {},
  ): Promise<InferenceTaskStatus> {
    const terms = await this.submit(requestId, fields);
    assert.equal(
      terms.payment_status?.preprocessing_complete,
      true,
      `${terms.status} ${terms.error_message} ${JSON.stringify(terms.quorum_trail)}`,
    );
    return terms;
  }

  /** Pays the escrow on chain and tells nobody. */
  async pay(terms: InferenceTaskStatus.$Properties): Promise<{ txHash: string; blockNumber: number }> {
    const { client, genesis, rpcUrl = "" } = this.net.plan;
    return createPayer(client.privateKey, genesis, rpcUrl).pay(terms, this.#forever.signal);
  }

  async confirm(requestId: string, txHash: string, gateway = "gateway-1"): Promise<void> {
    await this.at(gateway).call(
      clients.ConfirmPayment,
      { request_id: requestId, tx_hash: txHash, originator_wallet: this.client },
      this.signed,
    );
  }

  async cancel(requestId: string, gateway = "gateway-1"): Promise<void> {
    await this.at(gateway).call(clients.CancelTask, { id: `${this.client}/${requestId}` }, this.signed);
  }

  status(requestId: string, gateway = "gateway-1"): Promise<InferenceTaskStatus> {
    return this.at(gateway).call(clients.GetTaskStatus, { id: `${this.client}/${requestId}` }, this.signed);
  }

  /** The task as the gateway's disk has it. */
  async summary(requestId: string, gateway = "gateway-1"): Promise<countersign.v1.TaskSummary | undefined> {
    const tasks = await Array.fromAsync(
      this.at(gateway).stream(nodeService.ListTasks, { limit: 100 }, this.signed),
    );
    return tasks.find((task) => task.request_id === requestId);
  }

  /** Numbers of a gateway's tasks by state. */
  async taskStates(gateway: string): Promise<Record<string, number>> {
    return (await this.at(gateway).call(nodeService.GetNodeStatus, {}, this.unsigned)).tasks;
  }

  async reached(requestId: string, state: string, gateway = "gateway-1"): Promise<void> {
    let last: string | undefined;
    await until(`task ${requestId} in state ${state}`, async () => {
      last = (await this.summary(requestId, gateway))?.state;
      if (last === "failed" && state !== "failed") return true;
      return last === state || undefined;
    });
    assert.equal(last, state, (await this.summary(requestId, gateway))?.error);
  }

  // ---- money ----

  /** Token balances by name: of the client, each node, the treasury, the contracts and the first owner. */
  async balances(): Promise<Balances> {
    const { plan } = this.net;
    const parties: [string, string][] = [
      ["client", plan.client.address],
      ...plan.nodes.map(({ name, address }): [string, string] => [name, address]),
      ["treasury", plan.treasury],
      ["escrow", plan.genesis.chain?.inference_payment ?? ""],
      ["stakes", plan.genesis.chain?.validator_registry ?? ""],
      ["deployer", "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266"],
    ];
    const found = await Promise.all(
      parties.map(async ([name, address]) => [name, await this.#chain?.balanceOf(address)] as const),
    );
    return Object.fromEntries(found) as Balances;
  }
}

export function sumOf(balances: Balances): bigint {
  return Object.values(balances).reduce((sum, balance) => sum + balance, 0n);
}

/** What changed, by name; no entry for what did not. */
export function changes(before: Balances, after: Balances): Balances {
  return Object.fromEntries(
    Object.entries(after)
      .map(([name, balance]) => [name, balance - (before[name] ?? 0n)] as const)
      .filter(([, difference]) => difference !== 0n),
  );
}
