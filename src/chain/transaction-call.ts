import { type Clock, CountersignError, type Logger } from "../base/index.ts";
import type { RpcClient } from "./rpc.ts";
import type { TransactionSender } from "./transaction-sender.ts";

export interface TransactionCall {
  /** Absent: creates a contract. */
  readonly to?: string;
  readonly data: string;
  readonly valueWei?: bigint;
  /** Absent: estimated. */
  readonly gasLimit?: bigint;
}

export interface MinedTransaction {
  readonly hash: string;
  readonly blockNumber: number;
  readonly contractAddress: string | undefined;
}

export interface Receipt {
  readonly transactionHash: string;
  readonly blockNumber: string;
  readonly status: string;
  readonly contractAddress: string | null;
}

export interface TransactionQueueOptions {
  readonly rpc: RpcClient;
  readonly sender: TransactionSender;
  readonly chainId: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How often receipts are looked for. */
  readonly pollMs: number;
  readonly bumpAfterMs?: number;
  /** The wallet's next nonce where it is known; read from the chain otherwise. */
  readonly startNonce?: number;
}

/** Another transaction with the same nonce was mined. */
export class NonceTaken extends CountersignError {
  constructor() {
    super("CHAIN_UNAVAILABLE", "another transaction of this wallet took the nonce");
  }
}
