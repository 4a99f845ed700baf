import {
  type Clock,
  CountersignError,
  fromHex,
  isCode,
  type Logger,
  messageOf,
  sleep,
} from "../../base/index.ts";
import { type Chain, revertName } from "../../chain/index.ts";
import { preprocessingTerms } from "./proposals.ts";
import { quoteOf, type Task } from "./task.ts";

export interface DepositsOptions {
  readonly chain: Pick<Chain, "prepaidOf" | "payFromDeposit">;
  readonly wallet: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Pause between tries of a transaction while the chain does not answer. */
const retryPauseMs = 1_000;

/** Pays tasks from what their clients have deposited at this gateway. */
export class Deposits {
  readonly #o: DepositsOptions;
  /** Wei of tasks that are about to be paid, by client and task: the chain does not show yet that they are gone. */
  readonly #promised = new Map<string, Map<string, bigint>>();

  constructor(options: DepositsOptions) {
    this.#o = options;
  }

  /** Sets the task's price aside; false where the client's deposit does not cover it. @throws CHAIN_UNAVAILABLE */
  async promise(task: Task): Promise<boolean> {
    const prepaidWei = await this.#o.chain.prepaidOf(task.client, this.#o.wallet);
    const others = [...(this.#promised.get(task.client) ?? [])].filter(([key]) => key !== task.key);
    const promisedWei = others.reduce((sum, [, wei]) => sum + wei, 0n);
    if (prepaidWei - promisedWei < BigInt(quoteOf(task).totalWei)) return false;
    this.#hold(task);
    return true;
  }

  /**
   * Pays the task, again after a restart too: what was paid before stays the payment. Without a chain it goes on trying
   * until the deadline.
   * @throws PAYMENT_REQUIRED when the deposit no longer covers it, PAYMENT_INVALID
   */
  async pay(task: Task, deadlineMs: number, signal: AbortSignal): Promise<void> {
    const { chain, clock, logger } = this.#o;
    const quote = quoteOf(task);
    const signatures = (quote.validation.validator_signatures ?? []).map((one) =>
      fromHex(one.signature ?? ""),
    );
    this.#hold(task);
    try {
      while (clock.nowMs() < deadlineMs) {
        signal.throwIfAborted();
        try {
          await chain.payFromDeposit({ terms: preprocessingTerms(quote, task.client), signatures }, signal);
          return;
        } catch (error) {
          signal.throwIfAborted();
          if (revertName(error) === "DepositTooSmall") throw notCovered(task);
          if (!isCode(error, "CHAIN_UNAVAILABLE")) throw error;
          logger.warn(
            { key: task.key, error: messageOf(error) },
            "payment from a deposit failed; trying again",
          );
          await sleep(clock, retryPauseMs, signal);
        }
      }
    } finally {
      this.release(task);
    }
  }

  release(task: Task): void {
    const tasks = this.#promised.get(task.client);
    tasks?.delete(task.key);
    if (tasks?.size === 0) this.#promised.delete(task.client);
  }

  #hold(task: Task): void {
    const tasks = this.#promised.get(task.client) ?? new Map<string, bigint>();
    this.#promised.set(task.client, tasks.set(task.key, BigInt(quoteOf(task).totalWei)));
  }
}

function notCovered(task: Task): CountersignError {
  return new CountersignError(
    "PAYMENT_REQUIRED",
    `the deposit of ${task.client} at this gateway no longer covers the ${quoteOf(task).totalWei} wei of the task`,
  );
}
