// The whole check and the whole test suite. Arguments go to mocha: `npm test -- test/unit/base/queues.test.ts`.
// The last line is for programs: "N passed, N failed, N skipped", every step of the check counted as one.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { check } from "./check.ts";
import type { Tally } from "./closing-line-reporter.ts";
import { compileContracts } from "./compile-contracts.ts";
import { supervise } from "./supervise.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const everything = ["unit", "integration", "sim", "e2e", "chaos-net", "interop"].map(
  (kind) => `test/${kind}/**/*.test.ts`,
);

/** Runs mocha; a run that breaks off before its end counts as a failure. */
async function runTests(asked: readonly string[]): Promise<{ code: number; tally: Tally }> {
  const scratch = mkdtempSync(join(tmpdir(), "countersign-test-"));
  const file = join(scratch, "tally.json");
  try {
    const mocha = join(root, "node_modules/mocha/bin/mocha.js");
    const reporter = ["--reporter", "scripts/closing-line-reporter.ts", "--reporter-option", `tally=${file}`];
    const code = await supervise(process.execPath, [mocha, ...reporter, ...asked], { cwd: root });
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

compileContracts();
const steps = await check();
const asked = process.argv.slice(2);
const tests = await runTests(asked.length > 0 ? asked : everything);
const passed = tests.tally.passed + steps.passed.length;
const failed = tests.tally.failed + steps.failed.length;
for (const step of steps.failed) process.stderr.write(`failed: ${step}\n`);
process.stdout.write(`${passed} passed, ${failed} failed, ${tests.tally.skipped} skipped\n`);
process.exitCode = failed === 0 ? 0 : tests.code > 128 ? tests.code : 1;
