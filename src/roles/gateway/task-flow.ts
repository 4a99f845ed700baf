import {
  type Clock,
  CountersignError,
  type Genesis,
  type Logger,
  messageOf,
  nowSec,
  sleep,
  zeroAddress,
} from "../../base/index.ts";
import type { Chain, ValidatorSet } from "../../chain/index.ts";
import type { Cosigner, RoundResult } from "../../cosign/round.ts";
import { deadlinesOf, paymentTree, splitPrice } from "../../cosign/terms.ts";
import { nodeKey } from "../../records/index.ts";
import { type ChoiceRules, chooseNode } from "./choose-node.ts";
import type { ComputePool, PoolNode } from "./compute-pool.ts";
import type { Payments } from "./payments.ts";
import { completionRound, preprocessingRound, reassignmentRound } from "./proposals.ts";
import { type Assignment, isEnded, type Quote, type Task } from "./task.ts";
import type { TaskStore } from "./task-store.ts";
import type { Waits } from "./waits.ts";

/** What a gateway saw of a wallet's work, for its reputation. */
export interface Observer {
  observe(wallet: string, outcome: "success" | "failure" | "no_answer"): void;
}

/** Makes the receipt of a task that both rounds have signed. */
export type ReceiptMaker = (task: Task, validators: ValidatorSet) => Promise<string>;

export interface TaskFlowOptions {
  readonly tasks: TaskStore;
  readonly pool: ComputePool;
  readonly waits: Waits;
  readonly payments: Payments | undefined;
  readonly cosigner: Cosigner;
  readonly chain: Chain | undefined;
  readonly validatorSet: () => ValidatorSet;
  readonly receiptOf: ReceiptMaker;
  readonly observer: Observer;
  readonly genesis: Genesis;
  readonly wallet: string;
  readonly rules: ChoiceRules;
  readonly slotWaitMs: number;
  readonly clock: Clock;
  readonly dice: () => number;
  readonly logger: Logger;
}

/** Pause between tries of something that waits for a service to come back. */
const retryPauseMs = 500;

/**
 * Takes one task from where it stands to its end. Each step ends in a durable move, so a gateway that was killed
 * goes on by calling `run` again with the task as the store has it.
 */
export class TaskFlow {
  readonly #o: TaskFlowOptions;

  constructor(options: TaskFlowOptions) {
    this.#o = options;
  }

  /** Resolves when the task has ended, or rejects with the signal's reason when the gateway stops. */
  async run(task: Task, cancelled: AbortSignal, stopping: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([cancelled, stopping]);
    try {
      while (!isEnded(task)) await this.#step(task, signal, stopping);
    } catch (error) {
      stopping.throwIfAborted();
      await this.#fail(task, error);
    }
    this.#release(task);
  }

  #step(task: Task, signal: AbortSignal, stopping: AbortSignal): Promise<void> {
    switch (task.state) {
      case "received":
        return this.#quote(task, signal);
      case "quoted":
        return this.#coSignQuote(task, signal);
      case "awaiting_payment":
        return this.#awaitPayment(task, signal);
      case "queued":
        return this.#dispatch(task);
      case "dispatched":
        return this.#awaitResult(task, signal);
      case "validating":
        return this.#coSignResult(task, signal);
      default:
        // A completed task can no longer be cancelled; only stopping the gateway interrupts its payout.
        return this.#settle(task, stopping);
    }
  }

  // received → quoted: a node, a slot, a price
  async #quote(task: Task, signal: AbortSignal): Promise<void> {
    const { genesis, clock, chain, wallet } = this.#o;
    const node = await this.#holdSlot(task, signal);
    const priceWei =
      node.info.supported_models?.find((model) => model.model_uuid === task.modelUuid)?.price_wei || "0";
    const totalWei = chain === undefined ? 0n : BigInt(priceWei);
    const { payment, execution, validation } = genesis.deadlines_sec;
    const quote: Quote = {
      isPaid: totalWei > 0n,
      totalWei: totalWei.toString(),
      validation: {
        request_id: task.requestId,
        gateway_wallet: wallet,
        compute_node_id: node.info.node_id ?? "",
        compute_node_wallet: node.wallet,
        payment_tree: paymentTree(splitPrice(totalWei, genesis)),
        validator_signatures: [],
        expiry_timestamp: nowSec(clock) + payment + execution + validation,
      },
    };
    task.quote = quote;
    task.assignment = { attempt: 0, nodeId: node.info.node_id ?? "", wallet: node.wallet, leaseEndsMs: 0 };
    const saved = this.#o.tasks.move(task, "quoted");
    // The quote must be on disk before a validator signs it: a second, different one would be refused for ever.
    if (genesis.cosign.required > 0) await saved;
  }

  /**
   * A node with a slot held for the task. Waits for one: slots get free, and after a restart nodes come back.
   * @throws NO_COMPUTE_NODE, NO_FREE_SLOT
   */
  async #holdSlot(task: Task, signal: AbortSignal): Promise<PoolNode> {
    const { pool, clock, waits } = this.#o;
    const deadlineMs = clock.nowMs() + this.#o.slotWaitMs;
    for (;;) {
      const candidates = pool.candidates(task.modelUuid, task.subnetId, this.#nodesBusyWithSameId(task));
      const chosen = chooseNode(candidates, this.#o.rules, this.#o.dice());
      const node = chosen === undefined ? undefined : pool.find(chosen.nodeKey);
      if (node !== undefined) {
        // Held in the same turn as chosen: tasks that come in together must not all get the last slot.
        pool.hold(node, task.key);
        task.triedNodes.push(node.key);
        return node;
      }
      let isFree = false;
      const cancel = pool.onceSlotFree(() => {
        isFree = true;
        waits.nudge(task.key);
      });
      try {
        if (await waits.until(task.key, () => isFree, deadlineMs, signal)) continue;
      } finally {
        cancel();
      }
      if (candidates.length > 0) {
        throw new CountersignError(
          "NO_FREE_SLOT",
          `all nodes that serve "${task.modelUuid}" were busy for ${this.#o.slotWaitMs} ms`,
        );
      }
      throw new CountersignError(
        "NO_COMPUTE_NODE",
        `no live node behind this gateway serves model "${task.modelUuid}"${task.subnetId === undefined ? "" : ` in subnet ${task.subnetId}`}`,
      );
    }
  }

  /** A compute node knows tasks by request id alone, so it never gets two tasks of the same id at once. */
  #nodesBusyWithSameId(task: Task): Set<string> {
    const busy = new Set<string>(task.triedNodes);
    for (const node of this.#o.pool.nodes()) {
      for (const held of node.held) {
        if (held !== task.key && held.slice(held.indexOf("/") + 1) === task.requestId) busy.add(node.key);
      }
    }
    return busy;
  }

  // quoted → awaiting_payment | queued: the first round
  async #coSignQuote(task: Task, signal: AbortSignal): Promise<void> {
    const quote = quoteOf(task);
    const result = await this.#round(task, () => preprocessingRound(task, quote, this.#o.genesis), signal);
    if (!result.reached) throw notReached("preprocessing", result);
    quote.validation.validator_signatures = result.signatures;
    const saved = this.#o.tasks.move(task, quote.isPaid ? "awaiting_payment" : "queued");
    if (quote.isPaid) await saved;
  }

  // awaiting_payment → queued: the client's money, as the chain itself has it
  async #awaitPayment(task: Task, signal: AbortSignal): Promise<void> {
    const { payments, tasks } = this.#o;
    if (payments === undefined)
      throw new CountersignError("CHAIN_UNAVAILABLE", "this gateway has no chain to check payments on");
    task.paymentTx = await payments.awaitPaid(task, this.#deadlines(task).payment * 1000, signal);
    await tasks.move(task, "queued");
  }

  // queued → dispatched: on disk first, then to the node
  async #dispatch(task: Task): Promise<void> {
    const assignment = assignmentOf(task);
    task.assignment = { ...assignment, leaseEndsMs: this.#leaseEndMs(task) };
    await this.#o.tasks.move(task, "dispatched");
    this.#send(task);
  }

  // dispatched → validating (by `accept`) or dispatched again at another node
  async #awaitResult(task: Task, signal: AbortSignal): Promise<void> {
    const { waits, clock } = this.#o;
    const executionEndsMs = this.#deadlines(task).execution * 1000;
    while (task.state === "dispatched") {
      const leaseEndsMs = Math.min(assignmentOf(task).leaseEndsMs, executionEndsMs);
      if (await waits.until(task.key, () => task.state !== "dispatched", leaseEndsMs, signal)) return;
      if (clock.nowMs() >= executionEndsMs) {
        this.#observe(task, false);
        throw new CountersignError("EXECUTION_EXPIRED", "no result came before the execution deadline");
      }
      const assignment = assignmentOf(task);
      if (this.#isStillRunning(task, assignment))
        task.assignment = { ...assignment, leaseEndsMs: this.#leaseEndMs(task) };
      else await this.#reassign(task, signal);
    }
  }

  #isStillRunning(task: Task, assignment: Assignment): boolean {
    const node = this.#o.pool.find(nodeKey(assignment.wallet, assignment.nodeId));
    return node?.sink !== undefined && node.activeRequestIds.has(task.requestId);
  }

  async #reassign(task: Task, signal: AbortSignal): Promise<void> {
    const { pool, tasks, clock, genesis } = this.#o;
    const quote = quoteOf(task);
    const old = assignmentOf(task);
    if (task.proposedGrant === undefined) {
      const candidates = pool
        .candidates(task.modelUuid, task.subnetId, this.#nodesBusyWithSameId(task))
        .filter((candidate) => !quote.isPaid || candidate.priceWei <= BigInt(quote.totalWei));
      const chosen = chooseNode(candidates, this.#o.rules, this.#o.dice());
      const node = chosen === undefined ? undefined : pool.find(chosen.nodeKey);
      if (node === undefined) {
        // Nobody else can take it now: the old node may come back, or a new one appear, while time remains.
        await sleep(clock, retryPauseMs, signal);
        return;
      }
      this.#observe(task, false);
      task.triedNodes.push(node.key);
      task.proposedGrant = {
        attempt: old.attempt + 1,
        compute_node_id: node.info.node_id ?? "",
        compute_node_wallet: node.wallet,
        deadline: Math.floor(this.#leaseEndMs(task) / 1000),
      };
      pool.hold(node, task.key);
      await tasks.update(task);
    }
    const grant = task.proposedGrant;
    const result = await this.#round(task, () => reassignmentRound(task, quote, grant, genesis), signal);
    if (task.state !== "dispatched") return;
    if (!result.reached) throw notReached("reassignment", result, "COMPUTE_UNAVAILABLE");
    task.grants.push({ ...grant, validator_signatures: result.signatures });
    task.proposedGrant = undefined;
    pool.release(nodeKey(old.wallet, old.nodeId), task.key);
    task.assignment = {
      attempt: grant.attempt ?? old.attempt + 1,
      nodeId: grant.compute_node_id ?? "",
      wallet: grant.compute_node_wallet ?? "",
      leaseEndsMs: (grant.deadline ?? 0) * 1000,
    };
    await tasks.move(task, "dispatched");
    this.#send(task);
  }

  // validating → completed: the second round
  async #coSignResult(task: Task, signal: AbortSignal): Promise<void> {
    const { genesis, payments, tasks } = this.#o;
    const quote = quoteOf(task);
    const assignment = assignmentOf(task);
    const completion = task.result?.completion;
    if (completion === undefined)
      throw new CountersignError("INTERNAL", "a task without a result cannot be validated");
    if (quote.isPaid) await payments?.recheck(task, signal);
    const ask = () => completionRound(task, quote, completion, assignment.wallet, genesis);
    const result = await this.#round(task, ask, signal);
    if (!result.reached) {
      this.#observe(task, false);
      throw notReached(
        "completion",
        result,
        hasRefusal(result) ? "COMPLETION_REFUSED" : "QUORUM_NOT_REACHED",
      );
    }
    task.completionSignatures = result.signatures;
    task.receiptJson = await this.#o.receiptOf(task, this.#o.validatorSet());
    this.#observe(task, true);
    this.#release(task);
    const saved = tasks.move(task, "completed");
    if (quote.isPaid) await saved;
  }

  // completed → settled: the contract pays out
  async #settle(task: Task, stopping: AbortSignal): Promise<void> {
    const quote = quoteOf(task);
    if (quote.isPaid && this.#o.payments !== undefined) {
      const { payoutTx, refundTx } = await this.#o.payments.payOut(task, assignmentOf(task).wallet, stopping);
      task.payoutTx = payoutTx;
      task.refundTx = refundTx;
      task.receiptJson = await this.#o.receiptOf(task, this.#o.validatorSet());
    }
    await this.#o.tasks.move(task, "settled");
  }

  async #fail(task: Task, error: unknown): Promise<void> {
    const { tasks, logger, payments } = this.#o;
    const isKnown = error instanceof CountersignError;
    if (!isKnown)
      logger.error(
        { key: task.key, error: messageOf(error), stack: (error as Error).stack },
        "a task failed unexpectedly",
      );
    task.failure = isKnown
      ? { code: error.code, message: error.message }
      : { code: "INTERNAL", message: "the gateway could not process the task" };
    await tasks.move(task, "failed");
    logger.info({ key: task.key, code: task.failure.code, reason: task.failure.message }, "task failed");
    payments?.refundLater(task);
  }

  /** Gives back every slot that the task holds. */
  #release(task: Task): void {
    for (const key of task.triedNodes) this.#o.pool.release(key, task.key);
  }

  #observe(task: Task, succeeded: boolean): void {
    const assignment = task.assignment;
    if (assignment === undefined) return;
    const latencyMs = task.result?.completion.computation_time_ms ?? 0;
    this.#o.pool.observe(nodeKey(assignment.wallet, assignment.nodeId), succeeded, latencyMs);
    this.#o.observer.observe(
      assignment.wallet,
      succeeded ? "success" : task.result === undefined ? "no_answer" : "failure",
    );
  }

  async #round(
    task: Task,
    ask: () => Omit<Parameters<Cosigner["run"]>[0], "deadlineMs">,
    signal: AbortSignal,
  ): Promise<RoundResult> {
    const { genesis, clock, cosigner } = this.#o;
    signal.throwIfAborted();
    // Where M is 0 nobody is asked (a chain has an M of its own, above 0); to make the question would take a tenth of
    // such a task's work.
    if (genesis.cosign.required === 0 && genesis.chain === null)
      return { reached: true, signatures: [], trail: {} };
    const result = await cosigner.run(
      { ...ask(), deadlineMs: clock.nowMs() + genesis.cosign.deadline_ms },
      signal,
    );
    if (result.trail.asked !== 0) task.trails.push(result.trail);
    return result;
  }

  #send(task: Task): void {
    sendTask(this.#o.pool, task, this.#o.clock);
  }

  #leaseEndMs(task: Task): number {
    const endMs = this.#o.clock.nowMs() + this.#o.genesis.deadlines_sec.lease * 1000;
    return Math.min(endMs, this.#deadlines(task).execution * 1000);
  }

  #deadlines(task: Task): { payment: number; execution: number } {
    const { payment, execution } = deadlinesOf(
      quoteOf(task).validation.expiry_timestamp ?? 0,
      this.#o.genesis,
    );
    return { payment: payment ?? 0, execution: execution ?? 0 };
  }
}

export function quoteOf(task: Task): Quote {
  if (task.quote === undefined) throw new CountersignError("INTERNAL", `task ${task.key} has no quote`);
  return task.quote;
}

export function assignmentOf(task: Task): Assignment {
  if (task.assignment === undefined)
    throw new CountersignError("INTERNAL", `task ${task.key} has no assignment`);
  return task.assignment;
}

/** Hands a dispatched task to its node, if that is connected; it gets it on connecting otherwise. */
export function sendTask(pool: ComputePool, task: Task, clock: Clock): void {
  const assignment = assignmentOf(task);
  pool.send(nodeKey(assignment.wallet, assignment.nodeId), {
    request_id: task.requestId,
    model_uuid: task.modelUuid,
    input_data: task.inputData,
    originator_client_id: task.client === zeroAddress ? "" : task.client,
    preprocessing_validation: quoteOf(task).validation,
    assigned_timestamp: nowSec(clock),
    assigned_compute_node_id: assignment.nodeId,
    subnet_id: task.subnetId ?? null,
  });
}

const hasRefusal = (result: RoundResult): boolean =>
  (result.trail.verdicts ?? []).some((verdict) => verdict.outcome === "refused");

function notReached(
  round: string,
  { trail }: RoundResult,
  code: "QUORUM_NOT_REACHED" | "COMPLETION_REFUSED" | "COMPUTE_UNAVAILABLE" = "QUORUM_NOT_REACHED",
): CountersignError {
  const signed = (trail.verdicts ?? []).filter((verdict) => verdict.outcome === "signed").length;
  const others = (trail.verdicts ?? [])
    .filter((verdict) => verdict.outcome !== "signed")
    .map((verdict) => `${verdict.validator_address} ${verdict.reason || verdict.outcome}`);
  return new CountersignError(
    code,
    `${round} round: ${signed} of ${trail.required} signatures from ${trail.asked} validators; ${others.join(", ")}`,
    { round },
  );
}
