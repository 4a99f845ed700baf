import { Command } from "commander";
import { gatewayClientService } from "../../wire/index.ts";
import { askAll } from "../ask.ts";
import { tokens } from "../format.ts";
import { gatewayOption, jsonOption, withSignal } from "../options.ts";
import { printJson, printTable } from "../output.ts";

export function modelsCommand(): Command {
  return new Command("models")
    .description("list the models that a gateway can serve now")
    .addOption(gatewayOption())
    .addOption(jsonOption())
    .action((options: { gateway: string; json?: boolean }) =>
      withSignal(options.json === true, async (signal) => {
        const models = await askAll(options.gateway, gatewayClientService.GetSupportedModels, {}, signal);
        if (options.json === true) return printJson(models);
        printTable(
          ["MODEL", "NAME", "CATEGORY", "NODES", "FROM PRICE", "MAX TOKENS"],
          models.map((model) => [
            model.model_uuid,
            model.name,
            model.category,
            String(model.available_nodes),
            tokens(model.min_price_wei),
            String(model.max_tokens),
          ]),
        );
      }),
    );
}
