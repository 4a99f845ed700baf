import {
  type Clock,
  CountersignError,
  type Genesis,
  invalidField,
  type Logger,
} from "../../../base/index.ts";
import type { Chain, ValidatorSet } from "../../../chain/index.ts";
import { parseWei } from "../../../proof/terms.ts";
import { nodeKey } from "../../../records/index.ts";
import type { countersign } from "../../../wire/index.ts";
import { type ChoiceRules, chooseNode } from "../choose-node.ts";
import type { ComputePool } from "../compute-pool.ts";
import { judge } from "../payments.ts";
import { assignmentOf, isEnded, type Task } from "../task.ts";
import type { TaskStore } from "../task-store.ts";
import { readHandOver } from "./read-hand-over.ts";
import { Reservations } from "./reservations.ts";
import { hostedKey, type TaskAnswer, type TaskRef } from "./task-messages.ts";

// The side of the gateway that the node is behind: what another gateway may ask of it.

/** A round, its re-tries and a restart in between, beyond what a client has to pay. */
const reservationMarginMs = 30_000;

export interface HostedTasksOptions {
  readonly tasks: TaskStore;
  readonly pool: ComputePool;
  readonly genesis: Genesis;
  readonly chain: Pick<Chain, "escrow"> | undefined;
  readonly validatorSet: () => ValidatorSet;
  readonly rules: ChoiceRules;
  readonly maxTasks: number;
  /** Takes a durable task from where it stands to its end. */
  readonly run: (task: Task) => void;
  /** Ends a task that its gateway does not want any more. */
  readonly drop: (task: Task) => Promise<void>;
  /** Sends a result that waits to be sent again. */
  readonly hurry: (task: Task) => void;
  readonly clock: Clock;
  readonly dice: () => number;
  readonly logger: Logger;
}

export class HostedTasks {
  readonly #o: HostedTasksOptions;
  readonly #reservations: Reservations;
  /** Hand-overs that are being looked at. */
  readonly #accepting = new Map<string, Promise<void>>();
  readonly counts = { accepted: 0 };

  constructor(options: HostedTasksOptions) {
    this.#o = options;
    this.#reservations = new Reservations(options.pool, options.clock);
  }

  /** @throws CountersignError NO_COMPUTE_NODE, NO_FREE_SLOT, UNAVAILABLE */
  async reserve(ref: TaskRef, ask: countersign.v1.TaskReserve.$Properties): Promise<TaskAnswer> {
    const { pool, rules, dice, tasks } = this.#o;
    const key = hostedKey(ref);
    if ((await tasks.find(key)) !== undefined) {
      throw new CountersignError("ALREADY_EXISTS", "this attempt of the task was handed over before");
    }
    const before = this.#reservations.get(key);
    if (before !== undefined) return reserved(pool, before);
    this.#requireRoom(ref.gateway);
    if (!this.#reservations.mayHold(ref.gateway)) {
      throw new CountersignError(
        "RATE_LIMITED",
        `${ref.gateway} holds as many slots here as one gateway may`,
      );
    }
    const maxWei = ask.max_price_wei ? parseWei(ask.max_price_wei) : undefined;
    if (ask.max_price_wei && maxWei === undefined) {
      throw invalidField("reserve.max_price_wei", ask.max_price_wei, "an amount in wei");
    }
    const except = new Set([...(ask.except ?? []), ...pool.busyWithId(ref.requestId, key)]);
    const candidates = pool
      .candidates(ask.model_uuid ?? "", ask.subnet_id ?? undefined, except)
      .filter(({ priceWei }) => maxWei === undefined || priceWei <= maxWei);
    const chosen = chooseNode(candidates, rules, dice());
    if (chosen === undefined) {
      throw candidates.length > 0
        ? new CountersignError("NO_FREE_SLOT", "all nodes here that serve the model are busy")
        : new CountersignError("NO_COMPUTE_NODE", "no live node here serves the model on these terms");
    }
    const forMs = this.#reservationMs(chosen.priceWei);
    const held = this.#reservations.hold(key, ref.gateway, chosen, ask.model_uuid ?? "", forMs);
    if (held === undefined) throw new CountersignError("INTERNAL", "a node went while it was chosen");
    return reserved(pool, held);
  }

  /**
   * Takes a task over; resolves once it is durable.
   * @throws CountersignError INVALID_ARGUMENT or ALREADY_EXISTS, which asking again does not change; TASK_ENDED; else for now
   */
  async handOver(ref: TaskRef, ask: countersign.v1.TaskHandOver.$Properties): Promise<TaskAnswer> {
    const key = hostedKey(ref);
    // The same message twice at once: both wait for one look at it.
    const under = this.#accepting.get(key) ?? this.#accept(key, ref, ask);
    this.#accepting.set(key, under);
    try {
      await under;
    } finally {
      this.#accepting.delete(key);
    }
    return {};
  }

  async #accept(key: string, ref: TaskRef, ask: countersign.v1.TaskHandOver.$Properties): Promise<void> {
    const { tasks, run, logger } = this.#o;
    const known = await tasks.find(key);
    if (known !== undefined) return await this.#acceptAgain(known, ask);
    const task = readHandOver(ref, ask, this.#o);
    await this.#checkPaid(task);
    this.#holdSlot(task);
    try {
      await tasks.insert(task);
    } catch (error) {
      this.#o.pool.release(task.triedNodes[0] ?? "", key);
      throw error;
    }
    this.counts.accepted++;
    logger.info(
      { key, from: ref.gateway, node: assignmentOf(task).nodeId },
      "task of another gateway taken over",
    );
    run(task);
  }

  async #acceptAgain(task: Task, ask: countersign.v1.TaskHandOver.$Properties): Promise<void> {
    if (task.inputData !== ask.input_data || task.modelUuid !== ask.model_uuid) {
      throw new CountersignError("ALREADY_EXISTS", "this attempt was handed over with other content");
    }
    if (task.state === "failed") {
      throw new CountersignError("TASK_ENDED", `this attempt has ended here: ${task.failure?.message}`);
    }
    await this.#o.tasks.stored(task);
    this.#o.hurry(task);
  }

  async check(ref: TaskRef): Promise<TaskAnswer> {
    const { tasks, pool, hurry } = this.#o;
    const task = await tasks.find(hostedKey(ref));
    if (task === undefined) throw notFound();
    hurry(task);
    const { wallet, nodeId } = assignmentOf(task);
    const isComputing =
      task.state === "dispatched" && pool.isRunning(nodeKey(wallet, nodeId), task.requestId);
    return { checked: { is_running: isComputing || task.state === "validating" } };
  }

  async release(ref: TaskRef): Promise<TaskAnswer> {
    const { tasks, drop } = this.#o;
    const key = hostedKey(ref);
    this.#reservations.release(key);
    await this.#accepting.get(key)?.catch(() => {});
    const task = await tasks.find(key);
    if (task !== undefined && !isEnded(task)) await drop(task);
    return {};
  }

  stop(): void {
    this.#reservations.stop();
  }

  /** By this gateway's own reading of the chain. @throws PAYMENT_INVALID while it shows no payment */
  async #checkPaid(task: Task): Promise<void> {
    const { chain, genesis } = this.#o;
    if (task.quote?.isPaid !== true) return;
    const escrow = await chain?.escrow(task.requestId);
    if (escrow === undefined)
      throw new CountersignError("CHAIN_UNAVAILABLE", "this gateway has no chain to look at");
    if (escrow.state === "completed" || escrow.state === "refunded") {
      throw new CountersignError("TASK_ENDED", `the task's escrow is ${escrow.state}`);
    }
    const found = judge(task, escrow, genesis);
    if (found !== "paid")
      throw new CountersignError("PAYMENT_INVALID", `the task's escrow is ${found} as seen from here`);
  }

  /** The slot that was reserved, or a free one of the same node when the reservation is gone. In one turn. */
  #holdSlot(task: Task): void {
    const { pool, chain } = this.#o;
    const [key = ""] = task.triedNodes;
    const held = this.#reservations.get(task.key);
    // What validators sign names no model: it must be the one that the slot was given for.
    const isHeld = held?.nodeKey === key && held.modelUuid === task.modelUuid;
    const candidate = pool
      .candidates(task.modelUuid, task.subnetId, new Set())
      .find((one) => one.nodeKey === key);
    const node = pool.find(key);
    const priceWei = isHeld ? held.priceWei : candidate?.priceWei;
    if (node === undefined || priceWei === undefined) {
      throw new CountersignError(
        "NO_COMPUTE_NODE",
        "the task's node is not connected here, or does not serve the model",
      );
    }
    if (chain !== undefined && priceWei > BigInt(task.quote?.totalWei ?? "0")) {
      throw new CountersignError(
        "INVALID_ARGUMENT",
        `hand_over: the node asks ${priceWei} wei for such a task`,
      );
    }
    if (!isHeld) {
      this.#requireRoom(task.origin ?? "");
      const isAlike = pool.busyWithId(task.requestId, task.key).includes(key);
      if (candidate === undefined || candidate.freeSlots === 0 || isAlike) {
        throw new CountersignError("NO_FREE_SLOT", "the task's node has no free slot");
      }
      this.#reservations.release(task.key);
      pool.hold(node, task.key);
    } else this.#reservations.take(task.key);
  }

  #requireRoom(gateway: string): void {
    const { tasks, maxTasks, logger } = this.#o;
    if (tasks.hostedCount + this.#reservations.size < maxTasks) return;
    logger.warn({ gateway, maxTasks }, "a task of another gateway was refused: gateway.federation.max_tasks");
    throw new CountersignError("UNAVAILABLE", `this gateway runs ${maxTasks} tasks for others already`);
  }

  /** Until the terms are signed and, where it costs something, the client has had its time to pay. */
  #reservationMs(priceWei: bigint): number {
    const { genesis, chain } = this.#o;
    const paymentMs = chain !== undefined && priceWei > 0n ? genesis.deadlines_sec.payment * 1000 : 0;
    return paymentMs + genesis.cosign.deadline_ms + reservationMarginMs;
  }
}

function reserved(
  pool: ComputePool,
  { nodeKey, priceWei, untilMs }: { nodeKey: string; priceWei: bigint; untilMs: number },
): TaskAnswer {
  const node = pool.find(nodeKey);
  return {
    reserved: {
      node_id: node?.info.node_id ?? "",
      wallet: node?.wallet ?? "",
      price_wei: priceWei.toString(),
      until_ms: untilMs,
    },
  };
}

const notFound = () => new CountersignError("TASK_NOT_FOUND", "this gateway knows no such task of yours");
