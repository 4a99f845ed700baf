import type { Migration, Row, Statement, Store } from "../storage/store.ts";
import type { HeldRecord } from "./held-records.ts";

export const recordMigrations: readonly Migration[] = [
  {
    name: "records-1",
    statements: [
      "CREATE TABLE records (key TEXT PRIMARY KEY, version BIGINT NOT NULL, digest BLOB NOT NULL, expires_at_ms BIGINT NOT NULL, encoded BLOB NOT NULL)",
      "CREATE INDEX records_by_expiry ON records (expires_at_ms)",
    ],
  },
];

/** The merge rule once more, in SQL, so that the table converges whatever the order of writes. */
const upsert =
  "INSERT INTO records (key, version, digest, expires_at_ms, encoded) VALUES (?, ?, ?, ?, ?) " +
  "ON CONFLICT (key) DO UPDATE SET version = excluded.version, digest = excluded.digest, " +
  "expires_at_ms = excluded.expires_at_ms, encoded = excluded.encoded " +
  "WHERE excluded.version > records.version OR (excluded.version = records.version AND excluded.digest > records.digest)";

export function storeRecord({ key, version, digest, live }: HeldRecord): Statement {
  return { sql: upsert, params: [key, version, digest, live.expiresAtMs, live.encoded] };
}

/** Drops what had ended by then. */
export function dropEnded(asOfMs: number): Statement {
  return { sql: "DELETE FROM records WHERE expires_at_ms <= ?", params: [asOfMs] };
}

export interface StoredRecord extends Row {
  key: string;
  encoded: Uint8Array;
}

/** Everything stored, deletions too, in key order. */
export function readRecords(store: Store, afterKey: string, limit: number): Promise<StoredRecord[]> {
  return store.all<StoredRecord>("SELECT key, encoded FROM records WHERE key > ? ORDER BY key LIMIT ?", [
    afterKey,
    limit,
  ]);
}
