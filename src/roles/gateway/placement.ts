import { type Clock, nowSec, zeroAddress } from "../../base/index.ts";
import { nodeKey } from "../../records/index.ts";
import { type ChoiceRules, chooseNode } from "./choose-node.ts";
import type { ComputePool } from "./compute-pool.ts";
import { type Assignment, assignmentOf, quoteOf, type Task } from "./task.ts";
import type { Waits } from "./waits.ts";

// Where a task runs: at a node behind this gateway, or behind another one when none here can take it.

/** What a gateway saw of a wallet's work, for its reputation. */
export interface Observer {
  observe(wallet: string, outcome: "success" | "failure" | "no_answer"): void;
}

/** A node with a slot held for a task. */
export interface Place {
  readonly nodeId: string;
  readonly wallet: string;
  readonly priceWei: bigint;
  /** Wallet of the gateway that the node is behind, where it is not this one. */
  readonly gateway?: string | undefined;
}

/** The nodes behind other gateways. Assignments that it is handed name their gateway. */
export interface OtherPlaces {
  /** True when a live node behind another gateway serves the task's model. */
  isServed(task: Task): boolean;
  reserve(
    task: Task,
    attempt: number,
    maxPriceWei: bigint | undefined,
    signal: AbortSignal,
  ): Promise<Place | undefined>;
  /** Sees to it that the task gets to the gateway of its assignment; a call more changes nothing. */
  send(task: Task): void;
  isStillRunning(task: Task, signal: AbortSignal): Promise<boolean>;
  /** The task goes elsewhere. */
  leave(task: Task, assignment: Assignment): void;
  /** The task has ended. */
  free(task: Task): void;
  /** True when this failure of the assignment is the gateway's, not its node's. */
  observe(task: Task, succeeded: boolean): boolean;
}

export interface PlacementOptions {
  readonly pool: ComputePool;
  /** Undefined for a gateway that stays alone. */
  readonly others: OtherPlaces | undefined;
  readonly waits: Waits;
  readonly rules: ChoiceRules;
  readonly observer: Observer;
  readonly clock: Clock;
  readonly dice: () => number;
}

/** Pause until other gateways are asked again for a free slot. */
const askOthersAgainMs = 1_000;

export class Placement {
  readonly #o: PlacementOptions;

  constructor(options: PlacementOptions) {
    this.#o = options;
  }

  /** A slot held for the task now, at a node that has not had it yet. Undefined when there is none. */
  async hold(
    task: Task,
    attempt: number,
    maxPriceWei: bigint | undefined,
    signal: AbortSignal,
  ): Promise<Place | undefined> {
    const place =
      this.#holdOwn(task, maxPriceWei) ?? (await this.#o.others?.reserve(task, attempt, maxPriceWei, signal));
    if (place !== undefined) task.triedNodes.push(nodeKey(place.wallet, place.nodeId));
    return place;
  }

  /** Chosen and held in the same turn: tasks that come in together must not all get the last slot. */
  #holdOwn(task: Task, maxPriceWei: bigint | undefined): Place | undefined {
    const { pool, rules, dice } = this.#o;
    const candidates = this.#candidates(task).filter(
      ({ priceWei }) => maxPriceWei === undefined || priceWei <= maxPriceWei,
    );
    const chosen = chooseNode(candidates, rules, dice());
    const node = chosen && pool.find(chosen.nodeKey);
    if (chosen === undefined || node === undefined) return undefined;
    pool.hold(node, task.key);
    return { nodeId: node.info.node_id ?? "", wallet: node.wallet, priceWei: chosen.priceWei };
  }

  /** True when a live node serves the task's model, busy or not. */
  isServed(task: Task): boolean {
    return this.#candidates(task).length > 0 || this.#o.others?.isServed(task) === true;
  }

  #candidates({ modelUuid, subnetId, triedNodes, requestId, key }: Task) {
    const { pool } = this.#o;
    const except = new Set([...triedNodes, ...pool.busyWithId(requestId, key)]);
    return pool.candidates(modelUuid, subnetId, except);
  }

  /** Resolves with true when it is worth while to ask for a slot again, with false at the deadline. */
  async mayHaveFree(task: Task, deadlineMs: number, signal: AbortSignal): Promise<boolean> {
    const { pool, waits, clock, others } = this.#o;
    let isFree = false;
    const cancel = pool.onceSlotFree(() => {
      isFree = true;
      waits.nudge(task.key);
    });
    try {
      const againMs = others === undefined ? deadlineMs : clock.nowMs() + askOthersAgainMs;
      const isNudged = await waits.until(task.key, () => isFree, Math.min(deadlineMs, againMs), signal);
      return isNudged || clock.nowMs() < deadlineMs;
    } finally {
      cancel();
    }
  }

  /** Hands a dispatched task to its node; it gets it on connecting if it is not connected now. */
  send(task: Task): void {
    if (assignmentOf(task).gateway === undefined) sendTask(this.#o.pool, task, this.#o.clock);
    else this.#o.others?.send(task);
  }

  /** As `send`, for a task that was read from the store: a node of this gateway gets it on connecting. */
  resume(task: Task): void {
    if (assignmentOf(task).gateway !== undefined) this.#o.others?.send(task);
  }

  async isStillRunning(task: Task, signal: AbortSignal): Promise<boolean> {
    const { wallet, nodeId, gateway } = assignmentOf(task);
    if (gateway !== undefined) return (await this.#o.others?.isStillRunning(task, signal)) ?? false;
    return this.#o.pool.isRunning(nodeKey(wallet, nodeId), task.requestId);
  }

  /** Gives back the slot of an assignment that another one follows. */
  leave(task: Task, assignment: Assignment): void {
    this.#o.pool.release(nodeKey(assignment.wallet, assignment.nodeId), task.key);
    if (assignment.gateway !== undefined) this.#o.others?.leave(task, assignment);
  }

  /** Gives back every slot that the task holds. */
  free(task: Task): void {
    for (const key of task.triedNodes) this.#o.pool.release(key, task.key);
    this.#o.others?.free(task);
  }

  /** Notes how the present assignment went. */
  observe(task: Task, succeeded: boolean): void {
    const { assignment, result } = task;
    if (assignment === undefined) return;
    const { wallet, nodeId, gateway } = assignment;
    if (gateway !== undefined && this.#o.others?.observe(task, succeeded) === true) return;
    const latencyMs = result?.completion.computation_time_ms ?? 0;
    this.#o.pool.observe(nodeKey(wallet, nodeId), succeeded, latencyMs);
    this.#o.observer.observe(wallet, succeeded ? "success" : result === undefined ? "no_answer" : "failure");
  }
}

/** Hands a dispatched task to its node, if that is connected; it gets it on connecting otherwise. */
export function sendTask(pool: ComputePool, task: Task, clock: Clock): void {
  const { wallet, nodeId } = assignmentOf(task);
  pool.send(nodeKey(wallet, nodeId), {
    request_id: task.requestId,
    model_uuid: task.modelUuid,
    input_data: task.inputData,
    originator_client_id: task.client === zeroAddress ? "" : task.client,
    preprocessing_validation: quoteOf(task).validation,
    assigned_timestamp: nowSec(clock),
    assigned_compute_node_id: nodeId,
    subnet_id: task.subnetId ?? null,
  });
}
