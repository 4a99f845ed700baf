// The whole check and the whole test suite. Arguments go to mocha: `npm test -- test/unit/base/queues.test.ts`.
// The last line is for programs: "N passed, N failed, N skipped", every step of the check counted as one.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleProgram } from "./bundle.mjs";
import { capture } from "./capture.ts";
import { check } from "./check.ts";
import type { Tally } from "./closing-line-reporter.ts";
import { compileContracts } from "./compile-contracts.ts";
import { supervise } from "./supervise.mjs";
import { batchesOf, lanes } from "./test-batches.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
// Also for mocha, as the command line has it: types are stripped and code is compiled once, not in every process.
process.env["NODE_COMPILE_CACHE"] ??= join(tmpdir(), "node-compile-cache");

interface Tested {
  readonly code: number;
  readonly tally: Tally;
}

/** Runs mocha; a run that breaks off before its end counts as a failure. */
async function runTests(
  asked: readonly string[],
  run: (command: string, args: readonly string[]) => Promise<number>,
): Promise<Tested> {
  const scratch = mkdtempSync(join(tmpdir(), "countersign-test-"));
  const file = join(scratch, "tally.json");
  try {
    // Not its bin, which would start this one and, told to end, leave it behind.
    const mocha = join(root, "node_modules/mocha/lib/cli/cli.js");
    const flags = [
      "--reporter",
      "scripts/closing-line-reporter.ts",
      "--reporter-option",
      `tally=${file}`,
      "--posix-exit-codes",
    ];
    const code = await run(process.execPath, [
      "--disable-warning=ExperimentalWarning",
      mocha,
      ...flags,
      ...asked,
    ]);
    return { code, tally: readTally(file, code) };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function readTally(file: string, code: number): Tally {
  try {
    const tally = JSON.parse(readFileSync(file, "utf8")) as Tally;
    return code !== 0 && tally.failed === 0 ? { ...tally, failed: 1 } : tally;
  } catch {
    process.stderr.write(`the tests broke off with exit code ${code}\n`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

const runSeen = (command: string, args: readonly string[]) => supervise(command, args, { cwd: root });

/** What it says comes as a whole when it has ended. */
async function runWhole(command: string, args: readonly string[]): Promise<number> {
  const colour = process.stdout.isTTY ? ["--color"] : [];
  const { code, output } = await capture(command, [...args, ...colour], { cwd: root });
  process.stdout.write(output);
  return code;
}

async function runEverything(): Promise<Tested> {
  const waiting = batchesOf(root);
  const ended: Tested[] = [];
  const lane = async () => {
    for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) {
      const tested = await runTests(batch, runWhole);
      ended.push(tested);
      // Interrupted: the batches that are left would only be in the way.
      if (tested.code > 128) waiting.length = 0;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  const sum = (figure: keyof Tally) => ended.reduce((total, { tally }) => total + tally[figure], 0);
  return {
    code: Math.max(...ended.map(({ code }) => code)),
    tally: { passed: sum("passed"), failed: sum("failed"), skipped: sum("skipped") },
  };
}

compileContracts();
bundleProgram();
const steps = await check();
const asked = process.argv.slice(2);
const tests = await (asked.length > 0 ? runTests(asked, runSeen) : runEverything());
const passed = tests.tally.passed + steps.passed.length;
const failed = tests.tally.failed + steps.failed.length;
for (const step of steps.failed) process.stderr.write(`failed: ${step}\n`);
process.stdout.write(`${passed} passed, ${failed} failed, ${tests.tally.skipped} skipped\n`);
process.exitCode = failed === 0 ? 0 : tests.code > 128 ? tests.code : 1;
