import type { Migration, Statement } from "./store.ts";

// What the store and its writer thread say to each other: one message per group each way.

export interface WriterOptions {
  readonly path: string;
  readonly migrations: readonly Migration[];
}

export type WriterRequest =
  | { readonly type: "group"; readonly transacts: readonly (readonly Statement[])[] }
  | { readonly type: "close" };

/** The number of rows that each statement changed, or why the transaction failed. */
export type TransactResult = { readonly changes: number[] } | { readonly failure: EngineFailure };

export interface EngineFailure {
  readonly message: string;
  /** SQLite's primary result code; 0 when the failure is not the engine's. */
  readonly code: number;
}

export type WriterReply =
  | { readonly type: "opened" }
  | { readonly type: "open_failed"; readonly failure: EngineFailure }
  | { readonly type: "done"; readonly results: TransactResult[] };
