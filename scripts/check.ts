// Types, lint and format, layer rule, stale generated code. Everything runs, so that one call shows everything.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const bin = (name: string) => join(root, "node_modules/.bin", name);

const steps: [string, string[]][] = [
  [process.execPath, ["scripts/generate-wire.ts", "--check"]],
  [process.execPath, ["scripts/check-layers.ts"]],
  [bin("tsc"), ["-p", "."]],
  [bin("biome"), ["check", "--error-on-warnings", "."]],
];

export function check(): boolean {
  let isGreen = true;
  for (const [command, args] of steps) {
    if (command === process.execPath && !existsSync(join(root, args[0] ?? ""))) throw new Error(`${args[0]} is missing`);
    const done = spawnSync(command, args, { cwd: root, stdio: "inherit" });
    if (done.status !== 0) {
      isGreen = false;
      process.stderr.write(`failed: ${command} ${args.join(" ")}\n`);
    }
  }
  return isGreen;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = check() ? 0 : 1;
