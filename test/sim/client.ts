import { CountersignError, isCode, messageOf } from "../../src/base/index.ts";
import { createLocalSigner } from "../../src/chain/index.ts";
import type { InferenceTaskStatus } from "../../src/wire/index.ts";
import type { SimulatedChain } from "./chain.ts";
import { model } from "./compute.ts";
import { type Host, type Network, pause } from "./network.ts";
import type { SimulatedNode } from "./node.ts";
import { Realm } from "./virtual-time.ts";

/** What a client remembers of a task that a gateway may have acknowledged. */
export interface RememberedTask {
  readonly id: string;
  readonly gateway: SimulatedNode;
  readonly input: string;
  readonly submittedMs: number;
  acknowledgedMs: number | undefined;
  endedMs: number | undefined;
  status: InferenceTaskStatus.$Properties | undefined;
  /** What the gateway said when it refused the task, or when it had lost it. */
  refusal: string | undefined;
  lost: boolean;
}

const submitTries = 10;
const retryMs = 1_000;
const pollMs = 1_000;
const payTries = 20;

/** How a client pays. */
export interface Payer {
  readonly chain: SimulatedChain;
  readonly key: Uint8Array;
}

/** A client that submits tasks to gateways, asks how they are until they have ended, and forgets nothing. */
export class SimulatedClient {
  readonly name: string;
  readonly host: Host;
  readonly tasks: RememberedTask[] = [];
  /** Empty for one without a wallet. */
  readonly wallet: string;
  readonly #network: Network;
  readonly #payer: Payer | undefined;
  #isWorking = false;

  constructor(name: string, network: Network, payer?: Payer) {
    this.name = name;
    this.#payer = payer;
    this.wallet = payer === undefined ? "" : createLocalSigner(payer.key).address;
    this.#network = network;
    this.host = network.host(name);
    network.boot(this.host, new Realm(name, network.random.fork(`client ${name}`)));
  }

  /** Submits a task about every so many milliseconds, until stopped. */
  work(gateways: readonly SimulatedNode[], everyMs: number): void {
    this.#isWorking = true;
    const run = async () => {
      while (this.#isWorking) {
        await pause(Math.floor(this.host.realm.random.between(0, 2 * everyMs)));
        if (this.#isWorking) void this.submit(this.host.realm.random.pick(gateways));
      }
    };
    this.#network.time.inside(this.host.realm, () => void run());
  }

  rest(): void {
    this.#isWorking = false;
  }

  /** Submits one task and follows it to its end. */
  submit(gateway: SimulatedNode): Promise<RememberedTask> {
    const id = `${this.name}-${this.tasks.length + 1}`;
    const task: RememberedTask = {
      id,
      gateway,
      input: JSON.stringify({ prompt: `hello from ${id}` }),
      submittedMs: this.#network.time.nowMs(),
      acknowledgedMs: undefined,
      endedMs: undefined,
      status: undefined,
      refusal: undefined,
      lost: false,
    };
    this.tasks.push(task);
    return this.#network.time.inside(this.host.realm, () => this.#see(task));
  }

  async #see(task: RememberedTask): Promise<RememberedTask> {
    const status = await this.#acknowledged(task);
    if (status !== undefined) task.refusal = undefined;
    this.#network.trace.note(
      this.name,
      `${task.id} at ${task.gateway.name}: ${task.refusal ?? status?.status}`,
    );
    if (status === undefined) return task;
    task.acknowledgedMs = this.#network.time.nowMs();
    task.status = status;
    let paying: Promise<void> | undefined;
    while (!isOver(task.status)) {
      await pause(pollMs);
      if (paying === undefined && wantsPayment(task.status)) paying = this.#pay(task, task.status);
      try {
        task.status = await this.#ask(task, (clients) => clients.status(this.#idOf(task), this.#caller));
      } catch (error) {
        if (!isCode(error, "TASK_NOT_FOUND")) continue;
        task.lost = true;
        return task;
      }
    }
    task.endedMs = this.#network.time.nowMs();
    const { status: state, error_message: why } = task.status ?? {};
    this.#network.trace.note(this.name, `${task.id} ${state} ${why}`);
    return task;
  }

  /** Until the chain has it; the gateway sees it there, whether this client can tell it or not. */
  async #pay(task: RememberedTask, status: InferenceTaskStatus.$Properties): Promise<void> {
    for (let tried = 0; tried < payTries && this.#payer !== undefined; tried++) {
      try {
        const txHash = await this.#payer.chain.pay(status, this.#payer.key);
        this.#network.trace.note(this.name, `${task.id} is paid by ${txHash}`);
        return;
      } catch (error) {
        this.#network.trace.note(this.name, `${task.id} is not paid: ${messageOf(error)}`);
      }
      await pause(retryMs);
    }
  }

  get #caller(): { readonly wallet: string | undefined } {
    return { wallet: this.wallet || undefined };
  }

  #idOf({ id }: RememberedTask): string {
    return this.wallet === "" ? id : `${this.wallet}/${id}`;
  }

  async #acknowledged(task: RememberedTask): Promise<InferenceTaskStatus.$Properties | undefined> {
    const request = {
      request_id: task.id,
      model_uuid: model,
      input_data: task.input,
      originator_client_id: this.wallet,
    };
    for (let tried = 0; tried < submitTries; tried++) {
      try {
        return await this.#ask(task, (clients, signal) => clients.submit(request, this.#caller, signal));
      } catch (error) {
        task.refusal = messageOf(error);
        if (!isCode(error, "UNAVAILABLE") && !isCode(error, "STORAGE_FAILED")) return undefined;
      }
      await pause(retryMs);
    }
    return undefined;
  }

  #ask<T>(
    { gateway }: RememberedTask,
    work: (clients: NonNullable<SimulatedNode["gateway"]>["clients"], signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    return this.#network.call(this.host, gateway.host, async (signal) => {
      if (gateway.gateway === undefined) throw new CountersignError("UNAVAILABLE", "the gateway is starting");
      return work(gateway.gateway.clients, signal);
    });
  }
}

function wantsPayment(status: InferenceTaskStatus.$Properties | undefined): status is object {
  const payment = status?.payment_status;
  return payment?.required === true && payment.preprocessing_complete === true;
}

function isOver(status: InferenceTaskStatus.$Properties | undefined): boolean {
  return status?.status === "completed" || status?.status === "failed";
}
