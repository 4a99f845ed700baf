import {
  type Clock,
  CountersignError,
  type Genesis,
  type Logger,
  messageOf,
  nowSec,
  sleep,
} from "../../base/index.ts";
import type { Chain, ValidatorSet } from "../../chain/index.ts";
import type { Cosigner, RoundResult } from "../../cosign/round.ts";
import { deadlinesOf, paymentTree, splitPrice } from "../../proof/terms.ts";
import type { Deposits } from "./deposits.ts";
import type { Payments } from "./payments.ts";
import type { Place, Placement } from "./placement.ts";
import { completionRound, preprocessingRound, reassignmentRound } from "./proposals.ts";
import { hasRounds, type ReceiptMaker } from "./receipts.ts";
import { type Assignment, assignmentOf, isEnded, type Quote, quoteOf, type Task } from "./task.ts";
import type { TaskStore } from "./task-store.ts";
import type { Waits } from "./waits.ts";

export interface TaskFlowOptions {
  readonly tasks: TaskStore;
  readonly placement: Placement;
  readonly waits: Waits;
  readonly payments: Payments | undefined;
  readonly deposits: Deposits | undefined;
  readonly cosigner: Cosigner;
  readonly chain: Chain | undefined;
  readonly validatorSet: () => ValidatorSet;
  readonly receiptOf: ReceiptMaker;
  readonly genesis: Genesis;
  readonly wallet: string;
  readonly slotWaitMs: number;
  readonly clock: Clock;
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
    this.#o.placement.free(task);
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
    const place = await this.#holdSlot(task, signal);
    const totalWei = chain === undefined ? 0n : place.priceWei;
    const { payment, execution, validation } = genesis.deadlines_sec;
    const quote: Quote = {
      isPaid: totalWei > 0n,
      totalWei: totalWei.toString(),
      validation: {
        request_id: task.requestId,
        gateway_wallet: wallet,
        compute_node_id: place.nodeId,
        compute_node_wallet: place.wallet,
        payment_tree: paymentTree(splitPrice(totalWei, genesis)),
        validator_signatures: [],
        expiry_timestamp: nowSec(clock) + payment + execution + validation,
      },
    };
    task.quote = quote;
    task.assignment = assigned(place, 0, 0);
    const saved = this.#o.tasks.move(task, "quoted");
    // The quote must be on disk before a validator signs it: a second, different one would be refused for ever.
    if (genesis.cosign.required > 0) await saved;
  }

  /**
   * A node with a slot held for the task. Waits for one: slots get free, and after a restart nodes come back.
   * @throws NO_COMPUTE_NODE, NO_FREE_SLOT
   */
  async #holdSlot(task: Task, signal: AbortSignal): Promise<Place> {
    const { placement, clock } = this.#o;
    const deadlineMs = clock.nowMs() + this.#o.slotWaitMs;
    for (;;) {
      const place = await placement.hold(task, 0, undefined, signal);
      if (place !== undefined) return place;
      const isServed = placement.isServed(task);
      if (await placement.mayHaveFree(task, deadlineMs, signal)) continue;
      if (isServed) {
        throw new CountersignError(
          "NO_FREE_SLOT",
          `all nodes that serve "${task.modelUuid}" were busy for ${this.#o.slotWaitMs} ms`,
        );
      }
      throw new CountersignError(
        "NO_COMPUTE_NODE",
        `no live node within reach of this gateway serves model "${task.modelUuid}"${task.subnetId === undefined ? "" : ` in subnet ${task.subnetId}`}`,
      );
    }
  }

  // quoted → awaiting_payment | queued: the first round
  async #coSignQuote(task: Task, signal: AbortSignal): Promise<void> {
    const quote = quoteOf(task);
    const result = await this.#round(task, () => preprocessingRound(task, quote, this.#o.genesis), signal);
    if (!result.reached) throw notReached("preprocessing", result);
    quote.validation.validator_signatures = result.signatures;
    if (quote.isPaid && task.mayUseDeposit === true)
      task.isPrepaid = (await this.#o.deposits?.promise(task)) ?? false;
    const saved = this.#o.tasks.move(task, quote.isPaid ? "awaiting_payment" : "queued");
    if (quote.isPaid) await saved;
  }

  // awaiting_payment → queued: the client's money, as the chain itself has it
  async #awaitPayment(task: Task, signal: AbortSignal): Promise<void> {
    const { payments, tasks } = this.#o;
    if (payments === undefined)
      throw new CountersignError("CHAIN_UNAVAILABLE", "this gateway has no chain to check payments on");
    const deadlineMs = this.#deadlines(task).payment * 1000;
    if (task.isPrepaid === true) await this.#o.deposits?.pay(task, deadlineMs, signal);
    task.paymentTx = await payments.awaitPaid(task, deadlineMs, signal);
    await tasks.move(task, "queued");
  }

  // queued → dispatched: on disk first, then to the node
  async #dispatch(task: Task): Promise<void> {
    const assignment = assignmentOf(task);
    task.assignment = { ...assignment, leaseEndsMs: this.#leaseEndMs(task) };
    await this.#o.tasks.move(task, "dispatched");
    this.#o.placement.send(task);
  }

  // dispatched → validating (by `accept`) or dispatched again at another node
  async #awaitResult(task: Task, signal: AbortSignal): Promise<void> {
    const { waits, clock, placement } = this.#o;
    const executionEndsMs = this.#deadlines(task).execution * 1000;
    placement.resume(task);
    while (task.state === "dispatched") {
      const leaseEndsMs = Math.min(assignmentOf(task).leaseEndsMs, executionEndsMs);
      if (await waits.until(task.key, () => task.state !== "dispatched", leaseEndsMs, signal)) return;
      if (clock.nowMs() >= executionEndsMs) {
        placement.observe(task, false);
        throw new CountersignError("EXECUTION_EXPIRED", "no result came before the execution deadline");
      }
      if (await placement.isStillRunning(task, signal))
        task.assignment = { ...assignmentOf(task), leaseEndsMs: this.#leaseEndMs(task) };
      else if (task.state === "dispatched") await this.#reassign(task, signal);
    }
  }

  async #reassign(task: Task, signal: AbortSignal): Promise<void> {
    const { placement, tasks, clock, genesis } = this.#o;
    const quote = quoteOf(task);
    const old = assignmentOf(task);
    if (task.proposedGrant === undefined) {
      const maxPriceWei = this.#o.chain === undefined ? undefined : BigInt(quote.totalWei);
      const place = await placement.hold(task, old.attempt + 1, maxPriceWei, signal);
      if (place === undefined) {
        // Nobody else can take it now: the old node may come back, or a new one appear, while time remains.
        await sleep(clock, retryPauseMs, signal);
        return;
      }
      if (task.state !== "dispatched") return;
      placement.observe(task, false);
      task.proposedGrant = {
        attempt: old.attempt + 1,
        compute_node_id: place.nodeId,
        compute_node_wallet: place.wallet,
        deadline: Math.floor(this.#leaseEndMs(task) / 1000),
      };
      task.proposedGateway = place.gateway;
      await tasks.update(task);
    }
    const grant = task.proposedGrant;
    const result = await this.#round(task, () => reassignmentRound(task, quote, grant, genesis), signal);
    if (task.state !== "dispatched") return;
    if (!result.reached) throw notReached("reassignment", result, "COMPUTE_UNAVAILABLE");
    task.grants.push({ ...grant, validator_signatures: result.signatures });
    const place = {
      nodeId: grant.compute_node_id ?? "",
      wallet: grant.compute_node_wallet ?? "",
      gateway: task.proposedGateway,
    };
    task.proposedGrant = undefined;
    task.proposedGateway = undefined;
    placement.leave(task, old);
    task.assignment = assigned(place, grant.attempt ?? old.attempt + 1, (grant.deadline ?? 0) * 1000);
    await tasks.move(task, "dispatched");
    placement.send(task);
  }

  // validating → completed: the second round
  async #coSignResult(task: Task, signal: AbortSignal): Promise<void> {
    const { genesis, payments, placement, tasks } = this.#o;
    const quote = quoteOf(task);
    const assignment = assignmentOf(task);
    const completion = task.result?.completion;
    if (completion === undefined)
      throw new CountersignError("INTERNAL", "a task without a result cannot be validated");
    // A result that a crash takes back after validators signed it: the node's next one would be refused as another.
    if (hasRounds(genesis)) await tasks.stored(task);
    if (quote.isPaid) await payments?.recheck(task, signal);
    const ask = () => completionRound(task, quote, completion, assignment.wallet, genesis);
    const result = await this.#round(task, ask, signal);
    if (!result.reached) {
      placement.observe(task, false);
      throw notReached(
        "completion",
        result,
        hasRefusal(result) ? "COMPLETION_REFUSED" : "QUORUM_NOT_REACHED",
      );
    }
    task.completionSignatures = result.signatures;
    if (hasRounds(genesis)) task.receiptJson = await this.#o.receiptOf(task, this.#o.validatorSet());
    placement.observe(task, true);
    placement.free(task);
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
    this.#o.deposits?.release(task);
    await tasks.move(task, "failed");
    logger.info({ key: task.key, code: task.failure.code, reason: task.failure.message }, "task failed");
    payments?.refundLater(task);
  }

  async #round(
    task: Task,
    ask: () => Omit<Parameters<Cosigner["run"]>[0], "deadlineMs">,
    signal: AbortSignal,
  ): Promise<RoundResult> {
    const { genesis, clock, cosigner } = this.#o;
    signal.throwIfAborted();
    // To make a question that nobody is asked would take a tenth of such a task's work.
    if (!hasRounds(genesis)) return { reached: true, signatures: [], trail: {} };
    const result = await cosigner.run(
      { ...ask(), deadlineMs: clock.nowMs() + genesis.cosign.deadline_ms },
      signal,
    );
    if (result.trail.asked !== 0) task.trails.push(result.trail);
    return result;
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

function assigned(place: Omit<Place, "priceWei">, attempt: number, leaseEndsMs: number): Assignment {
  const { nodeId, wallet, gateway } = place;
  return { attempt, nodeId, wallet, leaseEndsMs, ...(gateway === undefined ? {} : { gateway }) };
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
