import type { Genesis } from "../base/index.ts";
import type { MergeOutcome } from "./record.ts";

// What the pool and its threads say to each other: a page of records each way.

export interface VerifyWorkerOptions {
  readonly genesis: Genesis;
  readonly network: string;
}

export interface VerifyRequest {
  readonly id: number;
  /** Records, one after the other. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly lengths: readonly number[];
}

export interface VerifyReply {
  readonly id: number;
  /** 32 bytes for each record; zero for those that are refused. */
  readonly digests: Uint8Array<ArrayBuffer>;
  readonly refused: {
    readonly index: number;
    readonly outcome: Exclude<MergeOutcome, "applied">;
    readonly reason: string;
  }[];
}
