// mocha's spec reporter, which also leaves its figures in a file for scripts/test.ts.
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
    runner.once("end", () => {
      const { passes, failures, pending } = this.stats;
      writeFileSync(
        file,
        JSON.stringify({ passed: passes, failed: failures, skipped: pending } satisfies Tally),
      );
    });
  }
}
