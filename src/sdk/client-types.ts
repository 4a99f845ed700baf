import type { Clock, RandomBytes } from "../base/clock.ts";
import type { InferenceResponse, TaskStatus } from "./messages.ts";
import type { PayingWallet, Wallet } from "./wallets.ts";

export interface ClientOptions {
  /** The gateway's HTTP port, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Tasks are this wallet's, and calls are signed with it where they must be. */
  readonly wallet?: Wallet;
  readonly apiKey?: string;
  /** The network's genesis, as an object or as JSON. Without it the gateway's word is taken for what network it is of. */
  readonly genesis?: unknown;
  /** `needed`: signs where the gateway asks for it and where a call acts for the wallet. `always`: every call. */
  readonly sign?: "needed" | "always";
  /** Repetitions of a call that may be repeated, when the gateway is away or busy; 4 unless said otherwise. */
  readonly retries?: number;
  readonly fetch?: typeof fetch;
  readonly clock?: Clock;
  readonly random?: RandomBytes;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface SubmitRequest {
  /** Id of a model, as `models` lists them. */
  readonly model: string;
  /** What the model takes: an object, or its JSON. */
  readonly input: object | string;
  /** An id of your own; repeating a submit with it answers the same task. */
  readonly requestId?: string;
  /** Only nodes of this subnet. */
  readonly subnetId?: bigint;
  /** Validators may see input and output, to compute the result again. */
  readonly recheck?: boolean;
}

/** A task with the terms that validators have signed. */
export interface Task {
  /** How to name it to this gateway: the request id, behind its client's address where there is one. */
  readonly id: string;
  readonly requestId: string;
  /** True while it waits for its payment. */
  readonly needsPayment: boolean;
  /** In wei of the token; 0 where nothing is to be paid. */
  readonly priceWei: bigint;
  /** Unix seconds by which it must be paid; undefined where nothing is. */
  readonly payBeforeSec: number | undefined;
  readonly status: TaskStatus;
}

export interface PayOptions extends CallOptions {
  /** Who pays; the client's wallet unless said otherwise. */
  readonly wallet?: PayingWallet;
  /** The chain's node, where the wallet has no provider that can be asked. */
  readonly rpcUrl?: string;
  /** Pays no more than this. */
  readonly maxPriceWei?: bigint;
  /** `permit`: one transaction with a signature. `approve`: a transaction before it, for wallets that sign no permits. */
  readonly allowance?: "permit" | "approve";
}

export interface Payment {
  readonly txHash: string;
  readonly blockNumber: number;
  /** What the gateway says of it. */
  readonly message: string;
}

export interface WaitOptions extends CallOptions {
  /** Called with the task's status when it has changed. */
  readonly onProgress?: (status: TaskStatus) => void;
  /** Waits until what was paid is paid out too, so that the receipt names both transactions. */
  readonly untilSettled?: boolean;
  /** How long the gateway may be away; a minute unless said otherwise. */
  readonly giveUpMs?: number;
}

export interface TaskResult {
  readonly requestId: string;
  /** JSON text, as the model gave it. */
  readonly output: string;
  /** JSON text; empty where the network makes none. */
  readonly receipt: string;
  readonly status: TaskStatus;
  readonly response: InferenceResponse;
}

export interface StreamOptions extends CallOptions {
  /** Only what comes after this. */
  readonly cursor?: number;
  readonly giveUpMs?: number;
}

/** Something that happened to a task. */
export interface TaskUpdate {
  /** Where to go on from: hand it to `stream` to get what comes after it. Undefined where the gateway has forgotten the task's events. */
  readonly cursor: number | undefined;
  /** "queued", "processing", "completed". */
  readonly status: string;
  /** The output so far; whole once completed. */
  readonly output: string;
  /** What is new of it; all of it where another compute node began anew. */
  readonly added: string;
  readonly response: InferenceResponse;
}

export interface NodeQuery extends CallOptions {
  readonly nodeType?: "compute" | "gateway" | "validator";
  readonly model?: string;
  readonly subnetId?: bigint;
  readonly capabilities?: readonly string[];
  readonly includeOffline?: boolean;
  readonly limit?: number;
}
