// Generated files, layer rule, dependencies, wording, types, lint and format. Everything runs, so that one call shows everything.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { supervise } from "./supervise.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const bin = (name: string) => join(root, "node_modules/.bin", name);
const program = (name: string, ...args: string[]) => [process.execPath, `scripts/${name}.ts`, ...args];

const steps: readonly { readonly name: string; readonly command: readonly string[] }[] = [
  { name: "generated wire code", command: program("generate-wire", "--check") },
  { name: "docs/errors.md", command: program("generate-errors-doc", "--check") },
  { name: "layers", command: program("check-layers") },
  { name: "dependencies", command: program("check-dependencies") },
  { name: "text of all files", command: program("check-text") },
  { name: "types", command: [bin("tsc"), "-p", "."] },
  { name: "lint and format", command: [bin("biome"), "check", "--error-on-warnings", "."] },
];

export interface CheckResult {
  readonly passed: readonly string[];
  readonly failed: readonly string[];
}

export async function check(): Promise<CheckResult> {
  const result: { passed: string[]; failed: string[] } = { passed: [], failed: [] };
  for (const { name, command } of steps) {
    const [executable = "", ...args] = command;
    const environment = { ...process.env, NODE_OPTIONS: "--disable-warning=ExperimentalWarning" };
    const code = await supervise(executable, args, { cwd: root, stdio: ["ignore", 2, 2], env: environment });
    // Interrupted: the steps that are left would only be in the way.
    if (code > 128) process.exit(code);
    (code === 0 ? result.passed : result.failed).push(name);
  }
  return result;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { passed, failed } = await check();
  for (const name of failed) process.stderr.write(`failed: ${name}\n`);
  process.stdout.write(`${passed.length} checks passed, ${failed.length} failed\n`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}
