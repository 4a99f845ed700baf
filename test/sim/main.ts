import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Outcome } from "./run-scenario.ts";

// npm run chaos -- SCENARIO [--seed N] [--seeds N] [--nodes N] [--json] [--verbose] [--list]

const fewestNodes = 6;
const mostNodes = 100;

class UsageError extends Error {}

interface Asked {
  readonly name: string | undefined;
  readonly seed: number;
  readonly seeds: number;
  readonly nodes: number;
  readonly isJson: boolean;
  readonly isVerbose: boolean;
  readonly isList: boolean;
}

function read(args: readonly string[]): Asked {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      seed: { type: "string", default: "1" },
      seeds: { type: "string", default: "1" },
      nodes: { type: "string", default: "10" },
      json: { type: "boolean", default: false },
      verbose: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
    },
  });
  const wholeNumber = (name: "seed" | "seeds" | "nodes", low: number, high: number): number => {
    const number = Number(values[name]);
    if (/^\d{1,9}$/.test(values[name]) && number >= low && number <= high) return number;
    throw new UsageError(`--${name}: "${values[name]}" is no whole number from ${low} to ${high}`);
  };
  if (positionals.length > 1) throw new UsageError(`one scenario at a time, not ${positionals.join(", ")}`);
  return {
    name: positionals[0],
    seed: wholeNumber("seed", 0, 999_999_999),
    seeds: wholeNumber("seeds", 1, 100_000),
    nodes: wholeNumber("nodes", fewestNodes, mostNodes),
    isJson: values.json,
    isVerbose: values.verbose,
    isList: values.list,
  };
}

async function main(args: readonly string[]): Promise<void> {
  const asked = read(args);
  const { scenarios } = await import("./scenarios/index.ts");
  if (asked.isList) {
    for (const { name, about } of scenarios) process.stdout.write(`${name.padEnd(20)} ${about}\n`);
    return;
  }
  const scenario = scenarios.find(({ name }) => name === asked.name);
  if (scenario === undefined) {
    const names = scenarios.map(({ name }) => name).join(", ");
    throw new UsageError(
      `${asked.name === undefined ? "name a scenario" : `no scenario "${asked.name}"`}: ${names}`,
    );
  }
  if (asked.seeds > 1) return runMany(scenario.name, asked);
  const { runScenario } = await import("./run-scenario.ts");
  const outcome = await runScenario(scenario, {
    seed: asked.seed,
    nodes: asked.nodes,
    say: asked.isVerbose ? (line) => process.stderr.write(`${line}\n`) : undefined,
  });
  report(outcome, asked.isJson);
  // What killed nodes left unfinished would keep the process.
  process.exit(outcome.failure === undefined ? 0 : 1);
}

function report(outcome: Outcome, isJson: boolean): void {
  if (isJson) process.stdout.write(`${JSON.stringify(outcome)}\n`);
  const { scenario, seed, nodes, failure, figures, virtualSec, cpuSec } = outcome;
  const run = `${scenario} --seed ${seed} --nodes ${nodes}`;
  if (failure === undefined) {
    const shown = Object.entries(figures ?? {}).map(([name, value]) => `${name} ${value}`);
    if (!isJson) process.stdout.write(`ok    ${run}: ${virtualSec} s in ${cpuSec} s; ${shown.join(", ")}\n`);
    return;
  }
  const text = [...failure.events, "", `FAILED ${run}: ${failure.invariant}`, failure.message, ""].join("\n");
  process.stderr.write(text);
}

/** Each seed in a process of its own, so that none can touch another. */
async function runMany(name: string, { seed, seeds, nodes, isJson, isVerbose }: Asked): Promise<void> {
  const failed: number[] = [];
  for (let next = seed; next < seed + seeds; next++) {
    const args = ["--disable-warning=ExperimentalWarning", fileURLToPath(import.meta.url), name];
    const flags = [...(isJson ? ["--json"] : []), ...(isVerbose ? ["--verbose"] : [])];
    const child = spawn(process.execPath, [...args, "--seed", `${next}`, "--nodes", `${nodes}`, ...flags], {
      stdio: ["ignore", "inherit", "inherit"],
    });
    const code = await new Promise((resolve) => child.once("exit", resolve));
    if (code !== 0) failed.push(next);
  }
  process.stderr.write(
    failed.length === 0
      ? `${seeds} seeds hold\n`
      : `${failed.length} of ${seeds} seeds fail: ${failed.join(", ")}\n`,
  );
  process.exitCode = failed.length === 0 ? 0 : 1;
}

// Ends by `exit`, so that disks and chain go with the process.
for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)
  process.once(signal, () => process.exit(code));

try {
  await main(process.argv.slice(2));
} catch (error) {
  const isUsage =
    error instanceof UsageError || (error as { code?: string }).code?.startsWith("ERR_PARSE_ARGS");
  process.stderr.write(`${isUsage ? (error as Error).message : ((error as Error).stack ?? String(error))}\n`);
  process.exit(isUsage ? 2 : 1);
}
