// Generated files, layer rule, dependencies, wording, types, lint and format. Everything runs, so that one call shows
// everything, and at the same time, since no step needs another.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { capture } from "./capture.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const bin = (name: string) => join(root, "node_modules/.bin", name);
const program = (name: string, ...args: string[]) => [process.execPath, `scripts/${name}.ts`, ...args];

interface Step {
  readonly name: string;
  readonly command: readonly string[];
}

const steps: readonly Step[] = [
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
  const codes = await Promise.all(steps.map(run));
  const interrupted = codes.find((code) => code > 128);
  if (interrupted !== undefined) process.exit(interrupted);
  const namesWhere = (hasPassed: boolean) =>
    steps.filter((_, index) => (codes[index] === 0) === hasPassed).map(({ name }) => name);
  return { passed: namesWhere(true), failed: namesWhere(false) };
}

async function run({ command }: Step): Promise<number> {
  const [executable = "", ...args] = command;
  const env = { ...process.env, NODE_OPTIONS: "--disable-warning=ExperimentalWarning" };
  const { code, output } = await capture(executable, args, { cwd: root, env });
  process.stderr.write(output);
  return code;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { passed, failed } = await check();
  for (const name of failed) process.stderr.write(`failed: ${name}\n`);
  process.stdout.write(`${passed.length} checks passed, ${failed.length} failed\n`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}
