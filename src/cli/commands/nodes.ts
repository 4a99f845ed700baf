import { Command, Option } from "commander";
import { registryService } from "../../wire/index.ts";
import { askAll } from "../ask.ts";
import { moment, short } from "../format.ts";
import { jsonOption, limitOption, registryOption, withSignal } from "../options.ts";
import { printJson, printTable } from "../output.ts";

interface Options {
  registry: string;
  json?: boolean;
  type?: string;
  model?: string;
  capability?: string[];
  all?: boolean;
  limit: number;
}

export function nodesCommand(): Command {
  return new Command("nodes")
    .description("list the network's nodes, nearest first")
    .addOption(registryOption())
    .addOption(new Option("--type <type>", "only nodes of this type (example: --type compute)"))
    .addOption(new Option("--model <uuid>", "only nodes that serve this model (example: --model tiny-text)"))
    .addOption(
      new Option("--capability <name...>", "only nodes with all of these (example: --capability gpu)"),
    )
    .option("--all", "offline nodes too")
    .addOption(limitOption())
    .addOption(jsonOption())
    .action((options: Options) =>
      withSignal(options.json === true, async (signal) => {
        const filter = {
          node_type: options.type ?? null,
          model_uuid: options.model ?? null,
          capabilities: options.capability ?? [],
          include_offline: options.all === true,
          limit: options.limit,
        };
        const nodes = await askAll(options.registry, registryService.DiscoverNodes, filter, signal);
        if (options.json === true) return printJson(nodes);
        printTable(
          ["NODE", "TYPE", "STATUS", "ADDRESS", "WALLET", "MODELS", "LAST SEEN"],
          nodes.map((node) => [
            short(node.node_id),
            node.node_type,
            node.status ?? "",
            `${node.ip_address}:${node.port}`,
            node.wallet_address,
            node.supported_models.map((model) => model.model_uuid).join(","),
            moment(node.last_heartbeat * 1000),
          ]),
        );
      }),
    );
}
