import { createReadStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Command, Option } from "commander";
import { networkId, systemClock } from "../../base/index.ts";
import { jsonOption, withSignal } from "../options.ts";
import { note, printJson } from "../output.ts";

const configOption = () =>
  new Option("--config <file>", "the validator's configuration (example: --config my-node/config.yaml)")
    .env("COUNTERSIGN_CONFIG_FILE")
    .default("config.yaml");

export function guardCommand(): Command {
  return new Command("guard")
    .description("move what a validator has signed to another machine, so that it never signs twice")
    .addCommand(
      new Command("export")
        .description(
          "write every signature's subject as JSON lines to standard output; the node must not run",
        )
        .addOption(configOption())
        .action((options: { config: string }) =>
          withSignal(false, () =>
            withGuard(options.config, async ({ store, owner }) => {
              const { exportGuard } = await import("../../cosign/index.ts");
              for await (const line of exportGuard(store, owner)) process.stdout.write(line);
            }),
          ),
        ),
    )
    .addCommand(
      new Command("import")
        .description("take in an export; the node must not run")
        .argument("<file>", "what `guard export` wrote (example: guard.jsonl)")
        .addOption(configOption())
        .addOption(jsonOption())
        .action((file: string, options: { config: string; json?: boolean }) =>
          withSignal(options.json === true, () =>
            withGuard(options.config, async ({ store, owner }) => {
              const { importGuard } = await import("../../cosign/index.ts");
              const open = () =>
                createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
              const result = await importGuard(store, owner, open);
              if (options.json === true) return printJson(result);
              note(`${result.rows} signatures read, ${result.added} new, ${result.conflicts} in conflict`);
            }),
          ),
        ),
    );
}

type Opened = {
  store: import("../../storage/index.ts").Store;
  owner: { network: string; validator: string };
};

async function withGuard(config: string, work: (opened: Opened) => Promise<void>): Promise<void> {
  const { databaseFile, loadConfig, migrations, openWallet } = await import("../../node/index.ts");
  const { lockDataFolder, openStore } = await import("../../storage/index.ts");
  const loaded = loadConfig(config, process.env, []);
  const { signer } = await openWallet(loaded.config.wallet, process.env, systemClock);
  const lock = lockDataFolder(loaded.config.data_dir);
  const store = await openStore({ path: join(loaded.config.data_dir, databaseFile), migrations });
  try {
    await work({ store, owner: { network: networkId(loaded.genesis), validator: signer.address } });
  } finally {
    await store.close();
    lock.release();
  }
}
