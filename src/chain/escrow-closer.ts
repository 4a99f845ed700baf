import { CountersignError, toHex } from "../base/index.ts";
import type { Abis } from "./abis.ts";
import { abortable } from "./abortable.ts";
import type { CompletionArguments, Escrow } from "./chain.ts";
import { revertName } from "./contract-errors.ts";
import type { TransactionQueue } from "./transactions.ts";

/** How often a close that lost a race against another transaction looks again. */
const closeTries = 4;
/** Refusals that mean: somebody else was faster. The escrow itself then says what happened. */
const lostRaces = new Set(["AlreadyCompleted", "AlreadyRefunded"]);

/** Ends escrows. Every call reads first, so that repeating one, also after a crash, moves no money twice. */
export class EscrowCloser {
  readonly #queue: TransactionQueue;
  readonly #abis: Abis;
  readonly #contract: string;
  readonly #read: (requestId: string) => Promise<Escrow>;
  readonly #underWay = new Map<string, Promise<string>>();

  constructor(
    queue: TransactionQueue,
    abis: Abis,
    contract: string,
    read: (requestId: string) => Promise<Escrow>,
  ) {
    this.#queue = queue;
    this.#abis = abis;
    this.#contract = contract;
    this.#read = read;
  }

  complete(completion: CompletionArguments, signal: AbortSignal): Promise<string> {
    const { requestId, signatures, ...terms } = completion;
    const data = this.#abis.payment.encodeFunctionData("completeInferenceRequest", [
      { requestId, ...terms, resultHash: toHex(terms.resultHash) },
      signatures.map(toHex),
    ]);
    return this.#close(requestId, "completed", data, signal);
  }

  markFailed(requestId: string, signal: AbortSignal): Promise<string> {
    const data = this.#abis.payment.encodeFunctionData("markRequestFailed", [requestId]);
    return this.#close(requestId, "refunded", data, signal);
  }

  refundExpired(requestId: string, signal: AbortSignal): Promise<string> {
    const data = this.#abis.payment.encodeFunctionData("handleExpiredRequest", [requestId]);
    return this.#close(requestId, "refunded", data, signal);
  }

  /** Equal calls at one time are one transaction. Different ones take turns by the contract's rules. */
  #close(
    requestId: string,
    wanted: "completed" | "refunded",
    data: string,
    signal: AbortSignal,
  ): Promise<string> {
    const key = `${data.slice(0, 10)}/${requestId}`;
    let work = this.#underWay.get(key);
    if (work === undefined) {
      work = this.#closeOnce(requestId, wanted, data).finally(() => this.#underWay.delete(key));
      work.catch(() => {});
      this.#underWay.set(key, work);
    }
    return abortable(work, signal);
  }

  async #closeOnce(requestId: string, wanted: "completed" | "refunded", data: string): Promise<string> {
    for (let tried = 1; ; tried++) {
      const escrow = await this.#read(requestId);
      if (escrow.state === wanted && escrow.closingTx !== undefined) return escrow.closingTx;
      if (escrow.state !== "paid") {
        const problem = escrow.state === "none" ? "was never paid" : `is ${escrow.state} already`;
        throw new CountersignError("PAYMENT_INVALID", `the escrow of request "${requestId}" ${problem}`, {
          state: escrow.state,
        });
      }
      try {
        return (await this.#queue.send({ to: this.#contract, data })).hash;
      } catch (error) {
        if (!lostRaces.has(revertName(error) ?? "") || tried >= closeTries) throw error;
      }
    }
  }
}
