export {
  type HeartbeatOptions,
  type HeartbeatState,
  type Heartbeats,
  startHeartbeats,
} from "./heartbeats.ts";
export { type HostedDigest, maxListed } from "./hosted-digest.ts";
export { HostedNodes, type HostedNodesOptions, withdrawAfterMs } from "./hosted-nodes.ts";
export * from "./kinds/index.ts";
export { deletionKeptMs, maxVersionAheadMs } from "./lifetimes.ts";
export {
  type Heard,
  type HostedNode,
  heartbeatIntervalMs,
  Liveness,
  type LivenessOptions,
  type NodeStatus,
  nodeKey,
  offlineAfterMissed,
} from "./liveness.ts";
export { merged, supersedes } from "./merge-rule.ts";
export {
  NodeDirectory,
  type NodeDirectoryOptions,
  type NodeFilter,
  type NodeView,
} from "./node-directory.ts";
export * from "./record.ts";
export { bundlesOf, decodeBundle, encodeBundle } from "./record-bundle.ts";
export { recordMigrations } from "./record-table.ts";
export { type AnyRecordKind, type OpenReplica, openReplica, type ReplicaOptions } from "./replica.ts";
export {
  type ObservedConduct,
  Reputation,
  type ReputationOptions,
  reputationPeriodMs,
} from "./reputation.ts";
export {
  type ConductCounts,
  type ConductOutcome,
  conductOutcomes,
  observerWeight,
  reputationScore,
  weightedScore,
} from "./reputation-score.ts";
export type { SyncCounters } from "./sync/record-sync.ts";
export type { KindDifference, PeerComparison, SyncComparison } from "./sync/sync-check.ts";
export { type BulkVerifier, VerifyPool, type VerifyPoolOptions } from "./verify-pool.ts";
