import {
  type Clock,
  CountersignError,
  type Genesis,
  invalidField,
  type Logger,
} from "../../../base/index.ts";
import type { Chain, ValidatorSet } from "../../../chain/index.ts";
import { readProposal } from "../../../cosign/proposal.ts";
import type { countersign, InferenceResponse, ModelInfo } from "../../../wire/index.ts";
import type { ChoiceRules } from "../choose-node.ts";
import type { ComputePool } from "../compute-pool.ts";
import type { ComputeService } from "../compute-service.ts";
import type { GatewayConfig } from "../config.ts";
import type { Observer, OtherPlaces } from "../placement.ts";
import { quoteOf, type Task, taskKey } from "../task.ts";
import type { TaskStore } from "../task-store.ts";
import type { Waits } from "../waits.ts";
import { GatewayRequests } from "./gateway-requests.ts";
import { HostedRuns } from "./hosted-run.ts";
import { HostedTasks } from "./hosted-tasks.ts";
import type { OtherGateways } from "./other-gateways.ts";
import { Outsourcing } from "./outsourcing.ts";
import {
  type Ask,
  decodeMessage,
  encodeAnswer,
  maxOutputBytes,
  type TaskAnswer,
  type TaskRef,
} from "./task-messages.ts";

// Hand-over of tasks between gateways: both sides, and the messages between them.

export interface FederationOptions {
  readonly config: GatewayConfig["federation"];
  readonly others: OtherGateways;
  readonly wallet: string;
  readonly tasks: TaskStore;
  readonly pool: ComputePool;
  readonly waits: Waits;
  readonly partials: Map<string, InferenceResponse.$Properties>;
  readonly genesis: Genesis;
  readonly chain: Pick<Chain, "escrow"> | undefined;
  readonly validatorSet: () => ValidatorSet;
  readonly rules: ChoiceRules;
  readonly reputationOf: (wallet: string) => number;
  readonly observer: Observer;
  readonly clock: Clock;
  readonly dice: () => number;
  readonly logger: Logger;
  readonly stopping: AbortSignal;
}

/** What happened since the start, for metrics. */
export interface FederationCounts {
  /** Of this gateway's tasks at others. */
  readonly reserved: number;
  readonly refused: number;
  readonly silent: number;
  readonly handedOver: number;
  /** Of others' tasks here. */
  readonly accepted: number;
  readonly delivered: number;
  readonly unwanted: number;
  readonly dropped: number;
}

/** What clients are told of models elsewhere may be this old: going through every node takes a while. */
const modelsLifeMs = 2_000;
const maxErrorCharacters = 4_096;
const signaturePattern = /^0x[0-9a-fA-F]{130}$/;

export class Federation {
  readonly places: OtherPlaces;
  readonly #o: FederationOptions;
  readonly #requests: GatewayRequests;
  readonly #outsourcing: Outsourcing;
  readonly #hosted: HostedTasks;
  readonly #runs: HostedRuns;
  #models: { readonly list: readonly ModelInfo.$Properties[]; readonly atMs: number } | undefined;

  constructor(options: FederationOptions) {
    this.#o = options;
    const isAllowed = (gateway: string) => this.#isAllowed(gateway);
    const isConnected = (nodeKey: string) => options.pool.find(nodeKey)?.sink !== undefined;
    this.#requests = new GatewayRequests(options);
    this.#outsourcing = new Outsourcing({ ...options, requests: this.#requests, isAllowed, isConnected });
    this.places = this.#outsourcing;
    const runs = new HostedRuns({ ...options, requests: this.#requests });
    this.#runs = runs;
    this.#hosted = new HostedTasks({
      ...options,
      maxTasks: options.config.max_tasks,
      run: (task) => runs.run(task),
      drop: (task) => runs.drop(task),
      hurry: (task) => runs.hurry(task),
    });
  }

  /** Answers other gateways from now on. Call it once the tasks of the store go on. */
  open(compute: ComputeService): void {
    this.#o.others.answer(async (peerId, bytes) => {
      const { ref, ask } = decodeMessage(bytes);
      if (this.#o.stopping.aborted) throw new CountersignError("UNAVAILABLE", "this gateway is stopping");
      return encodeAnswer(await this.#answer(peerId, ref, ask, compute));
    });
  }

  /** Goes on with a task of another gateway. */
  run(task: Task): void {
    this.#runs.run(task);
  }

  /** A node here could not do another gateway's task. */
  fail(task: Task, reason: CountersignError): void {
    this.#runs.fail(task, reason);
  }

  /** Models that live nodes behind other gateways serve. */
  models(): readonly ModelInfo.$Properties[] {
    const { others, clock } = this.#o;
    if (this.#models === undefined || clock.nowMs() - this.#models.atMs >= modelsLifeMs) {
      this.#models = { list: others.models(), atMs: clock.nowMs() };
    }
    return this.#models.list;
  }

  counts(): FederationCounts {
    const { reserved, refused, silent, handedOver } = this.#outsourcing.counts;
    const { accepted } = this.#hosted.counts;
    return { reserved, refused, silent, handedOver, accepted, ...this.#runs.counts };
  }

  /** Once `stopping` has aborted. */
  async stop(): Promise<void> {
    this.#requests.stop();
    this.#hosted.stop();
    await Promise.all([this.#outsourcing.stop(), this.#runs.stop()]);
  }

  #isAllowed(gateway: string): boolean {
    const { allow, deny } = this.#o.config;
    return !deny.includes(gateway) && (allow.length === 0 || allow.includes(gateway));
  }

  async #answer(peerId: string, ref: TaskRef, ask: Ask, compute: ComputeService): Promise<TaskAnswer> {
    if (ask.name === "progress" || ask.name === "result") {
      const task = await this.#ownTask(peerId, ref);
      this.#heard(task.assignment?.gateway ?? "");
      await compute.accept(
        task,
        ask.name === "result" ? this.#resultOf(task, ask.body) : progressOf(task, ask.body),
        undefined,
      );
      return {};
    }
    this.#requireGateway(peerId, ref.gateway);
    this.#heard(ref.gateway);
    switch (ask.name) {
      case "reserve":
        return await this.#hosted.reserve(ref, ask.body);
      case "hand_over":
        return await this.#hosted.handOver(ref, ask.body);
      case "check":
        return await this.#hosted.check(ref);
      case "release":
        return await this.#hosted.release(ref);
    }
  }

  #heard(gateway: string): void {
    this.#outsourcing.heard(gateway);
    this.#requests.wake(gateway);
  }

  /** @throws CountersignError ACCESS_DENIED unless the peer is that gateway's, and this one deals with it */
  #requireGateway(peerId: string, gateway: string): void {
    if (this.#o.others.peerIdOf(gateway) !== peerId || gateway === this.#o.wallet) {
      throw new CountersignError(
        "ACCESS_DENIED",
        `task.gateway: ${gateway} has not named this peer in its node record`,
      );
    }
    if (!this.#isAllowed(gateway)) {
      throw new CountersignError(
        "ACCESS_DENIED",
        `task.gateway: this gateway takes no tasks from ${gateway}`,
      );
    }
  }

  /** A task of this gateway that is at the peer's gateway now. @throws TASK_NOT_FOUND, TASK_ENDED, ACCESS_DENIED */
  async #ownTask(peerId: string, ref: TaskRef): Promise<Task> {
    const { wallet, tasks, others } = this.#o;
    if (ref.gateway !== wallet) throw invalidField("task.gateway", ref.gateway, `this gateway, ${wallet}`);
    const task = await tasks.find(taskKey(ref.client, ref.requestId));
    if (task === undefined) throw new CountersignError("TASK_NOT_FOUND", "this gateway knows no such task");
    const { gateway, attempt } = task.assignment ?? {};
    if (gateway === undefined || attempt !== ref.attempt) {
      throw new CountersignError("TASK_ENDED", "the task is not at another gateway in this attempt");
    }
    if (others.peerIdOf(gateway) !== peerId) {
      throw new CountersignError("ACCESS_DENIED", `the task is at ${gateway}, which has not named this peer`);
    }
    return task;
  }

  /** As its compute node would have sent it. @throws INVALID_ARGUMENT, TOO_LARGE */
  #resultOf(task: Task, result: countersign.v1.TaskResult.$Properties): InferenceResponse.$Properties {
    const common = { request_id: task.requestId, model_uuid: task.modelUuid };
    const { completion } = result;
    if (completion == null) {
      const message = (result.error_message ?? "").slice(0, maxErrorCharacters);
      return { ...common, status: "failed", error_message: message };
    }
    const output = boundedOutput(result.output_data);
    const asked = readProposal(
      {
        completion: {
          client: task.client,
          model_uuid: task.modelUuid,
          preprocessing: quoteOf(task).validation,
          completion,
          compute_node_wallet: task.assignment?.wallet ?? "",
          reassignments: task.grants,
        },
      },
      this.#o.genesis,
    );
    if (asked === undefined || !signaturePattern.test(completion.compute_node_signature ?? "")) {
      throw invalidField("result.completion", "", "the node's attestation of this task");
    }
    return { ...common, status: "completed", output_data: output, compute_completion: completion };
  }
}

function progressOf(
  task: Task,
  { output_data, running_hash }: countersign.v1.TaskProgress.$Properties,
): InferenceResponse.$Properties {
  return {
    request_id: task.requestId,
    model_uuid: task.modelUuid,
    status: "processing",
    output_data: boundedOutput(output_data),
    running_hash: running_hash == null || running_hash.length === 0 ? null : running_hash,
  };
}

function boundedOutput(text: string | null | undefined): string {
  const output = text ?? "";
  if (Buffer.byteLength(output) > maxOutputBytes) {
    throw new CountersignError("TOO_LARGE", `output_data: expected at most ${maxOutputBytes} bytes`);
  }
  return output;
}
