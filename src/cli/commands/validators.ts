import { Command } from "commander";
import { registryService } from "../../wire/index.ts";
import { askAll } from "../ask.ts";
import { moment, tokens } from "../format.ts";
import { jsonOption, limitOption, registryOption, withSignal } from "../options.ts";
import { printJson, printTable } from "../output.ts";

export function validatorsCommand(): Command {
  return new Command("validators")
    .description("list the network's validators with stake, state and reputation")
    .addOption(registryOption())
    .option("--active", "only those that may sign now")
    .addOption(limitOption())
    .addOption(jsonOption())
    .action((options: { registry: string; active?: boolean; limit: number; json?: boolean }) =>
      withSignal(options.json === true, async (signal) => {
        const filter = { active_only: options.active === true, limit: options.limit };
        const validators = await askAll(options.registry, registryService.ListValidators, filter, signal);
        if (options.json === true) return printJson(validators);
        printTable(
          ["VALIDATOR", "STATUS", "STAKE", "REPUTATION", "SIGNED", "FAILED", "NODE", "LAST SEEN"],
          validators.map((validator) => [
            validator.validator_address,
            validator.status,
            tokens(validator.stake_wei),
            String(validator.reputation),
            String(validator.validations_total),
            String(validator.validations_failed),
            validator.node_id,
            moment(validator.last_seen * 1000),
          ]),
        );
      }),
    );
}
