import { eventMigrations, toldStateMigrations } from "../events/index.ts";
import { nonceMigrations } from "../facade/auth/index.ts";
import { idempotencyMigrations } from "../facade/rest/idempotency.ts";
import { recordMigrations } from "../records/index.ts";
import { computeMigrations } from "../roles/compute/index.ts";
import { taskMigrations } from "../roles/gateway/index.ts";
import { registryMigrations } from "../roles/registry/index.ts";
import { validatorMigrations } from "../roles/validator/index.ts";
import type { Migration } from "../storage/index.ts";

export const databaseFile = "node.sqlite";
export const peerKeyFile = "peer.key";

/** The whole schema, whatever the node's roles: a role may be switched on later. */
export const migrations: readonly Migration[] = [
  ...eventMigrations,
  ...recordMigrations,
  ...nonceMigrations,
  ...idempotencyMigrations,
  ...toldStateMigrations,
  ...taskMigrations,
  ...registryMigrations,
  ...validatorMigrations,
  ...computeMigrations,
];
