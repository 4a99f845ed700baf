import type { DatabaseSync } from "node:sqlite";
import type { Migration } from "./store.ts";

/** Applies what was not applied yet, in order, each step in a transaction of its own. */
export function migrate(database: DatabaseSync, migrations: readonly Migration[]): void {
  database.exec("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, applied_at TEXT NOT NULL)");
  const applied = new Set(
    database
      .prepare("SELECT name FROM migrations")
      .all()
      .map((row) => row["name"]),
  );
  const remember = database.prepare("INSERT INTO migrations (name, applied_at) VALUES (?, datetime('now'))");
  const seen = new Set<string>();
  for (const { name, statements } of migrations) {
    if (seen.has(name)) throw new Error(`migration ${name} is listed twice`);
    seen.add(name);
    if (applied.has(name)) continue;
    database.exec("BEGIN IMMEDIATE");
    try {
      for (const statement of statements) database.exec(statement);
      remember.run(name);
      database.exec("COMMIT");
    } catch (error) {
      if (database.isTransaction) database.exec("ROLLBACK");
      throw Object.assign(new Error(`migration ${name}: ${error instanceof Error ? error.message : error}`), {
        errcode: error !== null && typeof error === "object" && "errcode" in error ? error.errcode : 0,
      });
    }
  }
}
