export type SqlValue = string | number | bigint | null | Uint8Array;

export interface Statement {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

/** What was written since the store was opened. */
export interface StoreCounts {
  readonly transactions: number;
  /** Transactions that share one sync of the disk count as one. */
  readonly groups: number;
  /** Transactions that failed. */
  readonly failures: number;
}

export type Row = Record<string, SqlValue>;

/** Durable tables. Statements are plain SQL that SQLite and PostgreSQL both take. */
export interface Store {
  /**
   * Applies the statements as one transaction and resolves once they are on disk, with the number of rows each changed.
   * Transactions handed in within a few milliseconds share one sync; one that fails leaves the others alone.
   * @throws CountersignError STORAGE_FAILED, with the engine's message
   */
  transact(statements: readonly Statement[]): Promise<number[]>;
  /** Rows as they were at the last commit. */
  all<T extends Row = Row>(sql: string, params?: readonly SqlValue[]): Promise<T[]>;
  counts(): StoreCounts;
  /** Waits for what was handed in, then closes. */
  close(): Promise<void>;
}

/** A named step of the schema, applied once, in order. A role hands in its own. */
export interface Migration {
  readonly name: string;
  readonly statements: readonly string[];
}
