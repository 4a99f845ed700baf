import { Command } from "commander";
import { registryService } from "../../wire/index.ts";
import { askAll } from "../ask.ts";
import { moment, tokens } from "../format.ts";
import { jsonOption, registryOption, withSignal } from "../options.ts";
import { printJson, printTable } from "../output.ts";

export function subnetsCommand(): Command {
  return new Command("subnets")
    .description("list the network's subnets")
    .addOption(registryOption())
    .addOption(jsonOption())
    .action((options: { registry: string; json?: boolean }) =>
      withSignal(options.json === true, async (signal) => {
        const subnets = await askAll(options.registry, registryService.ListSubnets, {}, signal);
        if (options.json === true) return printJson(subnets);
        printTable(
          ["SUBNET", "STATUS", "GATEWAY", "MODELS", "FEE", "SIGNED BY", "CREATED"],
          subnets.map((subnet) => [
            subnet.subnet_id.toString(),
            subnet.status,
            subnet.gateway_address,
            subnet.models.map((model) => model.model_uuid).join(","),
            tokens(subnet.network_fee_wei),
            String(subnet.validated_by.length),
            moment(subnet.created_at * 1000),
          ]),
        );
      }),
    );
}
