import type { Migration } from "../../storage/index.ts";

/** The compute role's tables: results that no gateway has acknowledged yet. */
export const computeMigrations: readonly Migration[] = [
  {
    name: "compute-1-results",
    statements: [
      `CREATE TABLE compute_result (
        gateway TEXT NOT NULL,
        client TEXT NOT NULL,
        request_id TEXT NOT NULL,
        model_uuid TEXT NOT NULL,
        expires_at_sec BIGINT NOT NULL,
        is_paid INTEGER NOT NULL,
        status TEXT NOT NULL,
        output_data TEXT NOT NULL,
        error_message TEXT NOT NULL,
        result_hash TEXT NOT NULL,
        signature TEXT NOT NULL,
        completed_at_sec BIGINT NOT NULL,
        computation_time_ms BIGINT NOT NULL,
        PRIMARY KEY (gateway, client, request_id)
      )`,
    ],
  },
];
