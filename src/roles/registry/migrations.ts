import type { Migration } from "../../storage/store.ts";

export const registryMigrations: readonly Migration[] = [
  {
    name: "registry-1",
    statements: [
      // Preprocessing validations that this registry obtained, until they expire: a completion refers to them.
      `CREATE TABLE registry_preprocessed (
         gateway TEXT NOT NULL,
         request_id TEXT NOT NULL,
         client TEXT NOT NULL,
         model_uuid TEXT NOT NULL,
         validation BLOB NOT NULL,
         expires_at_sec INTEGER NOT NULL,
         PRIMARY KEY (gateway, request_id)
       )`,
      "CREATE INDEX registry_preprocessed_expiry ON registry_preprocessed (expires_at_sec)",
      // A payment buys one subnet.
      "CREATE TABLE registry_payments (payment_tx TEXT PRIMARY KEY, subnet_id TEXT NOT NULL)",
      // When the gateways of this registry's subnets were last alive: node records are long gone after 30 days.
      "CREATE TABLE registry_gateways (address TEXT PRIMARY KEY, last_seen_sec INTEGER NOT NULL)",
    ],
  },
];
