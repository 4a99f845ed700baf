import {
  type Cancel,
  type Clock,
  CountersignError,
  type Genesis,
  isAbort,
  isCode,
  type Logger,
  messageOf,
} from "../base/index.ts";
import { type Abis, loadAbis } from "./abis.ts";
import type {
  Chain,
  ChainStatus,
  ChainValidator,
  CompletionArguments,
  DepositPayment,
  Escrow,
  ValidatorSet,
} from "./chain.ts";
import { ContractReader } from "./contract-reader.ts";
import { DepositPayer } from "./deposit-payer.ts";
import { type BookedEscrow, EscrowBook } from "./escrow-book.ts";
import { EscrowCloser } from "./escrow-closer.ts";
import { escrowChange, noEscrow } from "./escrow-events.ts";
import { type BlockRef, type ChainLog, LogReader } from "./log-reader.ts";
import { RpcClient, RpcError } from "./rpc.ts";
import type { TransactionSender } from "./transaction-sender.ts";
import { TransactionQueue } from "./transactions.ts";
import { ValidatorList } from "./validator-list.ts";
import { verifyContracts } from "./verify-contracts.ts";

/** A third of a fast chain's block time: soon enough to be noticed, cheap enough for a hosted endpoint. */
export const defaultPollMs = 1_000;
/** While the chain node is away it is asked less and less often, up to this. */
const longestPauseMs = 10_000;
/** A read that hits a reorganization is repeated this often. */
const readTries = 3;

export interface ConnectChainOptions {
  readonly rpcUrl: string;
  /** With a chain. */
  readonly genesis: Genesis;
  /** Absent: this node only reads; what would send a transaction is refused. */
  readonly sender?: TransactionSender;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly pollMs?: number;
  /** After how long a transaction that was not mined is sent again with a higher fee. */
  readonly bumpAfterMs?: number;
}

/**
 * Connects to the network's chain. Resolves also when the endpoint does not answer yet: `status().connected` is then
 * false, calls reject with CHAIN_UNAVAILABLE, and it goes on trying.
 * @throws CountersignError CONFIG_INVALID when the endpoint's chain does not fit the genesis
 */
export async function connectChain(options: ConnectChainOptions): Promise<Chain> {
  const chain = new EvmChain(options, await loadAbis());
  try {
    await chain.start();
  } catch (error) {
    await chain.stop();
    throw error;
  }
  return chain;
}

class EvmChain implements Chain {
  readonly #options: ConnectChainOptions;
  readonly #abis: Abis;
  readonly #chain: NonNullable<Genesis["chain"]>;
  readonly #logger: Logger;
  readonly #stopping = new AbortController();
  readonly #reader: ContractReader;
  readonly #rpc: RpcClient;
  readonly #queue: TransactionQueue | undefined;
  readonly #closer: EscrowCloser | undefined;
  readonly #payer: DepositPayer | undefined;
  readonly #book = new EscrowBook();
  /** Requests to tell listeners of once a round is over: they ask back, and after an outage only then get an answer. */
  readonly #touched = new Set<string>();
  readonly #escrowListeners = new Set<(requestId: string) => void>();
  readonly #validatorListeners = new Set<() => void>();
  #logs: LogReader | undefined;
  #head = 0;
  #isConnected = false;
  #problem = "it was not reached yet";
  #failures = 0;
  readonly #validators: ValidatorList;
  #cancelTick: Cancel | undefined;
  #ticking: Promise<void> | undefined;
  #isTickWanted = false;

  constructor(options: ConnectChainOptions, abis: Abis) {
    const { genesis, rpcUrl, clock, logger, sender, pollMs = defaultPollMs } = options;
    if (genesis.chain === null) {
      throw new CountersignError(
        "CONFIG_INVALID",
        "genesis chain is null: this network has no chain to connect to",
      );
    }
    this.#options = options;
    this.#abis = abis;
    this.#chain = genesis.chain;
    this.#logger = logger.child({ component: "chain" });
    this.#rpc = new RpcClient(rpcUrl, clock, this.#stopping.signal);
    this.#reader = new ContractReader(this.#rpc, abis, genesis.chain);
    this.#validators = new ValidatorList(genesis.cosign);
    if (sender !== undefined) {
      this.#queue = new TransactionQueue({
        rpc: this.#rpc,
        sender,
        chainId: genesis.chain.chain_id,
        clock,
        logger: this.#logger,
        pollMs,
        ...(options.bumpAfterMs === undefined ? {} : { bumpAfterMs: options.bumpAfterMs }),
      });
      const { chain_id: chainId, inference_payment: contract } = genesis.chain;
      const read = (requestId: string) => this.#readEscrow(requestId);
      this.#closer = new EscrowCloser(this.#queue, abis, contract, read);
      this.#payer = new DepositPayer(this.#queue, abis, { chainId, verifyingContract: contract }, read);
    }
  }

  async start(): Promise<void> {
    await this.#tick((error) => {
      if (isCode(error, "CONFIG_INVALID")) throw error;
    });
  }

  status(): ChainStatus {
    return { connected: this.#isConnected, chainId: this.#chain.chain_id, blockNumber: this.#head };
  }

  validatorSet(): ValidatorSet {
    return this.#validators.set;
  }

  validator(address: string): ChainValidator | undefined {
    return this.#validators.get(address);
  }

  validators(): ChainValidator[] {
    return this.#validators.all();
  }

  onValidatorsChanged(listener: () => void): Cancel {
    this.#validatorListeners.add(listener);
    return () => this.#validatorListeners.delete(listener);
  }

  onEscrow(listener: (requestId: string) => void): Cancel {
    this.#escrowListeners.add(listener);
    return () => this.#escrowListeners.delete(listener);
  }

  async escrow(requestId: string): Promise<Escrow> {
    this.#mustBeConnected();
    const booked = this.#book.get(requestId);
    return booked === undefined ? this.#readEscrow(requestId) : withDepth(booked, this.#head);
  }

  async balanceOf(address: string): Promise<bigint> {
    return this.#asking(() => this.#reader.balanceOf(address));
  }

  async tokenPaid(txHash: string, from: string, to: string): Promise<bigint> {
    return this.#asking(() => this.#reader.tokenPaid(txHash, from, to));
  }

  async prepaidOf(client: string, gatewayWallet: string): Promise<bigint> {
    return this.#asking(() => this.#reader.prepaidOf(client, gatewayWallet));
  }

  payFromDeposit(payment: DepositPayment, signal: AbortSignal): Promise<string> {
    return this.#sending(this.#payer, (payer) => payer.pay(payment, signal));
  }

  complete(completion: CompletionArguments, signal: AbortSignal): Promise<string> {
    return this.#sending(this.#closer, (closer) => closer.complete(completion, signal));
  }

  markFailed(requestId: string, signal: AbortSignal): Promise<string> {
    return this.#sending(this.#closer, (closer) => closer.markFailed(requestId, signal));
  }

  refundExpired(requestId: string, signal: AbortSignal): Promise<string> {
    return this.#sending(this.#closer, (closer) => closer.refundExpired(requestId, signal));
  }

  async stop(): Promise<void> {
    this.#cancelTick?.();
    this.#stopping.abort(new CountersignError("UNAVAILABLE", "the node is stopping"));
    this.#queue?.stop();
    this.#isConnected = false;
    await this.#ticking;
  }

  async #sending<T>(by: T | undefined, send: (by: T) => Promise<string>): Promise<string> {
    this.#mustBeConnected();
    if (by === undefined) {
      throw new CountersignError("CONFIG_INVALID", "this node has no wallet to send transactions with");
    }
    const hash = await send(by);
    this.#tickSoon();
    return hash;
  }

  /** From the contract; kept when it is no newer than what the log reader has seen, else its log will bring it. */
  async #readEscrow(requestId: string): Promise<Escrow> {
    const { escrow, head } = await this.#asking(() => this.#reader.escrow(requestId));
    if (escrow === undefined) return withDepth(noEscrow(requestId), head);
    const read = this.#logs?.cursor.number ?? -1;
    if (Math.max(escrow.paidBlock, escrow.closedBlock ?? 0) <= read) this.#book.put(escrow);
    return withDepth(escrow, Math.max(head, this.#head));
  }

  async #asking<T>(ask: () => Promise<T>): Promise<T> {
    for (let tried = 1; ; tried++) {
      this.#mustBeConnected();
      try {
        return await ask();
      } catch (error) {
        if (error instanceof CountersignError && error.code !== "CHAIN_UNAVAILABLE") throw error;
        if (tried < readTries && !this.#stopping.signal.aborted) continue;
        if (error instanceof CountersignError) throw error;
        throw new CountersignError(
          "CHAIN_UNAVAILABLE",
          `the chain node answers badly: ${messageOf(error)}`,
          {},
          error,
        );
      }
    }
  }

  #mustBeConnected(): void {
    if (this.#isConnected) return;
    throw new CountersignError(
      "CHAIN_UNAVAILABLE",
      `no chain node at ${this.#rpc.shownUrl}: ${this.#problem}`,
    );
  }

  // ---- the loop ----

  /** One round, then the next one planned. A failure only changes the status, unless `onError` throws it on. */
  async #tick(onError: (error: unknown) => void = () => {}): Promise<void> {
    this.#isTickWanted = false;
    try {
      if (!this.#isConnected) await this.#connect();
      await this.#logs?.poll(this.#stopping.signal);
      if (!this.#isConnected) this.#logger.info({ block: this.#head }, "Chain connected");
      this.#isConnected = !this.#stopping.signal.aborted;
      this.#failures = 0;
      if (this.#isConnected) this.#tellEscrows();
    } catch (error) {
      if (this.#stopping.signal.aborted || isAbort(error)) return;
      this.#problem = messageOf(error);
      if (this.#isConnected || this.#failures === 0) {
        this.#logger.warn({ reason: this.#problem }, "Chain node unreachable; waiting for it");
      }
      this.#isConnected = false;
      this.#failures++;
      onError(error);
    }
    if (!this.#stopping.signal.aborted) this.#plan();
  }

  #plan(): void {
    const { clock, pollMs = defaultPollMs } = this.#options;
    const pauseMs = Math.min(longestPauseMs, pollMs * 2 ** Math.min(this.#failures, 10));
    this.#cancelTick = clock.after(this.#isTickWanted ? 0 : Math.max(pauseMs, pollMs), () => {
      this.#cancelTick = undefined;
      this.#ticking = this.#tick();
    });
  }

  /** After an own transaction its log is there: no need to wait for the next round. */
  #tickSoon(): void {
    this.#isTickWanted = true;
    if (this.#cancelTick === undefined || this.#stopping.signal.aborted) return;
    this.#cancelTick();
    this.#plan();
  }

  /** First connection, and each one after an outage: the endpoint may be another one by now. */
  async #connect(): Promise<void> {
    await verifyContracts(this.#rpc, this.#abis, this.#chain, this.#options.genesis.cosign.required);
    if (this.#logs !== undefined) return;
    const cursor = await this.#reader.head();
    await this.#readValidators(cursor.number);
    this.#head = cursor.number;
    this.#logs = new LogReader({
      rpc: this.#rpc,
      addresses: [this.#chain.inference_payment, this.#chain.validator_registry],
      sink: { advance: this.#advance.bind(this), rollBack: this.#rollBack.bind(this) },
      logger: this.#logger,
      cursor,
    });
  }

  async #advance(logs: readonly ChainLog[], block: BlockRef): Promise<void> {
    const isSetTouched = logs.some((log) => log.address === this.#chain.validator_registry);
    if (isSetTouched || this.#validators.isOutdated) await this.#readValidators(block.number);
    this.#head = block.number;
    for (const log of logs) {
      const change = escrowChange(this.#abis, this.#chain.inference_payment, log);
      if (change !== undefined) this.#touched.add(this.#book.apply(change));
    }
    for (const id of this.#book.deepened(block.number, this.#chain.confirmations)) this.#touched.add(id);
  }

  async #rollBack(blockNumber: number): Promise<void> {
    for (const id of this.#book.rollBack(blockNumber)) this.#touched.add(id);
    this.#head = Math.max(0, blockNumber);
    // Read again with the next block that is read.
    this.#validators.isOutdated = true;
  }

  async #readValidators(blockNumber: number): Promise<void> {
    const found = await this.#reader.validators(blockNumber).catch((error: unknown) => {
      if (!(error instanceof RpcError)) throw error;
      throw new CountersignError(
        "CHAIN_UNAVAILABLE",
        `the validator set cannot be read: ${error.message}`,
        {},
        error,
      );
    });
    this.#validators.replace(found, blockNumber);
    for (const listener of this.#validatorListeners) this.#tell(listener);
  }

  #tellEscrows(): void {
    const touched = [...this.#touched];
    this.#touched.clear();
    for (const requestId of touched) {
      for (const listener of this.#escrowListeners) this.#tell(() => listener(requestId));
    }
  }

  #tell(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      this.#logger.error({ reason: messageOf(error) }, "A listener to the chain failed");
    }
  }
}

function withDepth({ closedBlock: _, ...escrow }: BookedEscrow, head: number): Escrow {
  return { ...escrow, depth: escrow.state === "none" ? 0 : Math.max(0, head - escrow.paidBlock + 1) };
}
