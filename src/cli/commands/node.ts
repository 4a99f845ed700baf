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
    .action(async (options: { config: string; set: string[]; json?: boolean }) => {
      await withSignal(options.json === true, async (signal) => {
        const { loadConfig, startNode } = await import("../../node/index.ts");
        const loaded = loadConfig(options.config, process.env, options.set);
        // A supervisor that started this process by fork is told, and the node ends with it, also while it starts.
        const orphaned = new AbortController();
        process.once("disconnect", () => orphaned.abort(new DOMException("the parent ended", "AbortError")));
        const ending = AbortSignal.any([signal, orphaned.signal]);
        const node = await startNode({
          ...loaded,
          version: version(),
          environment: process.env,
          signal: ending,
        });
        if (process.connected) process.send?.({ ready: node.endpoints });
        if (options.json === true) printJson(node.endpoints);
        else
          note(
            `ready: ${Object.entries(node.endpoints)
              .map(([name, value]) => `${name} ${value}`)
              .join(", ")}`,
          );
        if (!ending.aborted) {
          await new Promise<void>((resolve) =>
            ending.addEventListener("abort", () => resolve(), { once: true }),
          );
        }
        await node.stop();
      });
      // Everything has stopped; only libp2p's timers would hold the process for another two seconds.
      process.exit();
    });
}
