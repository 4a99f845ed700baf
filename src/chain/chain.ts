import type { Cancel } from "../base/index.ts";
import type { PreprocessingTerms } from "../proof/typed-messages.ts";

export interface ValidatorEntry {
  /** Lower-case address. */
  readonly address: string;
  readonly stakeWei: bigint;
}

/** Who may sign, how many are asked and how many must sign. */
export interface ValidatorSet {
  /** Active validators in address order. */
  readonly entries: readonly ValidatorEntry[];
  /** N. */
  readonly asked: number;
  /** M. */
  readonly required: number;
  /** Block at which the set was read; undefined where the genesis lists it. */
  readonly blockNumber: number | undefined;
}

export type ValidatorStatus = "pending" | "active" | "unbonding" | "inactive" | "slashed";

export interface ChainValidator extends ValidatorEntry {
  readonly status: ValidatorStatus;
  /** Unix seconds. */
  readonly registeredAtSec: number;
}

export type EscrowState = "none" | "paid" | "completed" | "refunded";

/** One request's escrow as the chain has it. */
export interface Escrow {
  readonly requestId: string;
  readonly state: EscrowState;
  readonly payer: string;
  readonly client: string;
  readonly gatewayWallet: string;
  readonly totalWei: bigint;
  readonly expirySec: number;
  /** EIP-712 digest of the preprocessing validation that was paid. */
  readonly validationDigest: Uint8Array;
  readonly paymentTx: string;
  readonly paidBlock: number;
  /** Blocks on top of the paying one, itself included; 0 when unpaid. */
  readonly depth: number;
  /** The transaction that completed or refunded, when there is one. */
  readonly closingTx: string | undefined;
}

export interface ChainStatus {
  readonly connected: boolean;
  readonly chainId: number;
  readonly blockNumber: number;
}

/** Reads and follows the network's contracts. Every answer is this node's own reading, never a client's word. */
export interface Chain {
  status(): ChainStatus;
  validatorSet(): ValidatorSet;
  validator(address: string): ChainValidator | undefined;
  validators(): ChainValidator[];
  onValidatorsChanged(listener: () => void): Cancel;
  /** @throws CountersignError CHAIN_UNAVAILABLE */
  escrow(requestId: string): Promise<Escrow>;
  /** Calls back whenever the escrow of a request may have changed: a log of it appeared, went deep enough, or was reorganized away. */
  onEscrow(listener: (requestId: string) => void): Cancel;
  /** NCNToken transfers to `to` in a transaction, summed. @throws CHAIN_UNAVAILABLE; NOT_FOUND when not mined deep enough */
  tokenPaid(txHash: string, from: string, to: string): Promise<bigint>;
  balanceOf(address: string): Promise<bigint>;
  /** Wei that a client has deposited at a gateway's escrow, without what is about to leave. @throws CHAIN_UNAVAILABLE */
  prepaidOf(client: string, gatewayWallet: string): Promise<bigint>;

  /**
   * Pays a quote from its client's deposit, as the quote's gateway. Idempotent; resolves with the transaction that paid.
   * @throws PAYMENT_INVALID with the contract's reason, CHAIN_UNAVAILABLE
   */
  payFromDeposit(payment: DepositPayment, signal: AbortSignal): Promise<string>;
  /** Pays out. Idempotent: an escrow that is completed already answers its transaction. Resolves with the transaction hash once mined. */
  complete(completion: CompletionArguments, signal: AbortSignal): Promise<string>;
  /** Refunds at once, as the request's gateway. Idempotent as `complete`. */
  markFailed(requestId: string, signal: AbortSignal): Promise<string>;
  /** Refunds after expiry; anyone may. Idempotent as `complete`. */
  refundExpired(requestId: string, signal: AbortSignal): Promise<string>;
  stop(): Promise<void>;
}

export interface DepositPayment {
  readonly terms: PreprocessingTerms;
  readonly signatures: readonly Uint8Array[];
}

export interface CompletionArguments {
  readonly requestId: string;
  readonly computeNodeWallet: string;
  readonly resultHash: Uint8Array;
  readonly completionTimestamp: number;
  readonly computationTimeMs: number;
  readonly signatures: readonly Uint8Array[];
}
