import {
  type Clock,
  CountersignError,
  type Genesis,
  invalidField,
  type RandomBytes,
  shown,
  sleep,
  zeroAddress,
} from "../../base/index.ts";
import type { NewEvent } from "../../events/event-log.ts";
import { deadlinesOf } from "../../proof/terms.ts";
import {
  type Ack,
  type InferenceRequest,
  InferenceResponse,
  type InferenceTaskStatus,
  type ModelInfo,
  type TransactionConfirmation,
} from "../../wire/index.ts";
import type { ComputePool } from "./compute-pool.ts";
import type { Payments } from "./payments.ts";
import type { ReceiptsOnRequest } from "./receipts.ts";
import { isEnded, publishedStatus, type Task, taskKey } from "./task.ts";
import type { TaskStore } from "./task-store.ts";
import { errorMessageOf, ownerOf, responseOf, statusOf } from "./task-view.ts";

/** For whom a call acts: a wallet that signed it, or that an API key stands for; or nobody in particular. */
export interface Caller {
  readonly wallet: string | undefined;
  /** Where an API key stands for the wallet: a key cannot pay, so the wallet's deposit does. */
  readonly paysFromDeposit?: boolean;
}

export interface ClientServiceOptions {
  readonly tasks: TaskStore;
  readonly pool: ComputePool;
  readonly payments: Payments | undefined;
  readonly receipts: ReceiptsOnRequest;
  readonly genesis: Genesis;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly maxOpenTasks: number;
  readonly run: (task: Task) => void;
  readonly abandon: (task: Task, reason: CountersignError) => void;
  readonly partials: ReadonlyMap<string, InferenceResponse.$Properties>;
  /** True for a model that some node of the network serves, here or elsewhere, heard of just now or not. */
  readonly knowsModel: (modelUuid: string) => boolean;
  /** Models within reach behind other gateways. */
  readonly modelsElsewhere: () => readonly ModelInfo.$Properties[];
  readonly stopping: AbortSignal;
}

/** How long ConfirmPayment waits for a payment that this gateway's chain node has not seen yet. */
const confirmWaitMs = 5_000;
const confirmPollMs = 200;

/** What clients may ask of a gateway; the messages have been checked field by field. */
export class ClientService {
  readonly #o: ClientServiceOptions;

  constructor(options: ClientServiceOptions) {
    this.#o = options;
  }

  /** Takes a task in and answers with its terms once validators have signed them, or with its failure. */
  async submit(
    request: InferenceRequest.$Properties,
    caller: Caller,
    signal: AbortSignal,
  ): Promise<InferenceTaskStatus.$Properties> {
    const client = this.#clientOf(request, caller);
    const requestId = request.request_id || uuidV7(this.#o.clock.nowMs(), this.#o.random);
    const key = taskKey(client, requestId);
    const known = await this.#o.tasks.find(key);
    if (known !== undefined) {
      if (!isSameContent(known, request)) {
        throw new CountersignError(
          "ALREADY_EXISTS",
          `request_id: "${requestId}" was used for another request of this client`,
          {
            field: "request_id",
          },
        );
      }
      if (request.transaction_confirmation != null)
        await this.confirmPayment(request.transaction_confirmation, caller, signal);
      return this.#proven(known);
    }
    if (!this.#o.pool.isServed(request.model_uuid ?? "") && !this.#o.knowsModel(request.model_uuid ?? "")) {
      throw new CountersignError(
        "MODEL_NOT_FOUND",
        `model_uuid: ${shown(request.model_uuid)} is served by no node of this network; GetSupportedModels lists what is`,
        { field: "model_uuid" },
      );
    }
    if (this.#o.tasks.liveCount >= this.#o.maxOpenTasks) {
      throw new CountersignError(
        "UNAVAILABLE",
        `this gateway has ${this.#o.maxOpenTasks} tasks under way already`,
      );
    }
    const task = newTask(key, client, requestId, request, caller, this.#o.clock.nowMs());
    const stored = this.#o.tasks.insert(task);
    this.#o.run(task);
    try {
      await stored;
    } catch (error) {
      this.#o.abandon(task, error as CountersignError);
      throw error;
    }
    await this.#changed(task, () => task.state !== "received" && task.state !== "quoted", signal);
    // Nobody shall pay on terms that a crash could take back.
    if (task.quote?.isPaid === true) await this.#o.tasks.stored(task);
    // Who could not be served at all is told so by the call's own status; the task stays on record as failed.
    if (isRefusedAtOnce(task))
      throw new CountersignError(task.failure.code, task.failure.message, { request_id: requestId });
    return this.#statusOf(task);
  }

  async status(id: string, caller: Caller): Promise<InferenceTaskStatus.$Properties> {
    return this.#proven(await this.#find(id, caller));
  }

  async cancel(id: string, caller: Caller): Promise<Ack.$Properties> {
    const task = await this.#find(id, caller);
    this.#requireOwner(task, caller);
    if (task.failure?.code === "CANCELLED")
      return { success: true, message: "the task was cancelled before" };
    if (isEnded(task) || task.state === "completed") {
      throw new CountersignError(
        "TASK_ENDED",
        `the task is ${publishedStatus(task.state)} and cannot be cancelled`,
      );
    }
    this.#o.abandon(task, new CountersignError("CANCELLED", "cancelled by its client"));
    await this.#changed(task, () => isEnded(task), this.#o.stopping);
    await this.#o.tasks.stored(task);
    return { success: true, message: "cancelled" };
  }

  /** Looks at the chain; the confirmation itself is only a hint where to look. */
  async confirmPayment(
    claim: TransactionConfirmation.$Properties,
    caller: Caller,
    signal: AbortSignal,
  ): Promise<Ack.$Properties> {
    const owner = claim.originator_wallet || undefined;
    const task = await this.#find(
      owner === undefined ? (claim.request_id ?? "") : taskKey(owner, claim.request_id ?? ""),
      caller,
      claim,
    );
    const { payments } = this.#o;
    if (task.failure !== undefined) {
      payments?.refundLater(task);
      // The gateway saw the payment by itself and went on; the client's confirmation is as true as before.
      if (task.paymentTx !== undefined) {
        return {
          success: true,
          message: `payment was confirmed; the task has failed since (${errorMessageOf(task)}) and is refunded`,
        };
      }
      throw new CountersignError(
        "TASK_ENDED",
        `the task has failed (${errorMessageOf(task)}); what was paid for it is refunded`,
      );
    }
    if (task.state === "received" || task.state === "quoted") {
      throw new CountersignError(
        "PAYMENT_INVALID",
        "the task's terms are not signed yet; there is nothing to pay",
      );
    }
    if (payments === undefined || task.quote?.isPaid !== true) {
      throw new CountersignError("PAYMENT_INVALID", "this task asks for no payment");
    }
    const { found, escrow } = await this.#awaitEscrow(task, payments, signal);
    if (found === "unpaid") {
      throw new CountersignError(
        "PAYMENT_INVALID",
        `tx_hash: the chain shows no payment for request "${task.requestId}" in ${shown(claim.tx_hash)}`,
        {
          field: "tx_hash",
        },
      );
    }
    if (found === "foreign") {
      throw new CountersignError(
        "PAYMENT_INVALID",
        `request_id: the escrow of "${task.requestId}" was paid on other terms`,
        { field: "request_id" },
      );
    }
    if (claim.tx_hash && claim.tx_hash.toLowerCase() !== escrow.paymentTx.toLowerCase()) {
      throw invalidField(
        "tx_hash",
        claim.tx_hash,
        `the transaction that paid this task, ${escrow.paymentTx}`,
      );
    }
    if (BigInt(claim.amount_wei || 0) !== 0n && BigInt(claim.amount_wei || 0) !== escrow.totalWei) {
      throw invalidField("amount_wei", claim.amount_wei, `the amount in escrow, ${escrow.totalWei}`);
    }
    payments.touch(task.requestId);
    const wanted = this.#o.genesis.chain?.confirmations ?? 1;
    const message =
      found === "paid"
        ? `payment confirmed in block ${escrow.paidBlock}`
        : `payment seen in block ${escrow.paidBlock}, ${escrow.depth} of ${wanted} confirmations; the task is queued once it is deep enough`;
    return { success: true, message };
  }

  /** The task now, then each change and each partial output, until it ends. @throws CANCELLED at the end of a cancelled task */
  async *updates(
    id: string,
    caller: Caller,
    signal: AbortSignal,
  ): AsyncGenerator<InferenceResponse.$Properties> {
    const task = await this.#find(id, caller);
    let shownState: Task["state"] | undefined;
    let shownPartial: InferenceResponse.$Properties | undefined;
    let isChanged = true;
    let wake: (() => void) | undefined;
    const stopListening = this.#o.tasks.onChange(task.key, () => {
      isChanged = true;
      wake?.();
    });
    const onAbort = () => wake?.();
    signal.addEventListener("abort", onAbort);
    try {
      for (;;) {
        isChanged = false;
        const partial = this.#o.partials.get(task.key);
        if (partial !== undefined && partial !== shownPartial && task.state === "dispatched") {
          shownPartial = partial;
          yield partial;
        }
        if (task.state !== shownState) {
          shownState = task.state;
          // The reader may take its time, and the task goes on meanwhile: what was shown decides.
          const isLast = isEnded(task) || task.state === "completed";
          if (task.failure?.code === "CANCELLED")
            throw new CountersignError("CANCELLED", task.failure.message);
          yield responseOf(task);
          if (isLast) return;
        }
        if (isChanged) continue;
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (signal.aborted || isChanged) resolve();
        });
        signal.throwIfAborted();
      }
    } finally {
      stopListening();
      signal.removeEventListener("abort", onAbort);
    }
  }

  /**
   * The key in the event log of a task that the caller may see. One that is named with its client need not be there
   * yet. @throws CountersignError TASK_NOT_FOUND
   */
  async eventKeyOf(id: string, caller: Caller): Promise<string> {
    return id.includes("/") ? id : (await this.#find(id, caller)).key;
  }

  /** What those who may see a task are shown of its event: of an ended task also its output and proofs. */
  async shownEvent({ key, payload }: Pick<NewEvent, "key" | "payload">): Promise<Uint8Array> {
    const { status } = InferenceResponse.decode(payload);
    if (status !== "completed" && status !== "failed") return payload;
    const task = await this.#o.tasks.find(key);
    return task === undefined ? payload : InferenceResponse.encode(responseOf(task)).finish();
  }

  /** What nodes here serve, and what only nodes behind other gateways do. */
  models(): ModelInfo.$Properties[] {
    const own = this.#o.pool.models();
    const served = new Set(own.map(({ model_uuid }) => model_uuid));
    return [...own, ...this.#o.modelsElsewhere().filter(({ model_uuid }) => !served.has(model_uuid))];
  }

  #clientOf(request: InferenceRequest.$Properties, caller: Caller): string {
    const named = request.originator_client_id || caller.wallet || zeroAddress;
    if (caller.wallet !== undefined && named !== caller.wallet) {
      throw new CountersignError(
        "ACCESS_DENIED",
        `originator_client_id: the call acts for ${caller.wallet}, not for ${named}`,
        {
          field: "originator_client_id",
        },
      );
    }
    return named;
  }

  /** By request id, or by `client/request id` where two clients use the same id. @throws TASK_NOT_FOUND */
  async #find(id: string, caller: Caller, claim?: TransactionConfirmation.$Properties): Promise<Task> {
    if (id.includes("/")) {
      const task = await this.#o.tasks.find(id);
      if (task !== undefined && task.origin === undefined) return task;
      // Somebody may pay for a task that names no client.
      const open =
        claim === undefined
          ? undefined
          : await this.#o.tasks.find(taskKey(zeroAddress, claim.request_id ?? ""));
      if (open !== undefined) return open;
      throw notFound(id);
    }
    // Another gateway's tasks are for that gateway's clients to ask for.
    const found = (await this.#o.tasks.findByRequestId(id)).filter((task) => task.origin === undefined);
    const own = found.find((task) => caller.wallet !== undefined && task.client === caller.wallet);
    if (own !== undefined) return own;
    if (found.length > 1) {
      throw invalidField("id", id, "`client address/request id`, since several clients use this request id");
    }
    const [task] = found;
    if (task === undefined) throw notFound(id);
    return task;
  }

  #requireOwner(task: Task, caller: Caller): void {
    const owner = ownerOf(task);
    if (owner === undefined || owner === caller.wallet) return;
    if (caller.wallet === undefined) {
      throw new CountersignError(
        "UNAUTHENTICATED",
        `the task belongs to ${owner}; sign the call with that wallet, or show an API key of its owner`,
      );
    }
    throw new CountersignError("ACCESS_DENIED", `the task belongs to ${owner}, not to ${caller.wallet}`);
  }

  /** The status, with the receipt once there can be one. */
  async #proven(task: Task): Promise<InferenceTaskStatus.$Properties> {
    await this.#o.receipts.complete(task);
    return this.#statusOf(task);
  }

  #statusOf(task: Task): InferenceTaskStatus.$Properties {
    const contract = this.#o.genesis.chain?.inference_payment ?? "";
    return statusOf(task, contract, (expirySec) => deadlinesOf(expirySec, this.#o.genesis));
  }

  async #awaitEscrow(task: Task, payments: Payments, signal: AbortSignal): ReturnType<Payments["look"]> {
    const endMs = this.#o.clock.nowMs() + confirmWaitMs;
    for (;;) {
      const seen = await payments.look(task);
      if (seen.found !== "unpaid" || this.#o.clock.nowMs() >= endMs) return seen;
      await sleep(this.#o.clock, confirmPollMs, signal);
    }
  }

  /** Resolves when the condition holds, or the caller's time is up: the task goes on either way. */
  #changed(task: Task, isTrue: () => boolean, signal: AbortSignal): Promise<void> {
    if (isTrue() || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const finish = () => {
        stopListening();
        signal.removeEventListener("abort", finish);
        this.#o.stopping.removeEventListener("abort", finish);
        resolve();
      };
      const stopListening = this.#o.tasks.onChange(task.key, () => {
        if (isTrue()) finish();
      });
      signal.addEventListener("abort", finish, { once: true });
      this.#o.stopping.addEventListener("abort", finish, { once: true });
    });
  }
}

/** Failures that say "not here, not now" before anything was signed. */
function isRefusedAtOnce(task: Task): task is Task & { failure: NonNullable<Task["failure"]> } {
  return (
    task.failure !== undefined &&
    (task.failure.code === "NO_COMPUTE_NODE" || task.failure.code === "NO_FREE_SLOT")
  );
}

function isSameContent(task: Task, request: InferenceRequest.$Properties): boolean {
  return (
    task.modelUuid === request.model_uuid &&
    task.inputData === request.input_data &&
    task.subnetId === (request.subnet_id ?? undefined) &&
    task.recheck === (request.options?.recheck ?? false)
  );
}

function newTask(
  key: string,
  client: string,
  requestId: string,
  request: InferenceRequest.$Properties,
  { paysFromDeposit = false }: Caller,
  nowMs: number,
): Task {
  return {
    key,
    requestId,
    client,
    modelUuid: request.model_uuid ?? "",
    inputData: request.input_data ?? "",
    subnetId: request.subnet_id ?? undefined,
    recheck: request.options?.recheck ?? false,
    ...(paysFromDeposit ? { mayUseDeposit: true } : {}),
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    state: "received",
    quote: undefined,
    assignment: undefined,
    triedNodes: [],
    proposedGrant: undefined,
    grants: [],
    result: undefined,
    completionSignatures: [],
    trails: [],
    paymentTx: undefined,
    payoutTx: undefined,
    refundTx: undefined,
    failure: undefined,
    receiptJson: undefined,
  };
}

function notFound(id: string): CountersignError {
  return new CountersignError("TASK_NOT_FOUND", `id: this gateway knows no task ${shown(id)}`, {
    field: "id",
  });
}

/** RFC 9562 version 7: time first, so that ids sort by age. */
export function uuidV7(nowMs: number, random: RandomBytes): string {
  const bytes = random(16);
  new DataView(bytes.buffer, bytes.byteOffset).setUint16(0, Math.floor(nowMs / 2 ** 32));
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(2, nowMs % 2 ** 32);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Buffer.from(bytes).toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
