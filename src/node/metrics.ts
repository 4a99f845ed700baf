import type { Metric } from "../base/index.ts";
import type { RunningCosigner } from "../cosign/index.ts";
import type { AccessFile } from "../facade/auth/index.ts";
import type { CallCounts } from "../facade/front/index.ts";
import type { HostedNodes } from "../records/index.ts";
import type { Gateway } from "../roles/gateway/index.ts";
import type { NodeServices } from "./node-services.ts";

export interface MetricSources {
  readonly services: Pick<NodeServices, "mesh" | "replica" | "chain" | "store">;
  readonly cosigner: RunningCosigner | undefined;
  readonly gateway: Gateway | undefined;
  /** Undefined on a node that only computes. */
  readonly hosted: HostedNodes | undefined;
  readonly calls: CallCounts;
  /** Undefined on a node without an access file. */
  readonly access: AccessFile | undefined;
}

/** Peers that this replica is compared with, as `countersign sync` does. */
const comparedPeers = 3;

type Read = Metric["read"];
const gauge = (name: string, help: string, read: Read): Metric => ({ name, type: "gauge", help, read });
const counter = (name: string, help: string, read: Read): Metric => ({ name, type: "counter", help, read });
const by = (label: string, metric: Metric): Metric => ({ ...metric, label });

/** What a node tells Prometheus. docs/operating.md has the table; a test compares them. */
export function nodeMetrics({ services, cosigner, gateway, hosted, calls, access }: MetricSources): Metric[] {
  const { mesh, replica, chain, store } = services;
  const meshSizes = () => Object.fromEntries(mesh.topics().map(({ topic, mesh }) => [topic, mesh]));
  const offsetSec = () => {
    const offsetMs = mesh.clockOffsetMs();
    return offsetMs === undefined ? undefined : offsetMs / 1000;
  };
  const federated = () => {
    const { handedOver, ...others } = gateway?.federationCounts() ?? {};
    return handedOver === undefined ? others : { ...others, handed_over: handedOver };
  };
  const dropped = () => Object.fromEntries(mesh.counters().gossipDropped);
  const tasksByState = () => {
    const counts: Record<string, number> = {};
    for (const { state } of gateway?.tasks.live() ?? []) counts[state] = (counts[state] ?? 0) + 1;
    return counts;
  };
  const syncFailures = () => {
    const { failed, lied } = replica.syncCounters();
    return { no_answer: failed, lied };
  };
  /** The last comparison; a new one is begun, for who collects next: a peer that is slow to answer holds up nobody. */
  const isInSync = () => {
    replica.compare(comparedPeers, new AbortController().signal).catch(() => {});
    return replica.lastComparison && Number(replica.lastComparison.isInSync);
  };
  const differing = () => {
    const { kinds = [], peers = [] } = replica.lastComparison ?? {};
    const counts = Object.fromEntries(kinds.map(({ kind }) => [kind, 0]));
    for (const { kind, missing, extra } of peers.flatMap(({ differences }) => differences))
      counts[kind] = Math.max(counts[kind] ?? 0, missing + extra);
    return counts;
  };
  const behindSec = () => replica.lastComparison && replica.lastComparison.behindMs / 1000;
  return [
    gauge("peers", "Connected peers", () => mesh.peers().length),
    by("topic", gauge("gossip_mesh_peers", "Gossip neighbours", meshSizes)),
    by("topic", counter("gossip_dropped_total", "Gossip messages dropped: too many waited", dropped)),
    counter("peers_deaf_mended_total", "Peers connected but deaf, mended", () => mesh.counters().deafMended),
    counter("peers_cut_off_total", "Peers cut off for garbage", () => mesh.counters().cutOff),
    counter("peers_foreign_total", "Peers of other networks, disconnected", () => mesh.counters().foreign),
    counter("peers_crowded_out_total", "Connections refused: too many", () => mesh.counters().crowdedOut),
    gauge("routing_table_peers", "Peers in Kademlia's table", () => mesh.counters().tablePeers),
    gauge("clock_offset_seconds", "How far peers' clocks are ahead of this one's, the median", offsetSec),
    by(
      "kind",
      gauge("records", "Live records in the replica", () => replica.counts()),
    ),
    gauge("sync_in_sync", "1 when the replica equalled those of the peers that were asked", isInSync),
    by("kind", gauge("sync_differing_records", "Records that differ from a peer's", differing)),
    gauge("sync_behind_seconds", "Age of the oldest change that is missing here", behindSec),
    counter("sync_sessions_total", "Reconciliations begun", () => replica.syncCounters().sessions),
    counter("sync_equal_total", "Those that found nothing to do", () => replica.syncCounters().equal),
    by("reason", counter("sync_failures_total", "Those that failed", syncFailures)),
    counter(
      "sync_applied_total",
      "Records that reconciliation brought",
      () => replica.syncCounters().applied,
    ),
    by(
      "status",
      gauge("hosted_nodes", "Nodes that this one vouches for", () => hosted?.counts),
    ),
    by("state", gauge("tasks", "This gateway's tasks under way", tasksByState)),
    by(
      "state",
      counter("tasks_ended_total", "This gateway's tasks that ended", () => gateway?.tasks.endedCounts),
    ),
    by("event", counter("federation_total", "Tasks shared with other gateways", federated)),
    by(
      "round",
      counter(
        "rounds_reached_total",
        "Co-sign rounds with their signatures",
        () => cosigner?.counts().reached,
      ),
    ),
    by(
      "round",
      counter("rounds_not_reached_total", "Co-sign rounds without", () => cosigner?.counts().notReached),
    ),
    gauge(
      "chain_connected",
      "1 while the chain node answers",
      () => chain && Number(chain.status().connected),
    ),
    gauge("chain_block", "Newest block seen", () => chain?.status().blockNumber),
    counter("storage_transactions_total", "Transactions written", () => store.counts().transactions),
    counter("storage_syncs_total", "Syncs of the disk, one per group", () => store.counts().groups),
    counter("storage_failures_total", "Transactions that failed", () => store.counts().failures),
    ...calls.metrics(),
    gauge(
      "access_file_valid",
      "0 while the access file has a mistake and older rules hold",
      () => access && Number(access.isValid),
    ),
    by(
      "outcome",
      counter("access_file_edits_total", "Edits of the access file", () => access?.editCounts),
    ),
  ];
}
