import { Command, Option } from "commander";
import { nodeService } from "../../wire/index.ts";
import { ask } from "../ask.ts";
import { moment } from "../format.ts";
import { jsonOption, withSignal } from "../options.ts";
import { printJson, printTable } from "../output.ts";

export function statusCommand(): Command {
  return new Command("status")
    .description("show how a node is: its network, peers, records, tasks and chain")
    .addOption(
      new Option("--node <host:port>", "either gRPC address of the node (example: --node 127.0.0.1:50050)")
        .env("COUNTERSIGN_NODE_ADDRESS")
        .default("127.0.0.1:50051"),
    )
    .addOption(jsonOption())
    .action((options: { node: string; json?: boolean }) =>
      withSignal(options.json === true, async (signal) => {
        const status = await ask(options.node, nodeService.GetNodeStatus, {}, signal);
        if (options.json === true) return printJson(status);
        const counts = (map: Readonly<Record<string, number>>) =>
          Object.entries(map)
            .map(([name, count]) => `${name} ${count}`)
            .join(", ") || "none";
        const chain = status.chain;
        printTable(
          ["WHAT", "VALUE"],
          [
            ["node", status.node_id],
            ["roles", status.roles.join(", ")],
            ["network", status.network],
            ["wallet", status.wallet_address],
            ["peer id", status.peer_id],
            ["version", status.software_version],
            ["running since", moment(status.started_at_ms)],
            ["listening", status.listen_addresses.join(" ")],
            ["peers", String(status.connected_peers)],
            ["topics", status.topics.map((one) => `${one.topic} ${one.mesh}/${one.subscribers}`).join(", ")],
            ["records", counts(status.records)],
            ["tasks", counts(status.tasks)],
            [
              "co-signing",
              `${status.validators_required} of ${status.validators_asked}, ${status.validators_active} validators active`,
            ],
            [
              "chain",
              chain == null
                ? "none"
                : `${chain.connected === true ? "connected" : "NOT CONNECTED"}, id ${chain.chain_id}, block ${chain.block_number}`,
            ],
            ...status.warnings.map((warning) => ["warning", warning]),
          ],
        );
      }),
    );
}
