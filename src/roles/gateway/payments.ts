import {
  type Clock,
  CountersignError,
  equalBytes,
  fromHex,
  type Genesis,
  isCode,
  type Logger,
  messageOf,
  sleep,
} from "../../base/index.ts";
import type { Chain, Escrow } from "../../chain/index.ts";
import { preprocessingTyped } from "./proposals.ts";
import type { Task } from "./task.ts";
import type { TaskStore } from "./task-store.ts";
import type { Waits } from "./waits.ts";

export interface PaymentsOptions {
  readonly chain: Chain;
  readonly tasks: TaskStore;
  readonly waits: Waits;
  readonly genesis: Genesis;
  readonly wallet: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly stopping: AbortSignal;
}

/** Besides the chain's own notices an escrow is looked at this often, should a notice be lost. */
const lookAgainMs = 5_000;
/** Pause between tries of a transaction while the chain does not answer. */
const retryPauseMs = 1_000;

export type PaymentFound = "unpaid" | "shallow" | "paid" | "foreign";

/** Money in and out of the escrow contract for this gateway's tasks, always by its own reading of the chain. */
export class Payments {
  readonly #o: PaymentsOptions;
  readonly #awaiting = new Map<string, Set<string>>();
  readonly #touched = new Set<string>();
  readonly #refunding = new Map<string, Promise<void>>();
  readonly #stopListening: () => void;

  constructor(options: PaymentsOptions) {
    this.#o = options;
    this.#stopListening = options.chain.onEscrow((requestId) => this.touch(requestId));
  }

  /** What the chain says of the task's escrow, against the quote. @throws CHAIN_UNAVAILABLE */
  async look(task: Task): Promise<{ found: PaymentFound; escrow: Escrow }> {
    const escrow = await this.#o.chain.escrow(task.requestId);
    return { found: judge(task, escrow, this.#o.genesis), escrow };
  }

  /**
   * Waits for the payment; answers its transaction.
   * @throws PAYMENT_EXPIRED when the chain shows none at the deadline, PAYMENT_INVALID when another task took the id
   */
  async awaitPaid(task: Task, deadlineMs: number, signal: AbortSignal): Promise<string> {
    const { clock, waits } = this.#o;
    const keys = this.#awaiting.get(task.requestId) ?? new Set();
    this.#awaiting.set(task.requestId, keys);
    keys.add(task.key);
    try {
      for (;;) {
        this.#touched.delete(task.key);
        const seen = await this.#lookOrUndefined(task);
        if (seen?.found === "paid") return seen.escrow.paymentTx;
        if (seen?.found === "foreign") throw foreignEscrow(task);
        // A chain that does not answer cannot say that nobody paid: the task waits for it past its deadline.
        if (seen?.found === "unpaid" && clock.nowMs() >= deadlineMs) {
          throw new CountersignError(
            "PAYMENT_EXPIRED",
            "the escrow was not paid before the payment deadline",
          );
        }
        const isPast = clock.nowMs() >= deadlineMs;
        const nextLookMs = Math.min(
          clock.nowMs() + lookAgainMs,
          isPast ? Number.POSITIVE_INFINITY : deadlineMs,
        );
        await waits.until(task.key, () => this.#touched.has(task.key), nextLookMs, signal);
      }
    } finally {
      keys.delete(task.key);
      if (keys.size === 0) this.#awaiting.delete(task.requestId);
      this.#touched.delete(task.key);
    }
  }

  /** Looks again before validators are asked to release money: a reorg may have taken the payment away. */
  async recheck(task: Task, signal: AbortSignal): Promise<void> {
    for (;;) {
      const seen = await this.#lookOrUndefined(task);
      if (seen?.found === "paid") return;
      if (seen !== undefined) {
        throw new CountersignError(
          "PAYMENT_INVALID",
          `the payment ${task.paymentTx} is no longer on the chain`,
        );
      }
      await sleep(this.#o.clock, retryPauseMs, signal);
    }
  }

  /** Has the contract pay out, however long the chain takes to answer. */
  async payOut(
    task: Task,
    computeNodeWallet: string,
    signal: AbortSignal,
  ): Promise<{ payoutTx: string | undefined; refundTx: string | undefined }> {
    const { chain, clock, logger } = this.#o;
    const completion = task.result?.completion;
    for (;;) {
      try {
        const payoutTx = await chain.complete(
          {
            requestId: task.requestId,
            computeNodeWallet,
            resultHash: completion?.result_hash ?? new Uint8Array(32),
            completionTimestamp: completion?.completion_timestamp ?? 0,
            computationTimeMs: completion?.computation_time_ms ?? 0,
            signatures: task.completionSignatures.map((signature) => fromHex(signature.signature ?? "")),
          },
          signal,
        );
        return { payoutTx, refundTx: undefined };
      } catch (error) {
        signal.throwIfAborted();
        const seen = await this.#lookOrUndefined(task);
        if (seen?.escrow.state === "completed")
          return { payoutTx: seen.escrow.closingTx, refundTx: undefined };
        if (seen?.escrow.state === "refunded") {
          logger.error(
            { key: task.key, refundTx: seen.escrow.closingTx },
            "an escrow was refunded before its payout",
          );
          return { payoutTx: undefined, refundTx: seen.escrow.closingTx };
        }
        logger.warn({ key: task.key, error: messageOf(error) }, "payout failed; trying again");
        await sleep(clock, retryPauseMs, signal);
      }
    }
  }

  /** Returns a failed task's money as soon as the chain shows any; safe to call again and again. */
  refundLater(task: Task): void {
    // Of another gateway's task the escrow is that gateway's matter.
    if (task.origin !== undefined) return;
    if (task.quote?.isPaid !== true || task.refundTx !== undefined || this.#refunding.has(task.key)) return;
    const work = this.#refund(task)
      .catch((error) => {
        if (!this.#o.stopping.aborted)
          this.#o.logger.error({ key: task.key, error: messageOf(error) }, "refund failed");
      })
      .finally(() => this.#refunding.delete(task.key));
    this.#refunding.set(task.key, work);
  }

  async #refund(task: Task): Promise<void> {
    const { chain, clock, tasks, logger, stopping, genesis, wallet } = this.#o;
    for (;;) {
      try {
        const escrow = await chain.escrow(task.requestId);
        const isOurs = judge(task, escrow, genesis) !== "foreign" && escrow.gatewayWallet === wallet;
        if (!isOurs || escrow.state === "none") return;
        if (escrow.state === "completed") return;
        task.paymentTx = escrow.paymentTx;
        task.refundTx =
          escrow.state === "refunded" ? escrow.closingTx : await chain.markFailed(task.requestId, stopping);
        await tasks.update(task);
        logger.info({ key: task.key, refundTx: task.refundTx }, "client refunded");
        return;
      } catch (error) {
        stopping.throwIfAborted();
        logger.warn({ key: task.key, error: messageOf(error) }, "refund failed; trying again");
        await sleep(clock, retryPauseMs, stopping);
      }
    }
  }

  /** Has whoever waits for that request's escrow look at it; refunds what came too late. */
  touch(requestId: string): void {
    for (const key of this.#awaiting.get(requestId) ?? []) {
      this.#touched.add(key);
      this.#o.waits.nudge(key);
    }
    this.#refundLate(requestId).catch((error) =>
      this.#o.logger.warn({ requestId, error: messageOf(error) }, "could not look for late payments"),
    );
  }

  async #refundLate(requestId: string): Promise<void> {
    if (this.#awaiting.has(requestId)) return;
    for (const task of await this.#o.tasks.findByRequestId(requestId)) {
      if (task.state === "failed") this.refundLater(task);
    }
  }

  async #lookOrUndefined(task: Task): Promise<{ found: PaymentFound; escrow: Escrow } | undefined> {
    try {
      return await this.look(task);
    } catch (error) {
      if (!isCode(error, "CHAIN_UNAVAILABLE")) throw error;
      return undefined;
    }
  }

  async stop(): Promise<void> {
    this.#stopListening();
    await Promise.all(this.#refunding.values());
  }
}

/** What an escrow is to a task. Pure. */
export function judge(task: Task, escrow: Escrow, genesis: Genesis): PaymentFound {
  if (escrow.state === "none") return "unpaid";
  const quote = task.quote;
  if (quote === undefined) return "foreign";
  const isOurs = equalBytes(escrow.validationDigest, preprocessingTyped(quote, task.client, genesis).digest);
  if (!isOurs || escrow.totalWei !== BigInt(quote.totalWei)) return "foreign";
  return escrow.depth >= (genesis.chain?.confirmations ?? 1) ? "paid" : "shallow";
}

function foreignEscrow(task: Task): CountersignError {
  return new CountersignError(
    "PAYMENT_INVALID",
    `request id "${task.requestId}" was paid for another task; submit again with a new id`,
  );
}
