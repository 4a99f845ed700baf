import {
  CountersignError,
  nowSec,
  sha256,
  signingDomain,
  systemClock,
  systemRandom,
  toHex,
} from "../../src/base/index.ts";
import {
  callHeaderNames,
  computeCompletionMessage,
  createLocalSigner,
  parseCallSignature,
  type Signer,
  signedHeaders,
} from "../../src/chain/index.ts";
import { type InferenceRequest, type InferenceResponse, NodeInfo } from "../../src/wire/index.ts";
import { type Host, type Network, pause } from "./network.ts";
import type { SimulatedNode } from "./node.ts";
import { Realm } from "./virtual-time.ts";

/** How a compute node treats a task. */
export type Manners =
  | "honest"
  /** Another result than the one whose hash it signs. */
  | "lies"
  /** Takes tasks and never answers. */
  | "withholds"
  /** Says that it has succeeded, with an error for output and no valid signature. */
  | "errors_with_success"
  | "fails";

const heartbeatMs = 5_000;
const reconnectMs = { low: 500, high: 2_000 };
const resubmitMs = 1_000;

export const model = "echo-1";
export const outputOf = (input: string): string => JSON.stringify({ text: `echo of ${input}` });

export interface ComputeOptions {
  readonly name: string;
  readonly gateway: SimulatedNode;
  readonly network: Network;
  readonly key: Uint8Array;
  readonly slots?: number;
  readonly workMs?: { readonly low: number; readonly high: number };
  readonly manners?: Manners;
  readonly priceWei?: string;
}

/**
 * A compute node: the gateway's real ComputeService is called in process instead of by gRPC, with the node's own signed
 * registration and completions.
 */
export class SimulatedCompute {
  readonly name: string;
  readonly host: Host;
  readonly signer: Signer;
  manners: Manners;
  readonly #options: ComputeOptions;
  readonly #active = new Map<string, InferenceRequest.$Properties>();
  #lives = 0;

  constructor(options: ComputeOptions) {
    this.name = options.name;
    this.#options = options;
    this.host = options.network.host(options.name);
    this.signer = createLocalSigner(options.key);
    this.manners = options.manners ?? "honest";
  }

  start(): void {
    const { network } = this.#options;
    this.#lives++;
    const realm = new Realm(this.name, network.random.fork(`${this.name} life ${this.#lives}`));
    network.boot(this.host, realm);
    network.trace.note(this.name, `starts (life ${this.#lives})`);
    network.time.inside(realm, () => void this.#stayConnected());
  }

  kill(): void {
    if (this.host.realm.isDead) return;
    this.#options.network.trace.note(this.name, "is killed");
    this.#options.network.kill(this.host, "down");
    this.#active.clear();
  }

  async #stayConnected(): Promise<void> {
    const { gateway, network } = this.#options;
    for (;;) {
      try {
        await this.#register();
        network.trace.note(this.name, `is connected to ${gateway.name}`);
        await this.#beat();
      } catch (error) {
        network.trace.tick(`${this.name} ${error}`);
      }
      await pause(Math.floor(this.host.realm.random.between(reconnectMs.low, reconnectMs.high)));
    }
  }

  async #register(): Promise<void> {
    const { network, gateway } = this.#options;
    const body = NodeInfo.encode(this.#info()).finish();
    const info = NodeInfo.decode(body);
    const proof = await this.#proof(gateway, body);
    const caller = { wallet: this.signer.address, proof, isLocal: false };
    const own = this.host;
    await network.call(own, gateway.host, async () => {
      const service = gateway.gateway?.compute;
      if (service === undefined) throw new CountersignError("UNAVAILABLE", "the gateway is starting");
      await service.register(info, caller);
      // The stream of tasks ends with this node's process; with the gateway's everything there does.
      const stream = new AbortController();
      const { realm } = gateway.host;
      const end = () => network.time.inside(realm, () => stream.abort());
      own.life.signal.addEventListener("abort", end, { once: true });
      const lane = network.lane(gateway.host, own);
      service.receive(
        info,
        caller,
        (task) => lane.carry(task.input_data?.length ?? 0, () => void this.#take(task)),
        stream.signal,
      );
    });
  }

  async #proof(gateway: SimulatedNode, body: Uint8Array) {
    const operation = "RegisterComputeNode";
    const { genesis } = gateway.options;
    const headers = await signedHeaders({
      signer: this.signer,
      genesis,
      clock: systemClock,
      random: systemRandom,
    })(operation, body);
    const call = parseCallSignature((name) => headers[name]);
    if (call === undefined || "badHeader" in call) throw new Error(`no ${callHeaderNames.signature}`);
    const { timestamp, nonce, signature } = call;
    return { operation, body, timestamp, nonce, signature };
  }

  /** Returns never; throws when the gateway does not know this node any more, or cannot be reached. */
  async #beat(): Promise<never> {
    const { network, gateway } = this.#options;
    for (;;) {
      await pause(heartbeatMs);
      const ids = [...this.#active.keys()];
      const life = gateway.startedMs;
      await network.call(this.host, gateway.host, async () => {
        if (gateway.gateway === undefined || gateway.startedMs !== life) throw new Error("another process");
        const beat = { node_id: this.name, active_request_ids: ids, active_tasks: ids.length };
        return gateway.gateway.compute.heartbeat(beat, { wallet: this.signer.address });
      });
    }
  }

  async #take(task: InferenceRequest.$Properties): Promise<void> {
    const id = task.request_id ?? "";
    if (this.#active.has(id)) return;
    this.#active.set(id, task);
    const { workMs = { low: 50, high: 500 } } = this.#options;
    await pause(Math.floor(this.host.realm.random.between(workMs.low, workMs.high)));
    if (this.manners === "withholds") return;
    await this.#submit(await this.#result(task));
    this.#active.delete(id);
  }

  /** Again and again until the gateway has answered, whatever it says. */
  async #submit(response: InferenceResponse.$Properties): Promise<void> {
    const { network, gateway } = this.#options;
    for (;;) {
      try {
        await network.call(this.host, gateway.host, async () => {
          const service = gateway.gateway?.compute;
          if (service === undefined) throw new CountersignError("UNAVAILABLE", "the gateway is starting");
          return service.submitResult(response, { wallet: this.signer.address });
        });
        return;
      } catch (error) {
        const code = (error as { code?: string }).code;
        network.trace.note(this.name, `result of ${response.request_id} not taken: ${code ?? error}`);
        if (code !== "UNAVAILABLE" && code !== "STORAGE_FAILED") return;
      }
      await pause(resubmitMs);
    }
  }

  async #result(task: InferenceRequest.$Properties): Promise<InferenceResponse.$Properties> {
    const honest = outputOf(task.input_data ?? "");
    const base = { request_id: task.request_id ?? "", model_uuid: task.model_uuid ?? "" };
    if (this.manners === "fails") return { ...base, status: "failed", error_message: "out of memory" };
    const output = this.manners === "errors_with_success" ? '{"error":"out of memory"}' : honest;
    const signed = {
      requestId: base.request_id,
      modelUuid: base.model_uuid,
      resultHash: sha256(this.manners === "lies" ? "something else" : output),
      completionTimestamp: nowSec(systemClock),
      computationTimeMs: 50,
    };
    const { genesis } = this.#options.gateway.options;
    const signature = await this.signer.signTyped(
      computeCompletionMessage(signingDomain(genesis, true), signed),
    );
    if (this.manners === "errors_with_success") signature.reverse();
    return {
      ...base,
      output_data: output,
      status: "completed",
      error_message: this.manners === "errors_with_success" ? "out of memory" : "",
      compute_completion: {
        request_id: base.request_id,
        compute_node_signature: toHex(signature),
        result_hash: signed.resultHash,
        completion_timestamp: signed.completionTimestamp,
        computation_time_ms: signed.computationTimeMs,
      },
    };
  }

  #info(): NodeInfo.$Properties {
    return {
      node_id: this.name,
      node_type: "compute",
      wallet_address: this.signer.address,
      max_tasks: this.#options.slots ?? 4,
      supported_models: [{ model_uuid: model, name: model, price_wei: this.#options.priceWei ?? "0" }],
    };
  }
}
