import { BoundedMap, type Cancel, CountersignError, isAbort, isCode, messageOf } from "../base/index.ts";
import { abortable } from "./abortable.ts";
import { estimateGas, translated, whyReverted } from "./call-checks.ts";
import { bumpedFees, type Fees, readFees } from "./fees.ts";
import { RpcError } from "./rpc.ts";
import {
  type MinedTransaction,
  NonceTaken,
  type Receipt,
  type TransactionCall,
  type TransactionQueueOptions,
} from "./transaction-call.ts";

// One wallet's transactions. Nonces are given one after the other; waiting for blocks happens side by side. A
// transaction, once signed, is looked after until a block has it, also when its caller has gone: a nonce left open
// would block all that follow.

/** Three blocks of a chain with the slowest usual block time. */
export const bumpAfterMs = 36_000;
/** Well below a block's time on a public chain. */
const feesKeptMs = 1_000;
/** 1.25 ^ 12 is fourteen times the first fee: beyond that an operator should look. */
const bumpLimit = 12;
/** As deep as reorganizations go on chains that people use. */
const minedKept = 256;
/** How often a send may find that its nonce was taken: a wallet should belong to one program, but need not at once. */
const nonceTries = 20;
/** How often one call may lose its nonce to a better paying transaction of another program. */
const replacedTries = 5;

interface Pending {
  readonly nonce: number;
  readonly call: TransactionCall;
  readonly gasLimit: bigint;
  fees: Fees;
  raw: string;
  /** Every version of it; any of them may be mined. */
  readonly hashes: string[];
  sentAtMs: number;
  settle: (outcome: Receipt | Error) => void;
}

export class TransactionQueue {
  readonly #options: TransactionQueueOptions;
  readonly #pending = new Map<number, Pending>();
  /** Signed transactions of nonces that are done. */
  readonly #mined = new BoundedMap<number, string>(minedKept);
  #turn: Promise<unknown> = Promise.resolve();
  #nextNonce: number | undefined;
  #fees: { readonly readAtMs: number; readonly value: Fees } | undefined;
  #cancelPoll: Cancel | undefined;
  #isStopped = false;

  constructor(options: TransactionQueueOptions) {
    this.#options = options;
    this.#nextNonce = options.startNonce;
  }

  get address(): string {
    return this.#options.sender.address;
  }

  /**
   * Sends and resolves once mined. An abort ends the waiting, not the transaction.
   * @throws CountersignError of the contract's refusal (`revertName` tells which), CHAIN_UNAVAILABLE
   */
  async send(call: TransactionCall, signal?: AbortSignal, tries = replacedTries): Promise<MinedTransaction> {
    signal?.throwIfAborted();
    // A call that brings its gas limit takes its turn at once, so that calls made in a row get nonces in that row.
    const gasLimit = call.gasLimit ?? (await estimateGas(this.#options.rpc, this.address, call, signal));
    const mined = this.#inTurn(() => this.#broadcast(call, gasLimit, signal));
    const receipt = await abortable(
      mined.then((wait) => wait.receipt),
      signal,
    ).catch((error: unknown) => {
      if (error instanceof NonceTaken && tries > 1) return undefined;
      throw error;
    });
    // Nothing of it is on the chain, so it may be sent anew; an estimate sees what the other transaction changed.
    if (receipt === undefined) return this.send(call, signal, tries - 1);
    if (BigInt(receipt.status) === 0n)
      throw await whyReverted(this.#options.rpc, this.address, call, receipt);
    return {
      hash: receipt.transactionHash,
      blockNumber: Number(receipt.blockNumber),
      contractAddress: receipt.contractAddress?.toLowerCase(),
    };
  }

  /** Ends all waiting. What was sent stays sent; the next start reads the chain. */
  stop(): void {
    this.#isStopped = true;
    this.#cancelPoll?.();
    for (const one of this.#pending.values()) {
      one.settle(new CountersignError("UNAVAILABLE", "the node stopped while a transaction was under way"));
    }
    this.#pending.clear();
  }

  /** Signs with the next nonce and hands it to the node. The result is wrapped, so that the turn ends here. */
  async #broadcast(
    call: TransactionCall,
    gasLimit: bigint,
    signal: AbortSignal | undefined,
  ): Promise<{ receipt: Promise<Receipt> }> {
    const fees = await this.#goingFees();
    for (let tried = 1; ; tried++) {
      signal?.throwIfAborted();
      this.#nextNonce ??= Math.max(
        await this.#readNonce("pending"),
        ...[...this.#pending.keys()].map((n) => n + 1),
      );
      const nonce = this.#nextNonce;
      const signed = await this.#sign(nonce, call, gasLimit, fees);
      const outcome = await this.#hand(signed.raw);
      if (outcome === "nonce-used" && tried < nonceTries) {
        this.#nextNonce = undefined;
        continue;
      }
      if (outcome instanceof RpcError || outcome === "nonce-used") {
        this.#nextNonce = undefined;
        throw new CountersignError(
          "CHAIN_UNAVAILABLE",
          `the chain node did not take the transaction: ${outcome instanceof RpcError ? outcome.message : outcome}`,
        );
      }
      // "unknown": no answer came. It may have arrived, so the nonce counts as used and the poll sends it again.
      this.#nextNonce = nonce + 1;
      return { receipt: this.#follow(nonce, call, gasLimit, fees, signed) };
    }
  }

  #follow(
    nonce: number,
    call: TransactionCall,
    gasLimit: bigint,
    fees: Fees,
    signed: { raw: string; hash: string },
  ): Promise<Receipt> {
    const { promise, resolve, reject } = Promise.withResolvers<Receipt>();
    // The caller may have gone by the time it fails.
    promise.catch(() => {});
    if (this.#isStopped) {
      reject(new CountersignError("UNAVAILABLE", "the node is stopping"));
      return promise;
    }
    this.#pending.set(nonce, {
      nonce,
      call,
      gasLimit,
      fees,
      raw: signed.raw,
      hashes: [signed.hash],
      sentAtMs: this.#options.clock.nowMs(),
      settle: (outcome) => (outcome instanceof Error ? reject(outcome) : resolve(outcome)),
    });
    this.#schedule(0);
    return promise;
  }

  #schedule(delayMs: number): void {
    if (this.#isStopped || this.#cancelPoll !== undefined) return;
    this.#cancelPoll = this.#options.clock.after(delayMs, () => {
      void this.#poll()
        .catch((error: unknown) => {
          if (!isAbort(error)) {
            this.#options.logger.warn(
              { reason: messageOf(error) },
              "Waiting for transactions: chain node failed",
            );
          }
        })
        .finally(() => {
          this.#cancelPoll = undefined;
          if (this.#pending.size > 0) this.#schedule(this.#options.pollMs);
        });
    });
  }

  async #poll(): Promise<void> {
    const { rpc, clock } = this.#options;
    const waiting = [...this.#pending.values()];
    const asked = waiting.flatMap((one) => one.hashes.map((hash) => ({ one, hash })));
    const answers = await rpc.batch([
      ...asked.map(({ hash }) => ({ method: "eth_getTransactionReceipt", params: [hash] })),
      { method: "eth_getTransactionCount", params: [this.address, "latest"] },
    ]);
    const count = answers.pop();
    const used = typeof count === "string" ? Number(count) : 0;
    for (const [index, answer] of answers.entries()) {
      const one = asked[index]?.one;
      if (one === undefined || answer === null || answer instanceof RpcError) continue;
      this.#settle(one, answer as Receipt);
    }
    const late = waiting.filter(
      (one) =>
        this.#pending.has(one.nonce) &&
        (one.nonce < used || clock.nowMs() - one.sentAtMs >= (this.#options.bumpAfterMs ?? bumpAfterMs)),
    );
    if (late.length > 0) await this.#sendAgain(late);
  }

  async #sendAgain(late: readonly Pending[]): Promise<void> {
    const { rpc, clock, logger } = this.#options;
    const used = await this.#readNonce("latest");
    const going = await readFees(rpc);
    await this.#fillGap(used);
    for (const one of late) {
      if (one.nonce < used) {
        // Mined between the receipt poll and now, or another program took the nonce: the receipts decide once more.
        const receipts = await rpc.batch(
          one.hashes.map((hash) => ({ method: "eth_getTransactionReceipt", params: [hash] })),
        );
        const receipt = receipts.find((found) => found !== null && !(found instanceof RpcError));
        this.#settle(one, (receipt as Receipt | undefined) ?? new NonceTaken());
        continue;
      }
      if (one.hashes.length <= bumpLimit) {
        one.fees = bumpedFees(one.fees, going);
        const signed = await this.#sign(one.nonce, one.call, one.gasLimit, one.fees);
        one.raw = signed.raw;
        one.hashes.push(signed.hash);
        logger.info({ nonce: one.nonce, hash: signed.hash }, "Transaction sent again with a higher fee");
      }
      one.sentAtMs = clock.nowMs();
      const outcome = await this.#hand(one.raw);
      if (outcome instanceof RpcError) {
        logger.warn({ nonce: one.nonce, reason: outcome.message }, "Chain node refused the higher fee");
      }
    }
  }

  #settle(one: Pending, outcome: Receipt | Error): void {
    if (!this.#pending.delete(one.nonce)) return;
    this.#mined.set(one.nonce, one.raw);
    one.settle(outcome);
  }

  /** A reorganization can drop a mined transaction; all later nonces wait for it, so it is sent once more. */
  async #fillGap(nonce: number): Promise<void> {
    const raw = this.#mined.get(nonce);
    if (this.#pending.has(nonce) || raw === undefined) return;
    this.#options.logger.info({ nonce }, "Transaction was reorganized away; sent again");
    await this.#hand(raw);
  }

  async #sign(nonce: number, call: TransactionCall, gasLimit: bigint, fees: Fees) {
    return this.#options.sender.signTransaction({
      chainId: this.#options.chainId,
      nonce,
      to: call.to,
      data: call.data,
      valueWei: call.valueWei ?? 0n,
      gasLimit,
      ...fees,
    });
  }

  async #hand(raw: string): Promise<"taken" | "unknown" | "nonce-used" | RpcError> {
    try {
      await this.#options.rpc.call("eth_sendRawTransaction", [raw]);
      return "taken";
    } catch (error) {
      if (!(error instanceof RpcError)) {
        if (isCode(error, "CHAIN_UNAVAILABLE")) return "unknown";
        throw error;
      }
      if (/already known|already imported|known transaction/i.test(error.message)) return "taken";
      if (/nonce too low|nonce is too low|replacement transaction underpriced/i.test(error.message))
        return "nonce-used";
      return error;
    }
  }

  /** A row of transactions pays one look at the fees. */
  async #goingFees(): Promise<Fees> {
    const nowMs = this.#options.clock.nowMs();
    if (this.#fees === undefined || nowMs - this.#fees.readAtMs > feesKeptMs) {
      this.#fees = { readAtMs: nowMs, value: await translated(() => readFees(this.#options.rpc)) };
    }
    return this.#fees.value;
  }

  async #readNonce(block: "latest" | "pending"): Promise<number> {
    return Number(
      await translated(() =>
        this.#options.rpc.call<string>("eth_getTransactionCount", [this.address, block]),
      ),
    );
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => {});
    return result;
  }
}
