import {
  type Clock,
  CountersignError,
  equalBytes,
  fromHex,
  type Genesis,
  invalidField,
  type Logger,
  sha256,
  shown,
  signingDomain,
  toHex,
} from "../../base/index.ts";
import { computeCompletionMessage, recoverSigner } from "../../chain/index.ts";
import { nodeKey } from "../../records/index.ts";
import type {
  Ack,
  ComputeCompletion,
  countersign,
  HeartbeatRequest,
  InferenceRequest,
  InferenceResponse,
  NodeInfo,
} from "../../wire/index.ts";
import type { Caller } from "./client-service.ts";
import type { ComputePool, PoolNode, TaskSink } from "./compute-pool.ts";
import { assignmentOf, quoteOf, type Task } from "./task.ts";
import type { TaskStore } from "./task-store.ts";
import type { Waits } from "./waits.ts";

/** Publishes a node record for a compute node that registered here; the proof is the node's own signed call. */
export type Vouch = (
  info: NodeInfo.$Properties,
  proof: countersign.v1.RegistrationProof.$Properties,
) => Promise<void>;

/** A caller whose signed call may be shown to others. */
export interface ProvenCaller extends Caller {
  readonly proof: countersign.v1.RegistrationProof.$Properties | undefined;
}

export interface ComputeServiceOptions {
  readonly tasks: TaskStore;
  readonly pool: ComputePool;
  readonly waits: Waits;
  readonly genesis: Genesis;
  readonly clock: Clock;
  readonly abandon: (task: Task, reason: CountersignError) => void;
  readonly partials: Map<string, InferenceResponse.$Properties>;
  readonly vouch: Vouch;
  readonly logger: Logger;
}

/** What compute nodes may ask of a gateway; the messages have been checked field by field. */
export class ComputeService {
  readonly #o: ComputeServiceOptions;

  constructor(options: ComputeServiceOptions) {
    this.#o = options;
  }

  async register(info: NodeInfo.$Properties, caller: ProvenCaller): Promise<Ack.$Properties> {
    const wallet = requireWallet(caller, info.wallet_address ?? "");
    if ((info.supported_models ?? []).length === 0) {
      throw invalidField("supported_models", "", "at least one model that the node serves");
    }
    this.#refuseTakenId(wallet, info.node_id ?? "");
    const node = this.#o.pool.register(wallet, info);
    if (caller.proof !== undefined) await this.#o.vouch(info, caller.proof);
    this.#o.logger.info({ node: node.key, models: info.supported_models?.length }, "compute node registered");
    return { success: true, message: `registered ${info.node_id}` };
  }

  async heartbeat(beat: HeartbeatRequest.$Properties, caller: Caller): Promise<Ack.$Properties> {
    if (caller.wallet === undefined) throw unsigned("UpdateHeartbeat");
    this.#o.pool.heartbeat(caller.wallet, beat, (node) => this.#requestIdsAt(node));
    return { success: true, message: "" };
  }

  /**
   * Connects a registered node's task stream until the signal aborts. Only a registration is published with the wallet's
   * signature, so models and prices are those of the registration, whatever this call says: validators know no others.
   * @throws CountersignError NOT_FOUND unless the node has registered here
   */
  receive(info: NodeInfo.$Properties, caller: Caller, sink: TaskSink, signal: AbortSignal): void {
    const wallet = requireWallet(caller, info.wallet_address ?? "");
    const node = this.#o.pool.find(nodeKey(wallet, info.node_id ?? ""));
    if (node === undefined) {
      throw new CountersignError(
        "NOT_FOUND",
        `node_id: "${info.node_id}" has not registered at this gateway; call RegisterComputeNode first`,
        { field: "node_id" },
      );
    }
    const detach = this.#o.pool.attach(node, sink);
    this.#o.logger.info({ node: node.key }, "compute node connected");
    signal.addEventListener(
      "abort",
      () => {
        detach();
        this.#o.logger.info({ node: node.key }, "compute node disconnected");
      },
      { once: true },
    );
  }

  /** A partial output, a result or a failure from the node that the task is assigned to. Durable before it is acknowledged. */
  async submitResult(response: InferenceResponse.$Properties, caller: Caller): Promise<Ack.$Properties> {
    const signer = caller.wallet === undefined ? this.#signerOf(response) : undefined;
    const task = await this.#assignedTask(response.request_id ?? "", caller.wallet ?? signer);
    return await this.accept(task, response, signer);
  }

  /** As `submitResult`, of a task that the sender is known to be assigned to. `signer` made the completion, if known. */
  async accept(
    task: Task,
    response: InferenceResponse.$Properties,
    signer: string | undefined,
  ): Promise<Ack.$Properties> {
    if (response.status === "processing") {
      this.#partial(task, response);
      return { success: true, message: "" };
    }
    if (task.result !== undefined) return repeated(task, response);
    if (task.state !== "dispatched") {
      throw new CountersignError("TASK_ENDED", `the task is ${task.state} and takes no result`);
    }
    if (response.status === "failed") {
      this.#o.abandon(
        task,
        new CountersignError(
          "COMPUTE_FAILED",
          response.error_message || "the compute node reported a failure",
        ),
      );
      await this.#ended(task);
      return { success: true, message: "failure recorded" };
    }
    const completion = response.compute_completion ?? {};
    this.#checkCompletion(task, response, completion, signer);
    task.result = { outputData: response.output_data ?? "", completion };
    const saved = this.#o.tasks.move(task, "validating");
    this.#o.waits.nudge(task.key);
    await saved;
    return { success: true, message: "accepted" };
  }

  /** A task that is assigned to the caller and still wanted. @throws TASK_NOT_FOUND for everything else */
  async taskFor(id: string, caller: Caller): Promise<InferenceRequest.$Properties> {
    if (caller.wallet === undefined) throw unsigned("GetTask");
    const tasks = await this.#o.tasks.findByRequestId(id);
    const task = tasks.find((one) => one.state === "dispatched" && one.assignment?.wallet === caller.wallet);
    if (task === undefined) {
      throw new CountersignError(
        "TASK_NOT_FOUND",
        `id: no task ${shown(id)} is assigned to ${caller.wallet}`,
        { field: "id" },
      );
    }
    return {
      request_id: task.requestId,
      model_uuid: task.modelUuid,
      input_data: task.inputData,
      originator_client_id: task.client,
      preprocessing_validation: quoteOf(task).validation,
      assigned_compute_node_id: assignmentOf(task).nodeId,
      subnet_id: task.subnetId ?? null,
    };
  }

  /** The task that a response is about: assigned to the wallet that signed the call or the completion. */
  async #assignedTask(requestId: string, wallet: string | undefined): Promise<Task> {
    if (wallet === undefined) throw unsigned("SubmitResult");
    const awaited = this.#o.tasks
      .liveByRequestId(requestId)
      .find((task) => task.state === "dispatched" && task.assignment?.wallet === wallet);
    // The usual case needs no look into the store.
    if (awaited !== undefined) return awaited;
    const tasks = (await this.#o.tasks.findByRequestId(requestId)).filter(
      (task) => task.assignment !== undefined,
    );
    if (tasks.length === 0) {
      throw new CountersignError(
        "TASK_NOT_FOUND",
        `request_id: this gateway knows no assigned task ${shown(requestId)}`,
        { field: "request_id" },
      );
    }
    const task = tasks.find((one) => one.assignment?.wallet === wallet);
    if (task === undefined) {
      throw new CountersignError("ACCESS_DENIED", `the task is not assigned to ${wallet}`, {
        request_id: requestId,
      });
    }
    return task;
  }

  #signerOf(response: InferenceResponse.$Properties): string | undefined {
    const completion = response.compute_completion;
    if (completion == null) return undefined;
    return this.#completionSigner(response.model_uuid ?? "", response.request_id ?? "", completion);
  }

  #completionSigner(
    modelUuid: string,
    requestId: string,
    completion: ComputeCompletion.$Properties,
  ): string | undefined {
    const message = computeCompletionMessage(signingDomain(this.#o.genesis, true), {
      requestId,
      modelUuid,
      resultHash: completion.result_hash ?? new Uint8Array(32),
      completionTimestamp: completion.completion_timestamp ?? 0,
      computationTimeMs: completion.computation_time_ms ?? 0,
    });
    return recoverSigner(message.digest, fromHex(completion.compute_node_signature ?? ""));
  }

  #checkCompletion(
    task: Task,
    response: InferenceResponse.$Properties,
    completion: ComputeCompletion.$Properties,
    knownSigner: string | undefined,
  ): void {
    const hash = sha256(response.output_data ?? "");
    if (!equalBytes(hash, completion.result_hash ?? new Uint8Array(0))) {
      throw invalidField(
        "compute_completion.result_hash",
        toHex(completion.result_hash ?? new Uint8Array(0)),
        `the SHA-256 of output_data, ${toHex(hash)}`,
      );
    }
    if (response.model_uuid !== task.modelUuid)
      throw invalidField("model_uuid", response.model_uuid, `the task's model, ${task.modelUuid}`);
    // Of the same model and request id, as has been checked: recovering it takes a tenth of a millisecond.
    const signer = knownSigner ?? this.#completionSigner(task.modelUuid, task.requestId, completion);
    const wallet = assignmentOf(task).wallet;
    if (signer !== wallet) {
      throw invalidField(
        "compute_completion.compute_node_signature",
        completion.compute_node_signature,
        `a ComputeCompletion signature by ${wallet} (EIP-712 domain contract ${signingDomain(this.#o.genesis, true).verifyingContract})`,
      );
    }
  }

  #partial(task: Task, response: InferenceResponse.$Properties): void {
    if (task.state !== "dispatched")
      throw new CountersignError("TASK_ENDED", `the task is ${task.state} and takes no partial output`);
    if (
      response.running_hash != null &&
      !equalBytes(sha256(response.output_data ?? ""), response.running_hash)
    ) {
      throw invalidField("running_hash", toHex(response.running_hash), "the SHA-256 of output_data");
    }
    this.#o.partials.set(task.key, {
      request_id: task.requestId,
      model_uuid: task.modelUuid,
      output_data: response.output_data ?? "",
      status: "processing",
      running_hash: response.running_hash ?? null,
    });
    this.#o.tasks.touch(task);
  }

  /** This gateway vouches for one node of each id: records are keyed by it. */
  #refuseTakenId(wallet: string, nodeId: string): void {
    for (const node of this.#o.pool.nodes()) {
      if (node.info.node_id !== nodeId || node.wallet === wallet || node.sink === undefined) continue;
      throw new CountersignError(
        "ALREADY_EXISTS",
        `node_id: "${nodeId}" is taken by ${node.wallet}; choose another`,
        { field: "node_id" },
      );
    }
  }

  #requestIdsAt(node: PoolNode): Set<string> {
    return new Set([...node.held].map((key) => key.slice(key.indexOf("/") + 1)));
  }

  async #ended(task: Task): Promise<void> {
    await new Promise<void>((resolve) => {
      const look = () => {
        if (task.failure === undefined) return;
        stop();
        resolve();
      };
      const stop = this.#o.tasks.onChange(task.key, look);
      look();
    });
    await this.#o.tasks.stored(task);
  }
}

/** The same result again is acknowledged again; another one is not. */
function repeated(task: Task, response: InferenceResponse.$Properties): Ack.$Properties {
  if (response.status === "completed" && response.output_data === task.result?.outputData) {
    return { success: true, message: "accepted before" };
  }
  throw new CountersignError("ALREADY_EXISTS", "the task has another result already");
}

function requireWallet(caller: Caller, wallet: string): string {
  if (caller.wallet === undefined) throw unsigned("this call");
  if (caller.wallet !== wallet) {
    throw new CountersignError(
      "ACCESS_DENIED",
      `wallet_address: the call is signed by ${caller.wallet}, not by ${wallet}`,
      { field: "wallet_address" },
    );
  }
  return wallet;
}

function unsigned(operation: string): CountersignError {
  return new CountersignError(
    "UNAUTHENTICATED",
    `${operation} acts for a wallet: sign it with the metadata x-countersign-address, -timestamp, -nonce and -signature`,
  );
}
