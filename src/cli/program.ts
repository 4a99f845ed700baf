import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { depositCommand } from "./commands/deposit.ts";
import { devnetCommand } from "./commands/devnet.ts";
import { guardCommand } from "./commands/guard.ts";
import { inferCommand } from "./commands/infer.ts";
import { initCommand } from "./commands/init.ts";
import { keysCommand } from "./commands/keys.ts";
import { modelsCommand } from "./commands/models.ts";
import { nodeCommand } from "./commands/node.ts";
import { nodesCommand } from "./commands/nodes.ts";
import { peersCommand } from "./commands/peers.ts";
import { stakeCommand } from "./commands/stake.ts";
import { statusCommand } from "./commands/status.ts";
import { subnetsCommand } from "./commands/subnets.ts";
import { syncCommand } from "./commands/sync.ts";
import { tasksCommand } from "./commands/tasks.ts";
import { validatorsCommand } from "./commands/validators.ts";
import { verifyCommand } from "./commands/verify.ts";
import { exitCodes, fail } from "./output.ts";

const commands = [
  devnetCommand,
  initCommand,
  nodeCommand,
  inferCommand,
  verifyCommand,
  statusCommand,
  syncCommand,
  peersCommand,
  nodesCommand,
  modelsCommand,
  subnetsCommand,
  validatorsCommand,
  tasksCommand,
  guardCommand,
  stakeCommand,
  keysCommand,
  depositCommand,
];

/** The version in package.json, which lies two folders up in a checkout and three in the published package. */
export function version(): string {
  for (const path of ["../../package.json", "../../../package.json"]) {
    try {
      return (JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8")) as { version: string })
        .version;
    } catch {
      // The other place, then.
    }
  }
  return "unknown";
}

/** Runs one command line. Sets the process's exit code; never throws. */
export async function run(argv: readonly string[]): Promise<void> {
  const program = new Command("countersign")
    .description("A peer-to-peer node for inference that is co-signed, paid and provable.")
    .version(version())
    .showHelpAfterError("(add --help for what is allowed)")
    .exitOverride();
  for (const command of commands)
    program.addCommand(command().exitOverride().showHelpAfterError("(add --help for what is allowed)"));
  try {
    await program.parseAsync(argv);
  } catch (error) {
    // An option's value that its own parser refused.
    if (!(error instanceof CommanderError)) return fail(error, argv.includes("--json"));
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  }
}
