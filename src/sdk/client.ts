import { toHex, zeroAddress } from "../base/bytes.ts";
import { type Clock, type RandomBytes, sleep, systemClock, systemRandom } from "../base/clock.ts";
import { CallSigner } from "./call-signer.ts";
import type {
  CallOptions,
  ClientOptions,
  NodeQuery,
  Payment,
  PayOptions,
  StreamOptions,
  SubmitRequest,
  Task,
  TaskResult,
  TaskUpdate,
  WaitOptions,
} from "./client-types.ts";
import { badArgument, failureOf, SdkError } from "./errors.ts";
import { evmAt, evmOf } from "./evm.ts";
import { followTask } from "./follow-task.ts";
import { Http, type HttpCall } from "./http.ts";
import type {
  Ack,
  InferenceResponse,
  ModelInfo,
  NetworkStatus,
  NodeInfo,
  TaskStatus,
  ValidatorInfo,
} from "./messages.ts";
import { type Network, networkFromStatus, networkOf } from "./network.ts";
import { payEscrow } from "./payment.ts";
import { type SdkReceiptCheck, type VerifyReceiptOptions, verifyReceipt } from "./receipts.ts";
import { Patience } from "./retry.ts";
import { clientOf, isOpen, taskOf } from "./task.ts";
import type { PayingWallet, Wallet } from "./wallets.ts";

type TaskName = string | Pick<Task, "id">;

const usualGiveUpMs = 60_000;
const usualRetries = 4;
/** How long one answer may be waited for: shorter than any proxy's patience. */
const longPollSec = 20;
/** With a listener, which wants to know what goes on. */
const watchedPollSec = 2;
const pollMs = 500;

/** A client of one gateway. @throws SdkError INVALID_ARGUMENT for a URL that is none */
export function createClient(options: ClientOptions): Client {
  return new Client(options);
}

export class Client {
  readonly #http: Http;
  readonly #wallet: Wallet | undefined;
  readonly #clock: Clock;
  readonly #random: RandomBytes;
  readonly #fetch: typeof fetch;
  readonly #genesis: unknown;
  #network: Promise<Network> | undefined;

  constructor(options: ClientOptions) {
    const { url, wallet, apiKey, sign = "needed", retries = usualRetries } = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? systemRandom;
    // A browser's fetch wants to be called as the window's.
    this.#fetch = options.fetch ?? ((input, init) => fetch(input, init));
    this.#wallet = wallet;
    this.#genesis = options.genesis;
    const network = (signal: AbortSignal) => this.#knownNetwork(signal);
    const signer =
      wallet === undefined
        ? undefined
        : new CallSigner({ wallet, network, clock: this.#clock, random: this.#random });
    this.#http = new Http({ url, apiKey, signer, sign, retries, fetch: this.#fetch, clock: this.#clock });
  }

  /**
   * Hands in a task. Answers its terms once validators have signed them; may be repeated by itself, the task is one.
   * @throws SdkError MODEL_NOT_FOUND, NO_COMPUTE_NODE, QUORUM_NOT_REACHED with the trail, and others
   */
  async submit(request: SubmitRequest, { signal = endless() }: CallOptions = {}): Promise<Task> {
    const client = this.#wallet?.address.toLowerCase() ?? "";
    const status = await this.#http.ask<TaskStatus>({
      method: "POST",
      target: "/api/v1/inference",
      operation: "SubmitInferenceTask",
      body: {
        model_uuid: request.model,
        input_data: typeof request.input === "string" ? request.input : JSON.stringify(request.input),
        ...(request.requestId === undefined ? {} : { request_id: request.requestId }),
        ...(client === "" ? {} : { originator_client_id: client }),
        ...(request.subnetId === undefined ? {} : { subnet_id: String(request.subnetId) }),
        ...(request.recheck === true ? { options: { recheck: true } } : {}),
      },
      headers: { "idempotency-key": toHex(this.#random(16)) },
      signal,
    });
    return taskOf(status, client);
  }

  /** A task's status, now. @throws SdkError TASK_NOT_FOUND */
  async status(task: TaskName, { signal = endless() }: CallOptions = {}): Promise<TaskStatus> {
    return await this.#ask(pathOf(task), "GetTaskStatus", signal);
  }

  /**
   * Pays a task's escrow from the wallet and tells the gateway. Pays no task twice, also when it is called again after
   * something broke off.
   * @throws SdkError PAYMENT_INVALID, CONFIG_INVALID, CHAIN_UNAVAILABLE
   */
  async pay(task: Task, options: PayOptions = {}): Promise<Payment> {
    const { signal = endless(), maxPriceWei, allowance = "permit", rpcUrl } = options;
    const wallet = payingWallet(options.wallet ?? this.#wallet);
    const request = rpcUrl === undefined ? evmOf(wallet.provider) : evmAt(rpcUrl, this.#fetch);
    if (request === undefined)
      throw badArgument("wallet", wallet.address, "a wallet with a provider that has `send`, or rpcUrl");
    const network = await this.#knownNetwork(signal);
    const client = clientOf(task) ?? zeroAddress;
    const paid = await payEscrow({
      terms: task.status,
      client,
      network,
      wallet,
      request,
      allowance,
      maxPriceWei,
      clock: this.#clock,
      signal,
    });
    const ack = await this.#http.ask<Ack>({
      method: "POST",
      target: `${pathOf(task)}/payment`,
      operation: "ConfirmPayment",
      // A signature covers the body alone, so the body says again what the path says.
      body: {
        request_id: task.requestId,
        ...(client === zeroAddress ? {} : { originator_wallet: client }),
        tx_hash: paid.txHash,
        block_number: String(paid.blockNumber),
      },
      signal,
    });
    return { ...paid, message: ack.message };
  }

  /**
   * Waits for a task's output, also over a restart of the gateway.
   * @throws SdkError the task's failure, such as COMPUTE_FAILED, PAYMENT_EXPIRED or CANCELLED, with the trail
   */
  async wait(task: TaskName, options: WaitOptions = {}): Promise<TaskResult> {
    const { signal = endless(), onProgress, untilSettled = false, giveUpMs = usualGiveUpMs } = options;
    const patience = new Patience(this.#clock, giveUpMs);
    const waitSec = onProgress === undefined ? longPollSec : watchedPollSec;
    let shown = "";
    for (;;) {
      const askedAtMs = this.#clock.nowMs();
      let status: TaskStatus;
      try {
        status = await this.#ask(`${pathOf(task)}?wait=${waitSec}s`, "GetTaskStatus", signal, 0);
        patience.renew();
      } catch (error) {
        await patience.bear(error, signal);
        continue;
      }
      const text = JSON.stringify(status);
      if (text !== shown) onProgress?.(status);
      shown = text;
      if (status.status === "failed") throw failureOf(status);
      if (status.status === "completed" && !(untilSettled && isOpen(status)))
        return await this.#result(task, status, signal);
      // It may have answered at once: a gateway that stops, or a task that is over but not settled.
      const restMs = askedAtMs + pollMs - this.#clock.nowMs();
      if (restMs > 0) await sleep(this.#clock, restMs, signal);
    }
  }

  /**
   * What happens to a task until it is completed, with its output as it grows. Each thing comes once and in order,
   * also over a restart of the gateway; with a `cursor` of an earlier update, only what came after it.
   * @throws SdkError the task's failure
   */
  async *stream(task: TaskName, options: StreamOptions = {}): AsyncGenerator<TaskUpdate, void, undefined> {
    const { signal = endless(), giveUpMs = usualGiveUpMs, cursor } = options;
    yield* followTask(this.#http, this.#clock, pathOf(task), { signal, giveUpMs, cursor });
  }

  /** Cancels a task; what was paid for it is refunded. @throws SdkError TASK_ENDED, ACCESS_DENIED */
  async cancel(task: TaskName, { signal = endless() }: CallOptions = {}): Promise<Ack> {
    const call = { method: "DELETE", target: pathOf(task), operation: "CancelTask", isAct: true } as const;
    return await this.#http.ask({ ...call, signal });
  }

  /** Models that tasks can be submitted for. */
  models({ signal = endless() }: CallOptions = {}): Promise<ModelInfo[]> {
    return this.#items("/api/v1/models", "GetSupportedModels", signal);
  }

  /** Nodes of the network, the best first. Needs a node with the role registry. @throws SdkError NOT_SERVED */
  nodes(query: NodeQuery = {}): Promise<NodeInfo[]> {
    const { signal = endless(), nodeType, model, subnetId, capabilities, includeOffline, limit } = query;
    const parameters = new URLSearchParams();
    const set = (name: string, value: unknown) =>
      value === undefined || parameters.append(name, String(value));
    set("node_type", nodeType);
    set("model_uuid", model);
    set("subnet_id", subnetId);
    for (const capability of capabilities ?? []) set("capabilities", capability);
    set("include_offline", includeOffline);
    set("limit", limit);
    return this.#items(withQuery("/api/v1/nodes", parameters), "DiscoverNodes", signal);
  }

  /** Validators, most stake first. Needs a node with the role registry. @throws SdkError NOT_SERVED */
  validators(options: CallOptions & { activeOnly?: boolean; limit?: number } = {}): Promise<ValidatorInfo[]> {
    const parameters = new URLSearchParams();
    if (options.activeOnly !== undefined) parameters.set("active_only", String(options.activeOnly));
    if (options.limit !== undefined) parameters.set("limit", String(options.limit));
    const target = withQuery("/api/v1/validators", parameters);
    return this.#items(target, "ListValidators", options.signal ?? endless());
  }

  /** The node behind the URL, and what it sees of its network. */
  network({ signal = endless() }: CallOptions = {}): Promise<NetworkStatus> {
    return this.#ask("/api/v1/network", "GetNodeStatus", signal);
  }

  /** As the function of that name; a client that was given its genesis takes receipts of that network only. */
  verifyReceipt(receipt: unknown, options: VerifyReceiptOptions = {}): Promise<SdkReceiptCheck> {
    const genesis = this.#genesis === undefined ? {} : { genesis: this.#genesis };
    return verifyReceipt(receipt, { fetch: this.#fetch, ...genesis, ...options });
  }

  async #result(task: TaskName, status: TaskStatus, signal: AbortSignal): Promise<TaskResult> {
    const response = await this.#ask<InferenceResponse>(`${pathOf(task)}/result`, "GetTaskStatus", signal);
    const receipt = status.receipt_json ?? response.receipt_json ?? "";
    return { requestId: status.request_id, output: response.output_data, receipt, status, response };
  }

  #ask<T>(target: string, operation: string, signal: AbortSignal, retries?: number): Promise<T> {
    const call: HttpCall = { method: "GET", target, operation, signal };
    return this.#http.ask(retries === undefined ? call : { ...call, retries });
  }

  async #items<T>(target: string, operation: string, signal: AbortSignal): Promise<T[]> {
    return (await this.#ask<{ items: T[] }>(target, operation, signal)).items;
  }

  /** Once known, it stays: a gateway does not change its network. */
  async #knownNetwork(signal: AbortSignal): Promise<Network> {
    this.#network ??= this.#findNetwork(signal);
    try {
      return await this.#network;
    } catch (error) {
      this.#network = undefined;
      throw error;
    }
  }

  /** Unsigned, since what is signed names the network. */
  async #findNetwork(signal: AbortSignal): Promise<Network> {
    if (this.#genesis !== undefined) return networkOf(this.#genesis);
    return networkFromStatus(await this.network({ signal }));
  }
}

const endless = (): AbortSignal => new AbortController().signal;

const idOf = (task: TaskName): string => (typeof task === "string" ? task : task.id);

function pathOf(task: TaskName): string {
  const id = idOf(task);
  if (typeof id !== "string" || id === "") throw badArgument("task", id, "a task, or its id");
  return `/api/v1/inference/${encodeURIComponent(id)}`;
}

function payingWallet(wallet: Wallet | undefined): PayingWallet {
  if (typeof (wallet as Partial<PayingWallet> | undefined)?.sendTransaction === "function")
    return wallet as PayingWallet;
  throw new SdkError("PAYMENT_INVALID", "there is no wallet that sends transactions; nothing was paid", {
    field: "wallet",
    fix: "Give the client a signer of ethers with a provider, or browserWallet(window.ethereum).",
  });
}

function withQuery(path: string, parameters: URLSearchParams): string {
  return parameters.size === 0 ? path : `${path}?${parameters}`;
}
