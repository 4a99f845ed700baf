import { DatabaseSync, type StatementSync } from "node:sqlite";
import { engineFailure } from "./engine-failure.ts";
import type { TransactResult, WriterOptions } from "./group.ts";
import { migrate } from "./migrate.ts";
import type { Statement } from "./store.ts";

/** Compiled statements kept; the program has some dozens of different ones. */
const statementsKept = 512;
/** The write-ahead log is cut back to this size after a checkpoint, so that one large burst does not keep the disk. */
const walBytesKept = 64 * 1024 * 1024;

/** The database that changes: every group it is handed becomes one transaction and one sync. */
export class Engine {
  /** Open for whoever owns the engine, such as a simulator that limits its size. */
  readonly database: DatabaseSync;
  readonly #compiled = new Map<string, StatementSync>();
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #savepoint: StatementSync;
  readonly #release: StatementSync;
  readonly #rollbackTo: StatementSync;

  constructor({ path, migrations }: WriterOptions) {
    this.database = new DatabaseSync(path);
    this.database.exec("PRAGMA journal_mode = WAL");
    this.database.exec("PRAGMA synchronous = FULL");
    this.database.exec(`PRAGMA journal_size_limit = ${walBytesKept}`);
    migrate(this.database, migrations);
    this.#begin = this.database.prepare("BEGIN IMMEDIATE");
    this.#commit = this.database.prepare("COMMIT");
    this.#savepoint = this.database.prepare("SAVEPOINT transact");
    this.#release = this.database.prepare("RELEASE transact");
    this.#rollbackTo = this.database.prepare("ROLLBACK TO transact");
  }

  /** All transacts in one transaction; where the engine gives up the whole of it, each in its own. */
  commitGroup(transacts: readonly (readonly Statement[])[]): TransactResult[] {
    return this.#commitTogether(transacts) ?? transacts.map((transact) => this.#commitAlone(transact));
  }

  close(): void {
    this.database.close();
  }

  #commitTogether(transacts: readonly (readonly Statement[])[]): TransactResult[] | undefined {
    try {
      this.#begin.run();
      const results: TransactResult[] = [];
      for (const transact of transacts) {
        results.push(this.#isolated(transact));
        // Disk full and I/O errors end the transaction and take earlier transacts with them.
        if (!this.database.isTransaction) return undefined;
      }
      this.#commit.run();
      return results;
    } catch {
      // Not swallowed: each transact is tried again on its own and reports its own failure.
      this.#abandon();
      return undefined;
    }
  }

  #isolated(transact: readonly Statement[]): TransactResult {
    this.#savepoint.run();
    try {
      const changes = this.#run(transact);
      this.#release.run();
      return { changes };
    } catch (error) {
      if (this.database.isTransaction) {
        this.#rollbackTo.run();
        this.#release.run();
      }
      return { failure: engineFailure(error) };
    }
  }

  #commitAlone(transact: readonly Statement[]): TransactResult {
    try {
      this.#begin.run();
      const changes = this.#run(transact);
      this.#commit.run();
      return { changes };
    } catch (error) {
      this.#abandon();
      return { failure: engineFailure(error) };
    }
  }

  #abandon(): void {
    if (this.database.isTransaction) this.database.exec("ROLLBACK");
  }

  #run(transact: readonly Statement[]): number[] {
    return transact.map(({ sql, params }) => Number(this.#statement(sql).run(...params).changes));
  }

  #statement(sql: string): StatementSync {
    let statement = this.#compiled.get(sql);
    if (statement === undefined) {
      statement = this.database.prepare(sql);
      if (this.#compiled.size >= statementsKept) this.#compiled.clear();
      this.#compiled.set(sql, statement);
    }
    return statement;
  }
}
