import { DatabaseSync, type StatementSync } from "node:sqlite";
import { engineFailure, storageFailed } from "./engine-failure.ts";
import type { Row, SqlValue } from "./store.ts";

/** Compiled statements kept; the program has some dozens of different ones. */
const statementsKept = 512;

/** A read-only connection: each query sees the last commit. Queries run on the caller's thread, so they are to be small. */
export class Reader {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #compiled = new Map<string, StatementSync>();

  constructor(path: string) {
    this.#path = path;
    this.#database = new DatabaseSync(path, { readOnly: true });
  }

  all(sql: string, params: readonly SqlValue[]): Row[] {
    try {
      const statement = this.#statement(sql);
      try {
        return statement.all(...params) as Row[];
      } catch (error) {
        if (!isOutOfRange(error)) throw error;
        return withBigints(statement, params);
      }
    } catch (error) {
      throw storageFailed(this.#path, engineFailure(error));
    }
  }

  close(): void {
    this.#database.close();
  }

  #statement(sql: string): StatementSync {
    let statement = this.#compiled.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      if (this.#compiled.size >= statementsKept) this.#compiled.clear();
      this.#compiled.set(sql, statement);
    }
    return statement;
  }
}

/** Numbers come back as such; only a row with an integer past 2^53 costs a second run, and only that one is a bigint. */
function withBigints(statement: StatementSync, params: readonly SqlValue[]): Row[] {
  statement.setReadBigInts(true);
  try {
    const rows = statement.all(...params) as Row[];
    for (const row of rows) {
      for (const [column, value] of Object.entries(row)) {
        if (typeof value === "bigint" && Number.isSafeInteger(Number(value))) row[column] = Number(value);
      }
    }
    return rows;
  } finally {
    statement.setReadBigInts(false);
  }
}

function isOutOfRange(error: unknown): boolean {
  return error instanceof RangeError && "code" in error && error.code === "ERR_OUT_OF_RANGE";
}
