import { type countersign, nodeService } from "../wire/index.ts";
import { each } from "./gateway-operations.ts";
import { type Operation, operation } from "./operation.ts";
import { requestChecks as checks } from "./requests.ts";

/** What a node can say of itself to its operator. */
export interface NodeReport {
  status(): Promise<countersign.v1.NodeStatus.$Properties>;
  tasks(filter: { status: string; limit: number }): Promise<countersign.v1.TaskSummary.$Properties[]>;
}

export function nodeOperations(report: NodeReport): Operation[] {
  return [
    operation(nodeService.GetNodeStatus, "open", checks.GetNodeStatus, () => report.status()),
    operation(nodeService.ListTasks, "open", checks.ListTasks, (filter) => listTasks(report, filter)),
  ];
}

async function* listTasks(report: NodeReport, filter: { status: string; limit: number }) {
  yield* each(await report.tasks(filter));
}
