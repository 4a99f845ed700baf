export * from "./kinds/index.ts";
export { deletionKeptMs, maxVersionAheadMs } from "./lifetimes.ts";
export { merged, supersedes } from "./merge-rule.ts";
export * from "./record.ts";
export { bundlesOf, decodeBundle, encodeBundle } from "./record-bundle.ts";
export { recordMigrations } from "./record-table.ts";
export { type AnyRecordKind, type OpenReplica, openReplica, type ReplicaOptions } from "./replica.ts";
