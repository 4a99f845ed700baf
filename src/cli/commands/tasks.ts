import { Command, Option } from "commander";
import { type countersign, nodeService } from "../../wire/index.ts";
import { askAll } from "../ask.ts";
import { moment, short, tokens } from "../format.ts";
import { gatewayOption, jsonOption, limitOption, withSignal } from "../options.ts";
import { printJson, printTable } from "../output.ts";

/** The other gateway that has to do with a task: whose client asked, or whose node runs it. */
function otherGateway({ for_gateway, at_gateway }: countersign.v1.TaskSummary): string {
  if (for_gateway !== "") return `for ${short(for_gateway)}`;
  return at_gateway === "" ? "" : `at ${short(at_gateway)}`;
}

export function tasksCommand(): Command {
  return new Command("tasks")
    .description("list a gateway's tasks, newest first")
    .addOption(gatewayOption())
    .addOption(
      new Option("--status <status>", "only tasks of this status (example: --status failed)").choices([
        "queued",
        "processing",
        "completed",
        "failed",
      ]),
    )
    .addOption(limitOption())
    .addOption(jsonOption())
    .action((options: { gateway: string; status?: string; limit: number; json?: boolean }) =>
      withSignal(options.json === true, async (signal) => {
        const filter = { status: options.status ?? "", limit: options.limit };
        const tasks = await askAll(options.gateway, nodeService.ListTasks, filter, signal);
        if (options.json === true) return printJson(tasks);
        printTable(
          ["REQUEST", "STATUS", "STATE", "MODEL", "NODE", "GATEWAY", "PRICE", "CREATED", "ERROR"],
          tasks.map((task) => [
            task.request_id,
            task.status,
            task.state,
            task.model_uuid,
            short(task.compute_node_id),
            otherGateway(task),
            tokens(task.price_wei),
            moment(task.created_at_ms),
            short(task.error, 60),
          ]),
        );
      }),
    );
}
