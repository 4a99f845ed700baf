// mocha's spec reporter, which also leaves its figures in a file for scripts/test.ts, and lets an interrupted run clean up.
import { writeFileSync } from "node:fs";
import mocha from "mocha";

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export default class ClosingLineReporter extends mocha.reporters.Spec {
  constructor(runner: mocha.Runner, options: mocha.MochaOptions) {
    super(runner, options);
    const file = (options.reporterOptions as { tally?: string } | undefined)?.tally;
    if (file === undefined) throw new TypeError("the reporter wants the option tally=FILE");
    // A process that ends by a signal would leave behind what its tests started: they end that at its exit.
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
      process.on(signal, (_: NodeJS.Signals, number: number) => process.exit(128 + number));
    runner.once("end", () => {
      const { passes, failures, pending } = this.stats;
      writeFileSync(
        file,
        JSON.stringify({ passed: passes, failed: failures, skipped: pending } satisfies Tally),
      );
    });
  }
}
