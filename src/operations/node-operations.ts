import { type countersign, nodeService } from "../wire/index.ts";
import { each } from "./gateway-operations.ts";
import { type Operation, operation, rulesOf } from "./operation.ts";
import { requestChecks as checks } from "./requests.ts";

/** What a node can say of itself to its operator. */
export interface NodeReport {
  status(): Promise<countersign.v1.NodeStatus.$Properties>;
  tasks(filter: { status: string; limit: number }): Promise<countersign.v1.TaskSummary.$Properties[]>;
  /** Compares the replica with so many peers'. */
  sync(peers: number, signal: AbortSignal): Promise<countersign.v1.SyncStatus.$Properties>;
  /** Connected peers; with `all` also those that are not connected, and why. */
  peers(all: boolean): countersign.v1.PeerStatus.$Properties[];
}

const rules = rulesOf("node");

export function nodeOperations(report: NodeReport): Operation[] {
  return [
    operation(nodeService.GetNodeStatus, rules("open", "read"), checks.GetNodeStatus, () => report.status()),
    operation(nodeService.ListTasks, rules("open", "read"), checks.ListTasks, (filter) =>
      listTasks(report, filter),
    ),
    operation(
      nodeService.GetSyncStatus,
      rules("open", "read"),
      checks.GetSyncStatus,
      ({ peers }, { signal }) => report.sync(peers, signal),
    ),
    operation(nodeService.ListPeers, rules("open", "read"), checks.ListPeers, ({ all }) =>
      each(report.peers(all)),
    ),
  ];
}

async function* listTasks(report: NodeReport, filter: { status: string; limit: number }) {
  yield* each(await report.tasks(filter));
}
