import { Command, Option } from "commander";
import { jsonOption, withSignal } from "../options.ts";
import { note, printJson } from "../output.ts";
import { version } from "../program.ts";

export function nodeCommand(): Command {
  return new Command("node")
    .description("run a node until Ctrl-C")
    .addOption(
      new Option("--config <file>", "its configuration (example: --config my-node/config.yaml)")
        .env("COUNTERSIGN_CONFIG_FILE")
        .default("config.yaml"),
    )
    .addOption(
      new Option(
        "--set <key=value...>",
        "set a key of the configuration (example: --set log_level=debug mesh.wanted_peers=8)",
      ).default([]),
    )
    .addOption(jsonOption())
    .action((options: { config: string; set: string[]; json?: boolean }) =>
      withSignal(options.json === true, async (signal) => {
        const { loadConfig, startNode } = await import("../../node/index.ts");
        const loaded = loadConfig(options.config, process.env, options.set);
        const node = await startNode({ ...loaded, version: version(), environment: process.env, signal });
        // A supervisor that started this process by fork is told, and the node ends with it.
        process.send?.({ ready: node.endpoints });
        const orphaned = new Promise<void>((resolve) => process.once("disconnect", resolve));
        if (options.json === true) printJson(node.endpoints);
        else
          note(
            `ready: ${Object.entries(node.endpoints)
              .map(([name, value]) => `${name} ${value}`)
              .join(", ")}`,
          );
        await Promise.race([
          orphaned,
          new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true })),
        ]);
        await node.stop();
        if (process.connected) process.disconnect();
      }),
    );
}
