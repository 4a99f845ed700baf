import {
  type Cancel,
  type Clock,
  type Logger,
  messageOf,
  nowSec,
  type RandomBytes,
} from "../../base/index.ts";
import type { Store } from "../../storage/index.ts";
import { backoffMs } from "./backoff.ts";
import type { GatewayLink } from "./gateway-link.ts";
import { RecentResults } from "./recent-results.ts";
import { resultMessage } from "./result-message.ts";
import { deleteResult, loadResults, maxStoredResults, saveResult } from "./result-table.ts";
import type { TaskResult } from "./task.ts";

/** An unpaid result is written to disk when the gateway has not acknowledged it within this time. */
const saveAfterMs = 100;
/** A gateway that lost its own clock or data may still want a result this long after the quote's expiry. */
const keepAfterExpirySec = 600;
/** Calls to one gateway at once while a backlog is sent again. */
const resendAtOnce = 8;

interface Pending {
  readonly result: TaskResult;
  saved: Promise<void> | undefined;
  saveTimer: Cancel | undefined;
  isSending: boolean;
}

/**
 * Results on their way to one gateway. Each is submitted until the gateway acknowledges it or refuses it for good.
 * A paid result is on disk before it leaves, so that a crash cannot make this node sign two results for one payment;
 * an unpaid one only when the gateway is slow to answer, since a gateway that misses it hands the task out again.
 */
export class ResultOutbox {
  readonly #link: Pick<GatewayLink, "address" | "submit">;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #random: RandomBytes;
  readonly #logger: Logger;
  readonly #pending = new Map<string, Pending>();
  readonly #acknowledged = new RecentResults();
  #retryTimer: Cancel | undefined;
  #failures = 0;
  #isStopped = false;
  readonly #sending = new Set<Promise<void>>();

  constructor(options: {
    link: Pick<GatewayLink, "address" | "submit">;
    store: Store;
    clock: Clock;
    random: RandomBytes;
    logger: Logger;
  }) {
    this.#link = options.link;
    this.#store = options.store;
    this.#clock = options.clock;
    this.#random = options.random;
    this.#logger = options.logger;
  }

  get size(): number {
    return this.#pending.size;
  }

  get isFull(): boolean {
    return this.#pending.size >= maxStoredResults;
  }

  *requestIds(): Generator<string> {
    for (const { result } of this.#pending.values()) yield result.requestId;
  }

  /** Takes results of an earlier run; they go out with the next `resend`. */
  restore(results: readonly TaskResult[]): void {
    for (const result of results)
      this.#pending.set(result.key, {
        result,
        saved: Promise.resolve(),
        saveTimer: undefined,
        isSending: false,
      });
  }

  /** True when the task is done already; its result is then sent once more. */
  repeat(key: string): boolean {
    const acknowledged = this.#acknowledged.get(key);
    if (acknowledged !== undefined && !this.#pending.has(key)) void this.add(acknowledged);
    const pending = this.#pending.get(key);
    if (pending === undefined) return false;
    void this.#send(pending);
    return true;
  }

  /** Resolves once the result is on its way; never rejects. */
  async add(result: TaskResult): Promise<void> {
    const pending: Pending = { result, saved: undefined, saveTimer: undefined, isSending: false };
    this.#pending.set(result.key, pending);
    if (result.isPaid) await this.#save(pending);
    else
      pending.saveTimer = this.#clock.after(saveAfterMs, () => {
        pending.saveTimer = undefined;
        void this.#save(pending);
      });
    if (this.#isStopped) await this.#save(pending);
    else void this.#send(pending);
  }

  /** Sends everything that waits, now: the gateway is there. */
  async resend(): Promise<void> {
    this.#retryTimer?.();
    this.#retryTimer = undefined;
    const waiting = [...this.#pending.values()].values();
    const work = async () => {
      for (const pending of waiting) await this.#send(pending);
    };
    await Promise.all(Array.from({ length: resendAtOnce }, work));
  }

  /** Resolves once no call is under way any more, whatever came of it. */
  async settled(): Promise<void> {
    await Promise.all(this.#sending);
  }

  /** Sends nothing more; what waits is on disk when this resolves. The link is closed already. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#retryTimer?.();
    await this.settled();
    await Promise.all([...this.#pending.values()].map((pending) => this.#save(pending)));
  }

  async #send(pending: Pending): Promise<void> {
    const sending = this.#submit(pending);
    this.#sending.add(sending);
    await sending;
    this.#sending.delete(sending);
  }

  async #submit(pending: Pending): Promise<void> {
    const { result } = pending;
    if (pending.isSending || this.#isStopped || !this.#pending.has(result.key)) return;
    const about = { requestId: result.requestId };
    if (nowSec(this.#clock) > result.expirySec + keepAfterExpirySec) {
      this.#logger.warn(about, "result dropped: its task has expired");
      return this.#remove(pending);
    }
    pending.isSending = true;
    try {
      const answer = await this.#link.submit(resultMessage(result));
      this.#failures = 0;
      if ("refusal" in answer)
        this.#logger.warn({ ...about, refusal: answer.refusal }, "gateway refused a result");
      else this.#acknowledged.add(result);
      await this.#remove(pending);
    } catch (error) {
      if (this.#isStopped) return;
      this.#logger.debug({ ...about, reason: messageOf(error) }, "result not acknowledged; will send again");
      this.#retryLater();
    } finally {
      pending.isSending = false;
    }
  }

  #retryLater(): void {
    this.#retryTimer ??= this.#clock.after(
      backoffMs(this.#failures++, this.#random),
      () => void this.resend(),
    );
  }

  #save(pending: Pending): Promise<void> {
    pending.saveTimer?.();
    pending.saveTimer = undefined;
    pending.saved ??= saveResult(this.#store, pending.result).catch((error) => {
      // The result still goes out from memory; a crash before the acknowledgement would lose it.
      this.#logger.error(
        { requestId: pending.result.requestId, reason: messageOf(error) },
        "result not stored",
      );
    });
    return pending.saved;
  }

  async #remove(pending: Pending): Promise<void> {
    pending.saveTimer?.();
    pending.saveTimer = undefined;
    this.#pending.delete(pending.result.key);
    if (pending.saved === undefined) return;
    await pending.saved;
    await deleteResult(this.#store, pending.result).catch((error) => {
      this.#logger.warn(
        { reason: messageOf(error) },
        "acknowledged result not deleted; it will be sent again",
      );
    });
  }
}

/** The results of an earlier run by gateway. */
export async function loadResultsByGateway(store: Store): Promise<Map<string, TaskResult[]>> {
  return Map.groupBy(await loadResults(store), (result) => result.gateway);
}
